package store

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sihctl/sih"
)

// groups are the parts of the schema's document, in order.
var groups = []sih.Group{sih.Identity, sih.Organisation, sih.Clinical, sih.Money, sih.Ledger}

const markdownHead = `# The unified schema

This page is written from the declarations in the root package; ` + "`go test ./load/store -update`" + ` writes it again.

| kind | holds | on SQLite | on PostgreSQL | on MySQL | on SQL Server |
|---|---|---|---|---|---|
| id | 26 characters of base 32, derived from source, table, key and slot | TEXT | varchar(26) | char(26), ASCII | char(26), ASCII |
| code | a code of at most 64 characters; the list is given where it is closed | TEXT, with a CHECK for a closed list | varchar(64), with a CHECK for a closed list | varchar(64), with a CHECK for a closed list | nvarchar(64), with a CHECK for a closed list |
| str(n) | text of at most n characters | TEXT | varchar(n) | varchar(n) | nvarchar(n) |
| text | text | TEXT | text | longtext | nvarchar(max) |
| date | a day | TEXT, ` + "`YYYY-MM-DD`" + ` | date | date | date |
| ts | a moment, UTC, to the millisecond | TEXT, ` + "`YYYY-MM-DDTHH:MM:SS.sssZ`" + ` | timestamptz(3) | datetime(3) | datetime2(3) |
| pdate | a date of which some part may not be known | three columns: first day, last day (` + "`_to`" + `), precision (` + "`_prec`" + `: day, month, year, range) | three columns, of which the precision is varchar(64) | three columns, of which the precision is varchar(64) | three columns, of which the precision is nvarchar(64) |
| num | a decimal of 18 digits, four of them after the point | ANY: INTEGER where whole, REAL where it has at most 15 significant digits, which REAL gives back exactly, TEXT otherwise | numeric(18,4) | decimal(18,4) | decimal(18,4) |
| money | an amount in centimes | INTEGER | bigint | bigint | bigint |
| int | a whole number | INTEGER | bigint | bigint | bigint |
| bool | true or false | INTEGER, 1 or 0 | boolean | boolean | bit |

On PostgreSQL every text has the collation ` + "`C`" + `, on MySQL ` + "`utf8mb4_0900_bin`" + `, which is ` + "`utf8mb4_nopad_bin`" + ` on MariaDB: all engines give keys in one order. On SQL Server it is ` + "`Latin1_General_BIN2`" + `, which orders by the letters' UTF-16; it has texts equal that differ in blanks at their end, so that a part of a key which ends in a blank has the noncharacter U+FDD0 after it there. MySQL does not declare the references: it would keep an index for each.

` + "`row_hash`" + ` is the first half of a SHA-256, written like an id, over the canonical texts of the columns that it covers, in their order: each led by its length in bytes plus one, as an unsigned varint (LEB128), and NULL as a single zero. A column that a later version of the schema has brought comes after the others, behind its name, and only where it is filled: what a row of before says stays the same. The canonical text of a bool is true or false, of a num its shortest decimal, of a pdate ` + "`YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `FIRST/LAST`" + `.

In the tables below: **\*** required, **→** reference (→? one that is emptied where it points at nothing), **~** not covered by row_hash, **⏱** tells when the program ran.
`

const viewsHead = `
## Views

What applications ask again and again. Rows that have vanished from their source are in none of them. ` + "`sihctl schema ddl`" + ` prints what each one asks.

| view | holds |
|---|---|
`

const versionsHead = `
## Versions

A store says in ` + "`schema_version`" + ` which versions its schema has had. One that an older sihctl has made is brought to the latest when it is opened for loading, or by ` + "`sihctl schema upgrade`" + `; no row is written for it. A newer one is refused.

| version | brought |
|---|---|
`

// WriteMarkdown writes docs/schema.md: every table, column, code list, index
// and FHIR element, from the declarations.
func WriteMarkdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString(markdownHead)
	for _, g := range groups {
		fmt.Fprintf(b, "\n## %s\n", g)
		for _, t := range sih.Tables {
			if t.Group == g {
				writeTable(b, t)
			}
		}
	}
	writeTable(b, versionTable)
	b.WriteString(viewsHead)
	for _, v := range views {
		fmt.Fprintf(b, "| `%s` | %s |\n", v.Name, cell(v.Doc))
	}
	b.WriteString(versionsHead)
	for i, v := range History {
		fmt.Fprintf(b, "| %d | %s |\n", i+1, cell(v.Doc))
	}
	return b.Flush()
}

func writeTable(b *bufio.Writer, t *sih.Table) {
	fmt.Fprintf(b, "\n### %s\n\n%s", t.Name, t.Doc)
	if t.FHIR != "" {
		fmt.Fprintf(b, " FHIR: %s.", t.FHIR)
	}
	fmt.Fprintf(b, "\n\nKey: `%s`.", strings.Join(t.Key, ", "))
	for i, columns := range t.Index {
		if i == 0 {
			b.WriteString(" Indexes: ")
		} else {
			b.WriteString("; ")
		}
		fmt.Fprintf(b, "`%s`", strings.Join(columns, ", "))
	}
	if len(t.Index) > 0 {
		b.WriteString(".")
	}
	b.WriteString("\n\n| column | kind | | holds | FHIR |\n|---|---|---|---|---|\n")
	for i := range t.Columns {
		c := &t.Columns[i]
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", c.Name, kindText(c), marks(c), cell(holds(c)), cell(c.FHIR))
	}
}

func kindText(c *sih.Column) string {
	if c.Kind == sih.KindStr {
		return fmt.Sprintf("str(%d)", c.Size)
	}
	return c.Kind.String()
}

// marks shows a column's properties as the page's head explains them.
func marks(c *sih.Column) string {
	var list []string
	if c.NotNull {
		list = append(list, `\*`)
	}
	switch {
	case c.Soft:
		list = append(list, "→? "+c.Ref)
	case c.Ref != "":
		list = append(list, "→ "+c.Ref)
	}
	switch {
	case c.Clock:
		list = append(list, "⏱")
	case c.Volatile:
		list = append(list, "~")
	}
	return strings.Join(list, " ")
}

func holds(c *sih.Column) string {
	if len(c.Codes) == 0 {
		return c.Doc
	}
	return c.Doc + " `" + strings.Join(c.Codes, "` `") + "`"
}

// cell keeps a text within its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
