package tdstest

import (
	"fmt"
	"regexp"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sihctl/sih"
)

// foreignWords are those that SQLite knows and SQL Server does not.
var foreignWords = regexp.MustCompile(`(?i)\|\||::|\bLIMIT\b|\bsubstr\(|\btrue\b|\bfalse\b|\bIF NOT EXISTS\b|\bON CONFLICT\b|\bRETURNING\b|\bstrftime\(|\bgroup by \d|\bIS DISTINCT\b|\?`)

var (
	texts           = regexp.MustCompile(`'(?:[^']|'')*'`)
	wideText        = regexp.MustCompile(`\bN'`)
	tableName       = regexp.MustCompile(tablePattern)
	bracketed       = regexp.MustCompile(namePattern)
	bracedTemporary = regexp.MustCompile(`\[(#\w+)\]`)
	temporary       = regexp.MustCompile(`#(\w+)`)
	iso126          = regexp.MustCompile(`(?i)convert\(varchar\(23\), ((?:[^()]|\([^()]*\))*), 126\)`)
	asMoment        = regexp.MustCompile(`CAST\(([\w.]+) AS datetime2\(3\)\)`)
	leftmost        = regexp.MustCompile(`(?i)\bleft\(`)
	topN            = regexp.MustCompile(`^SELECT TOP (\d+) `)
	updateJoin      = regexp.MustCompile(`^UPDATE t SET (.*) FROM (\S+|"[^"]+") AS t JOIN (\S+) AS s ON (.*?) WHERE (.*)$`)
	changed         = regexp.MustCompile(`^(?:INSERT INTO|DELETE FROM|UPDATE) "([^"]+)"`)
)

// translate says in SQLite's words what a statement says in T-SQL's.
func translate(text string) (string, error) {
	if m := foreignWords.FindString(texts.ReplaceAllString(text, "''")); m != "" {
		return "", &refusal{102, "Incorrect syntax near '" + m + "'"}
	}
	text = wideText.ReplaceAllString(text, "'")
	text = bracedTemporary.ReplaceAllString(text, "$1")
	text = tableName.ReplaceAllString(text, `"$1.$2$3"`)
	text = bracketed.ReplaceAllString(text, `"$1"`)
	text = temporary.ReplaceAllString(text, `temp."#$1"`)
	text = strings.NewReplacer("sys.schemas", "sys_schemas", "sys.objects", "sys_objects", "sys.indexes", "sys_indexes", "sys.foreign_keys", "sys_foreign_keys",
		"COUNT_BIG(", "COUNT(", "decimal(", "decimaltext(", "nvarchar(max)", "nvarchar(0)").Replace(text)
	text = iso126.ReplaceAllString(text, "iso126($1)")
	text = asMoment.ReplaceAllString(text, "midnight($1)")
	text = leftmost.ReplaceAllString(text, "leftmost(")
	if m := topN.FindStringSubmatch(text); m != nil {
		text = "SELECT " + text[len(m[0]):] + " LIMIT " + m[1]
	}
	text = updateJoin.ReplaceAllString(text, "UPDATE $2 AS t SET $1 FROM $3 AS s WHERE ($4) AND ($5)")
	if strings.HasPrefix(text, "ALTER TABLE ") {
		text = strings.Replace(text, " ADD ", " ADD COLUMN ", 1)
	}
	return text, nil
}

// execute runs a statement.
func (s *session) execute(text string, args []any) (out outcome, err error) {
	text, err = translate(text)
	if err != nil {
		return out, err
	}
	defer sqlitex.Save(s.conn)(&err) // a statement is whole or not at all
	stmt, trailing, err := s.conn.PrepareTransient(text)
	if err != nil {
		return out, err
	}
	defer stmt.Finalize()
	if strings.TrimSpace(text[len(text)-trailing:]) != "" {
		return out, &refusal{102, "more than one statement"}
	}
	for i, a := range args {
		name := fmt.Sprintf("@p%d", i+1)
		switch a := a.(type) {
		case nil:
			stmt.SetNull(name)
		case string:
			stmt.SetText(name, a)
		case int64:
			stmt.SetInt64(name, a)
		case bool:
			stmt.SetBool(name, a)
		}
	}
	if stmt.ColumnCount() == 0 {
		if _, err := stmt.Step(); err != nil {
			return out, err
		}
		out.count, out.counted = s.conn.Changes(), true
		return out, s.referencesHold(text)
	}
	return s.collect(stmt)
}

// referencesHold looks whether the references of what was written to do.
func (s *session) referencesHold(text string) error {
	m := changed.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	type reference struct{ child, column, parent string }
	var list []reference
	err := s.ask(fmt.Sprintf(`SELECT child, child_column, parent FROM "sys references" WHERE child = %[1]s OR parent = %[1]s`, quoted(m[1])), func(stmt *sqlite.Stmt) {
		list = append(list, reference{stmt.ColumnText(0), stmt.ColumnText(1), stmt.ColumnText(2)})
	})
	for _, r := range list {
		if err == nil {
			err = s.holds(r.child, r.column, r.parent)
		}
	}
	return err
}

// collect reads a result, with the types that the server would give its
// columns: those of tables as they are declared, others by what they hold.
func (s *session) collect(stmt *sqlite.Stmt) (out outcome, err error) {
	known := map[string][]field{}
	out.columns = make([]result, stmt.ColumnCount())
	guessed := make([]bool, len(out.columns))
	for i := range out.columns {
		c := &out.columns[i]
		c.name, c.nullable = stmt.ColumnName(i), true
		guessed[i] = true
		table := stmt.ColumnTableName(i)
		if table == "" || strings.HasPrefix(table, "sys ") || table == "sqlite_schema" { // the catalogue's own
			continue
		}
		if known[table] == nil {
			if known[table], err = s.fields(table); err != nil {
				return out, err
			}
		}
		for _, f := range known[table] {
			if f.name == c.name {
				c.typ, guessed[i] = f.typ, false
			}
		}
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			return out, err
		}
		if !more {
			break
		}
		row := make([]Value, len(out.columns))
		for i := range row {
			if stmt.ColumnType(i) == sqlite.TypeNull {
				row[i] = Value{Raw: sih.Raw{Null: true}}
				continue
			}
			row[i] = textValue(stmt.ColumnText(i))
			if guessed[i] {
				out.columns[i].typ = guess(out.columns[i].typ, stmt.ColumnType(i), row[i].Text)
			}
		}
		out.rows = append(out.rows, row)
	}
	for i := range out.columns {
		if len(out.columns[i].name) > 128 { // SQLite calls it by its expression
			out.columns[i].name = ""
		}
		if out.columns[i].typ.name == "" {
			out.columns[i].typ = sqlType{name: "nvarchar", n: -1}
		}
	}
	return out, nil
}

var moment = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$`)

// guess is the type of an expression's column that held a type before and now a
// value.
func guess(before sqlType, kind sqlite.ColumnType, text string) sqlType {
	now := sqlType{name: "nvarchar", n: -1}
	switch {
	case kind == sqlite.TypeInteger:
		now = sqlType{name: "bigint", fixedSize: 8}
	case kind == sqlite.TypeFloat:
		now = sqlType{name: "float", fixedSize: 8}
	case moment.MatchString(text):
		now = sqlType{name: "datetime2", scale: 3}
	}
	if before.name != "" && before != now {
		return sqlType{name: "nvarchar", n: -1}
	}
	return now
}
