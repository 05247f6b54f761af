package simulate

import (
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// Layout is the illustrative layout of one legacy system. The vendors' own
// layouts are not public: these have the naming, types, code lists, date
// styles and habits of each kind of system, and nothing of a real product.
type Layout struct {
	Source sih.SourceID
	Title  string // the system in a sentence
	Driver string // mysql, sqlserver, csv, xlsx
	Notes  string // habits that hold for all tables
	Tables []*Table
}

// Table is one table, file or sheet of a layout.
type Table struct {
	Name    string
	Doc     string
	Columns []Column
	// Key names the columns that identify a row; empty where the source
	// declares none.
	Key []string
}

// Column is one column of a legacy table.
type Column struct {
	Name     string
	Type     string // the source's own SQL type; text for files
	Nullable bool
	Doc      string // what it holds, its codes, its date format
}

// Extract returns the table as a reader of the source would list it.
func (t *Table) Extract() extract.Table {
	out := extract.Table{Name: t.Name, Key: t.Key, Columns: make([]extract.Column, len(t.Columns))}
	for i, c := range t.Columns {
		out.Columns[i] = extract.Column{Name: c.Name, Type: c.Type, Nullable: c.Nullable}
	}
	return out
}

// Layouts returns the layouts of all systems, in the order in which a region's
// sources are listed everywhere else.
func Layouts() []Layout {
	return []Layout{enovaLayout(), hosixLayout(), dedalusLayout(), bilmedLayout(), esspLayout()}
}

// Markdown describes the layout for whoever maps it.
func (l Layout) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + string(l.Source) + "\n\n" + l.Title + " Illustrative: not the vendor's own layout.\n\n" + l.Notes + "\n")
	for _, t := range l.Tables {
		b.WriteString("\n## " + t.Name + "\n\n" + t.Doc)
		if len(t.Key) > 0 {
			b.WriteString(" Key: " + strings.Join(t.Key, ", ") + ".")
		} else {
			b.WriteString(" No key.")
		}
		b.WriteString("\n\n| column | type | null | holds |\n|---|---|---|---|\n")
		for _, c := range t.Columns {
			null := ""
			if c.Nullable {
				null = "yes"
			}
			b.WriteString("| " + c.Name + " | " + c.Type + " | " + null + " | " + strings.ReplaceAll(c.Doc, "|", "\\|") + " |\n")
		}
	}
	return b.String()
}

// The words in which the files beside this one declare layouts.

// table declares a table; its key is a list of column names, by commas.
func table(name, key, doc string, cols ...Column) *Table {
	t := &Table{Name: name, Doc: doc, Columns: cols}
	if key != "" {
		t.Key = strings.Split(key, ",")
	}
	return t
}

// need declares a column that is never NULL.
func need(name, typ, doc string) Column { return Column{Name: name, Type: typ, Doc: doc} }

// may declares a column that may be NULL.
func may(name, typ, doc string) Column {
	return Column{Name: name, Type: typ, Nullable: true, Doc: doc}
}

// cell declares a column of a file or sheet, where everything is text and
// nothing is NULL: what is missing is empty.
func cell(name, doc string) Column { return Column{Name: name, Type: "text", Doc: doc} }
