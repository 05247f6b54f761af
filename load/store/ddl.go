package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sihctl/sih"
)

// DDL returns the statements that create every unified table with its comments,
// then its indexes and, where they are apart, its references, then the views,
// without semicolons, in an order in which they can be run.
func DDL(d *Dialect) []string { return SchemaAt(Latest()).DDL(d) }

// DDL is the package's DDL for one version of the schema.
func (s Schema) DDL(d *Dialect) (list []string) {
	for _, t := range s.Tables {
		list = append(list, createTable(d, t))
	}
	for _, t := range s.Tables {
		if s.worded {
			list = append(list, commentDDL(d, t)...)
		}
	}
	for _, t := range s.Tables {
		list = append(list, indexDDL(t, nil)...)
	}
	if d.References == Apart {
		for _, r := range s.references() {
			list = append(list, r.DDL())
		}
	}
	return append(list, s.ViewDDL(d)...)
}

// CreateDDL returns the statements that a new store begins with: its tables
// with their comments, and its views. Indexes and references come when it has
// rows, which is faster.
func (s Schema) CreateDDL(d *Dialect) (list []string) {
	for _, t := range s.Tables {
		list = append(list, createTable(d, t))
		if s.worded {
			list = append(list, commentDDL(d, t)...)
		}
	}
	return append(list, s.ViewDDL(d)...)
}

// Reference is a column that points at another table.
type Reference struct{ Table, Column, Target string }

// References lists those of the schema, in its order.
func References() []Reference { return Schema{Tables: sih.Tables}.references() }

func (s Schema) references() (list []Reference) {
	for _, t := range s.Tables {
		for _, c := range t.Columns {
			if c.Ref != "" {
				list = append(list, Reference{t.Name, c.Name, c.Ref})
			}
		}
	}
	return list
}

// Name is the name of the reference's constraint.
func (r Reference) Name() string { return r.Table + "_" + r.Column }

// DDL is the statement that declares the reference.
func (r Reference) DDL() string {
	return fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (id)", r.Table, r.Name(), r.Column, r.Target)
}

// IndexDDL returns the statements that create the indexes beside the primary
// keys. They are apart because a first load is faster without them.
func IndexDDL() (list []string) {
	for _, t := range sih.Tables {
		list = append(list, indexDDL(t, nil)...)
	}
	return list
}

// indexDDL returns those of one table, all or some.
func indexDDL(t *sih.Table, which func(columns []string) bool) (list []string) {
	for _, columns := range t.Index {
		if which == nil || which(columns) {
			list = append(list, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", IndexName(t, columns), t.Name, strings.Join(columns, ", ")))
		}
	}
	return list
}

// IndexName returns the name of a table's index over the given columns.
func IndexName(t *sih.Table, columns []string) string {
	return t.Name + "_by_" + strings.Join(columns, "_")
}

// Fingerprint is a positive number that changes whenever the tables that d
// declares do; words about a column change nothing of them.
func (s Schema) Fingerprint(d *Dialect) int32 {
	plain := *d
	plain.Comments = Undeclared
	s.views = nil
	sum := sha256.Sum256([]byte(strings.Join(s.DDL(&plain), ";\n")))
	return int32(binary.BigEndian.Uint32(sum[:4])>>1 | 1)
}

// datePrecisions are the words of a partial date's precision; an unknown one
// is NULL as a whole.
var datePrecisions = []string{sih.Day.String(), sih.Month.String(), sih.Year.String(), sih.Range.String()}

func createTable(d *Dialect, t *sih.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n", t.Name)
	for _, p := range t.Physical() {
		b.WriteString("  " + declaration(d, &t.Columns[p.Column], p) + ",\n")
	}
	fmt.Fprintf(&b, "  PRIMARY KEY (%s)\n)%s", strings.Join(t.Key, ", "), d.TableEnd)
	if d.Comments == WithTable {
		b.WriteString(" COMMENT=" + quote(t.Doc))
	}
	return b.String()
}

// declaration declares a column as a database has it.
func declaration(d *Dialect, c *sih.Column, p sih.Physical) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", p.Name, d.columnType(p.Kind, p.Size))
	if p.NotNull {
		b.WriteString(" NOT NULL")
	}
	if d.Comments == WithTable && c.Doc != "" && p.Name == c.Name {
		b.WriteString(" COMMENT " + quote(c.Doc))
	}
	switch {
	case c.Kind == sih.KindPDate && p.Kind == sih.KindCode:
		check(&b, p.Name, datePrecisions)
	case len(c.Codes) > 0:
		check(&b, p.Name, c.Codes)
	case p.Kind == sih.KindBool && d.Bool != "":
		fmt.Fprintf(&b, " CHECK ("+d.Bool+")", p.Name)
	}
	if c.Ref != "" && d.References == WithTable {
		fmt.Fprintf(&b, " REFERENCES %s (id)", c.Ref)
	}
	return b.String()
}

// commentDDL are the statements that give a table and its columns their
// comments, where these are apart.
func commentDDL(d *Dialect, t *sih.Table) (list []string) {
	if d.Comments != Apart {
		return nil
	}
	list = append(list, d.comment(t.Name, "", t.Doc))
	for _, c := range t.Columns {
		if c.Doc != "" {
			list = append(list, d.comment(t.Name, c.Name, c.Doc))
		}
	}
	return []string{d.CommentHead + strings.Join(list, ";\n")} // one message of the server's
}

// quote writes a text of ours, which holds no backslash, between quotation marks.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// check writes that the column holds one of the codes, which are ours and hold
// no quotation marks.
func check(b *strings.Builder, column string, codes []string) {
	fmt.Fprintf(b, " CHECK (%s IN ('%s'))", column, strings.Join(codes, "', '"))
}
