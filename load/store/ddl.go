package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/sihctl/sih"
)

// DDL returns the statements that create every unified table, then its indexes
// and, where they are apart, its references, without semicolons, in an order in
// which they can be run.
func DDL(d *Dialect) []string {
	list := append(TableDDL(d), IndexDDL(d)...)
	if d.References == Apart {
		for _, r := range References() {
			list = append(list, r.DDL())
		}
	}
	return list
}

// Reference is a column that points at another table.
type Reference struct{ Table, Column, Target string }

// References lists those of the schema, in its order.
func References() (list []Reference) {
	for _, t := range sih.Tables {
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

// TableDDL returns the statements that create the tables.
func TableDDL(d *Dialect) []string {
	list := make([]string, len(sih.Tables))
	for i, t := range sih.Tables {
		list[i] = createTable(d, t)
	}
	return list
}

// IndexDDL returns the statements that create the indexes beside the primary
// keys. They are apart because a first load is faster without them.
func IndexDDL(_ *Dialect) []string {
	var list []string
	for _, t := range sih.Tables {
		for _, columns := range t.Index {
			list = append(list, fmt.Sprintf("CREATE INDEX %s ON %s (%s)", IndexName(t, columns), t.Name, strings.Join(columns, ", ")))
		}
	}
	return list
}

// IndexName returns the name of a table's index over the given columns.
func IndexName(t *sih.Table, columns []string) string {
	return t.Name + "_by_" + strings.Join(columns, "_")
}

// Fingerprint is a positive number that changes whenever the schema that d
// declares does.
func Fingerprint(d *Dialect) int32 {
	plain := *d
	plain.Comments = false // words about a column change nothing of it
	sum := sha256.Sum256([]byte(strings.Join(DDL(&plain), ";\n")))
	return int32(binary.BigEndian.Uint32(sum[:4])>>1 | 1)
}

// datePrecisions are the words of a partial date's precision; an unknown one
// is NULL as a whole.
var datePrecisions = []string{sih.Day.String(), sih.Month.String(), sih.Year.String(), sih.Range.String()}

func createTable(d *Dialect, t *sih.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n", t.Name)
	for _, p := range t.Physical() {
		c := t.Columns[p.Column]
		fmt.Fprintf(&b, "  %s %s", p.Name, d.columnType(p.Kind, p.Size))
		if p.NotNull {
			b.WriteString(" NOT NULL")
		}
		if d.Comments && c.Doc != "" && p.Name == c.Name {
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
		b.WriteString(",\n")
	}
	fmt.Fprintf(&b, "  PRIMARY KEY (%s)\n)%s", strings.Join(t.Key, ", "), d.TableEnd)
	if d.Comments {
		b.WriteString(" COMMENT=" + quote(t.Doc))
	}
	return b.String()
}

// quote writes a text of ours, which holds no backslash, between quotation marks.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// check writes that the column holds one of the codes, which are ours and hold
// no quotation marks.
func check(b *strings.Builder, column string, codes []string) {
	fmt.Fprintf(b, " CHECK (%s IN ('%s'))", column, strings.Join(codes, "', '"))
}
