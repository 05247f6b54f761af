package tdstest

import (
	"fmt"
	"regexp"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const namePattern = `\[((?:[^\]]|\]\])+)\]`
const tablePattern = namePattern + `\.(?:` + namePattern + `|(\w+))`

var (
	createSchema   = regexp.MustCompile(`^CREATE SCHEMA ` + namePattern + `$`)
	transfer       = regexp.MustCompile(`^ALTER SCHEMA ` + namePattern + ` TRANSFER ` + tablePattern + `$`)
	addReference   = regexp.MustCompile(`^ALTER TABLE ` + tablePattern + ` WITH CHECK ADD CONSTRAINT (\w+) FOREIGN KEY \((\w+)\) REFERENCES ` + tablePattern + ` \(id\)$`)
	dropConstraint = regexp.MustCompile(`^ALTER TABLE ` + tablePattern + ` DROP CONSTRAINT (?:` + namePattern + `|(\w+))$`)
	createIndex    = regexp.MustCompile(`^CREATE INDEX (\w+) ON ` + tablePattern + ` `)
	dropTable      = regexp.MustCompile(`^DROP TABLE ` + tablePattern + `$`)
	selectInto     = regexp.MustCompile(`^SELECT TOP 0 ([\w, ]+) INTO (#\w+) FROM ` + tablePattern + `$`)
	property       = regexp.MustCompile(`EXEC sys\.sp_addextendedproperty N'MS_Description', N'((?:[^']|'')*)', N'SCHEMA', @schema, N'TABLE', N'(\w+)'(?:, N'COLUMN', N'(\w+)')?`)
	propertySchema = regexp.MustCompile(`^DECLARE @schema sysname = N'((?:[^']|'')*)';`)
)

// define carries out a statement that changes what there is, where it is not
// one that SQLite knows as it stands.
func (h *store) define(s *session, text string) (done bool, err error) {
	run := func(format string, args ...any) (bool, error) {
		return true, sqlitex.ExecuteScript(s.conn, fmt.Sprintf(format, args...), nil)
	}
	if m := createSchema.FindStringSubmatch(text); m != nil {
		return run(`INSERT INTO "sys schemas" (name) VALUES (%s)`, quoted(m[1]))
	}
	if m := transfer.FindStringSubmatch(text); m != nil {
		from, to := m[2]+"."+m[3]+m[4], m[1]+"."+m[3]+m[4]
		return run(`ALTER TABLE "%s" RENAME TO "%s"; UPDATE "sys references" SET child = %[4]s WHERE child = %[3]s; UPDATE "sys references" SET parent = %[4]s WHERE parent = %[3]s; UPDATE "sys properties" SET relation = %[4]s WHERE relation = %[3]s`,
			from, to, quoted(from), quoted(to))
	}
	if m := addReference.FindStringSubmatch(text); m != nil {
		child, parent := m[1]+"."+m[2]+m[3], m[6]+"."+m[7]+m[8]
		if err := s.holds(child, m[5], parent); err != nil {
			return true, err
		}
		return run(`INSERT INTO "sys references" VALUES ('%s', '%s', '%s', '%s')`, m[4], child, m[5], parent)
	}
	if m := dropConstraint.FindStringSubmatch(text); m != nil {
		_, err := run(`DELETE FROM "sys references" WHERE child = '%s' AND name = '%s'`, m[1]+"."+m[2]+m[3], m[4]+m[5])
		if err == nil && s.conn.Changes() == 0 {
			err = &refusal{3728, "there is no such constraint"}
		}
		return true, err
	}
	if m := dropTable.FindStringSubmatch(text); m != nil {
		name := m[1] + "." + m[2] + m[3]
		n := 0
		err := s.ask(fmt.Sprintf(`SELECT count(*) FROM "sys references" WHERE parent = '%s' AND child <> parent`, name), func(stmt *sqlite.Stmt) { n = stmt.ColumnInt(0) })
		if err == nil && n > 0 {
			err = &refusal{3726, "the table is referenced by a foreign key"}
		}
		if err != nil {
			return true, err
		}
		return run(`DELETE FROM "sys references" WHERE child = '%[1]s'; DELETE FROM "sys properties" WHERE relation = '%[1]s'; DROP TABLE "%[1]s"`, name)
	}
	if m := createIndex.FindStringSubmatch(text); m != nil {
		h.mu.Lock()
		h.last++
		n := h.last
		h.mu.Unlock()
		// An index's name is its table's alone.
		return run(`CREATE INDEX "%d.%s" ON "%s" %s`, n, m[1], m[2]+"."+m[3]+m[4], text[len(m[0]):])
	}
	if m := selectInto.FindStringSubmatch(text); m != nil {
		return true, s.selectInto(m[2], m[3]+"."+m[4]+m[5], strings.Split(m[1], ", "))
	}
	return false, nil
}

func quoted(text string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, "]]", "]"), "'", "''") + "'"
}

// ask steps through a result of SQLite's.
func (s *session) ask(query string, each func(*sqlite.Stmt)) error {
	return sqlitex.ExecuteTransient(s.conn, query, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error { each(stmt); return nil }})
}

// holds tells whether every row of child points at one of parent.
func (s *session) holds(child, column, parent string) error {
	n := 0
	err := s.ask(fmt.Sprintf(`SELECT count(*) FROM "%s" c WHERE c.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "%s" p WHERE p.id = c.%[2]s)`, child, column, parent), func(stmt *sqlite.Stmt) { n = stmt.ColumnInt(0) })
	if err == nil && n > 0 {
		err = &refusal{547, "the statement conflicted with a FOREIGN KEY constraint"}
	}
	return err
}

// field is a column as it was declared.
type field struct {
	name     string
	typ      sqlType
	declared string
	required bool
}

// fields lists the columns of a table, by SQLite's name for it.
func (s *session) fields(table string) (list []field, err error) {
	in := "main"
	if strings.HasPrefix(table, "#") {
		in = "temp"
	}
	var wrong error
	err = s.ask(fmt.Sprintf(`SELECT name, type, "notnull" FROM pragma_table_info('%s', '%s')`, table, in), func(stmt *sqlite.Stmt) {
		f := field{name: stmt.ColumnText(0), declared: stmt.ColumnText(1), required: stmt.ColumnInt(2) != 0}
		text := strings.NewReplacer("decimaltext", "decimal", "nvarchar(0)", "nvarchar(max)").Replace(f.declared)
		if f.typ, wrong = parseType(text, 0); wrong == nil {
			list = append(list, f)
		}
	})
	if err == nil {
		err = wrong
	}
	return list, err
}

// selectInto makes a temporary table of some of a table's columns.
func (s *session) selectInto(name, from string, columns []string) error {
	fields, err := s.fields(from)
	if err != nil {
		return err
	}
	var list []string
	for _, c := range columns {
		for _, f := range fields {
			if f.name != c {
				continue
			}
			d := c + " " + f.declared
			if strings.Contains(f.declared, "char") {
				d += " COLLATE Latin1_General_BIN2"
			}
			if f.required {
				d += " NOT NULL"
			}
			list = append(list, d)
		}
	}
	if len(list) != len(columns) {
		return &refusal{207, "a column that is not there"}
	}
	return sqlitex.ExecuteTransient(s.conn, `CREATE TEMP TABLE "`+name+`" (`+strings.Join(list, ", ")+")", nil)
}

// comment notes the words about tables and columns, which have to be there.
func (s *session) comment(text string) error {
	head := propertySchema.FindStringSubmatch(text)
	if head == nil {
		return &refusal{137, "@schema is not declared"}
	}
	all := property.FindAllStringSubmatch(text, -1)
	if len(all) != strings.Count(text, "sp_addextendedproperty") {
		return &refusal{102, "a property that is not known here"}
	}
	known := map[string][]field{}
	for _, m := range all {
		relation := head[1] + "." + m[2]
		fields, ok := known[relation]
		if !ok {
			var err error
			if fields, err = s.fields(relation); err != nil {
				return err
			}
			known[relation] = fields
		}
		there := len(fields) > 0 && m[3] == ""
		for _, f := range fields {
			there = there || f.name == m[3]
		}
		if !there {
			return &refusal{15135, "there is nothing to describe"}
		}
		if err := sqlitex.Execute(s.conn, `INSERT INTO "sys properties" VALUES (?, ?, ?)`, &sqlitex.ExecOptions{Args: []any{relation, m[3], strings.ReplaceAll(m[1], "''", "'")}}); err != nil {
			return err
		}
	}
	return nil
}
