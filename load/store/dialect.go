package store

import (
	"fmt"

	"github.com/sihctl/sih"
)

// Dialect is what sets one engine's declarations apart from another's.
type Dialect struct {
	Name string
	// Types names the column type of each kind; a %d in it stands for the
	// greatest length in characters.
	Types map[sih.Kind]string
	// Bool is the check that a boolean column needs, with %s for its name, or
	// empty where the engine has booleans.
	Bool string
	// TableEnd follows a table's closing bracket.
	TableEnd string
	// References says where references are declared, Comments where tables and
	// columns get their documentation.
	References, Comments Clause
	// comment is the statement that gives a table, or a column of it, its
	// documentation, where that is apart.
	comment func(table, column, doc string) string
	// CommentHead goes before such statements.
	CommentHead string
	// Separator stands between statements that a tool of the engine's runs.
	Separator string
	// AddColumn are the words by which a table gets another column.
	AddColumn string
	// True is the true of a boolean column.
	True string
	// Moment is how a moment, UTC, is written in a statement, as the package
	// time says it.
	Moment string
	// Midnight is SQL for the moment at which a day begins, with %s for its
	// column, which may be NULL.
	Midnight string
	// Prefix is SQL for the beginning of a date or a time as ISO writes it,
	// with %[1]s for the column, which may be NULL, and %[2]d for the number of
	// characters: 4 the year, 7 the month, 10 the day, 13 the hour, of UTC.
	Prefix string
}

// Clause says where something is declared.
type Clause int

const (
	// WithTable declares it with the column.
	WithTable Clause = iota
	// Apart declares it in statements of its own. Some engines check each row's
	// references at once where they are declared with the table, and so refuse
	// rows that come before what they point at.
	Apart
	// Undeclared leaves it out. InnoDB keeps an index for every reference that
	// is declared, which would be four times as many as the schema has; Finish
	// checks them all the same.
	Undeclared
)

// isoMoment is the Moment of all dialects that have a type for it.
const isoMoment = "2006-01-02 15:04:05.000"

// ISO returns SQL for the first n characters of a date or time column: 4, 7,
// 10 or 13.
func (d *Dialect) ISO(column string, n int) string { return fmt.Sprintf(d.Prefix, column, n) }

// Dialects lists the dialects that the schema can be printed in.
var Dialects = []*Dialect{SQLite, Postgres, MySQL, SQLServer}

// SQLite declares strict tables: a column takes its type and no other.
//
// A num is ANY, held as SQLite's own arithmetic likes it: a whole number as
// INTEGER; another of at most 15 significant digits as REAL, which every such
// decimal survives, so that it prints, compares and reads back as written; any
// other, of 16 to 18 digits, as TEXT. Comparisons and SUM work without a CAST
// on all that a hospital measures. All of it as TEXT would be exact too, but
// value_num > 10 would compare letters, and nobody would notice. Amounts are
// whole centimes: their sums are exact.
var SQLite = &Dialect{
	Name: "sqlite",
	Types: map[sih.Kind]string{
		sih.KindID:    "TEXT",
		sih.KindCode:  "TEXT",
		sih.KindStr:   "TEXT",
		sih.KindText:  "TEXT",
		sih.KindDate:  "TEXT",
		sih.KindTS:    "TEXT",
		sih.KindNum:   "ANY",
		sih.KindMoney: "INTEGER",
		sih.KindInt:   "INTEGER",
		sih.KindBool:  "INTEGER",
	},
	Bool:      "%s IN (0, 1)",
	TableEnd:  " STRICT",
	Comments:  Undeclared,
	Separator: ";\n\n",
	AddColumn: "ADD COLUMN",
	True:      "1",
	Moment:    "2006-01-02T15:04:05.000Z",
	Midnight:  "%s || 'T00:00:00.000Z'",
	Prefix:    "substr(%[1]s, 1, %[2]d)",
}

// Postgres sorts every text by its bytes, as SQLite does: keys come in one order
// from all engines, whatever locale the database has, and an index never has to
// be made anew because a library's rules have changed. A moment is kept to the
// millisecond; a num exactly. PostgreSQL has no character U+0000: in its place
// stands the noncharacter U+FDD0, which no text of a person's has.
var Postgres = &Dialect{
	Name: "postgres",
	Types: map[sih.Kind]string{
		sih.KindID:    `varchar(26) COLLATE "C"`,
		sih.KindCode:  `varchar(64) COLLATE "C"`,
		sih.KindStr:   `varchar(%d) COLLATE "C"`,
		sih.KindText:  `text COLLATE "C"`,
		sih.KindDate:  "date",
		sih.KindTS:    "timestamptz(3)",
		sih.KindNum:   "numeric(18,4)",
		sih.KindMoney: "bigint",
		sih.KindInt:   "bigint",
		sih.KindBool:  "boolean",
	},
	References: Apart,
	Comments:   Apart,
	comment: func(table, column, doc string) string {
		if column == "" {
			return fmt.Sprintf("COMMENT ON TABLE %s IS %s", table, quote(doc))
		}
		return fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", table, column, quote(doc))
	},
	Separator: ";\n\n",
	AddColumn: "ADD COLUMN",
	True:      "true",
	Moment:    isoMoment,
	Midnight:  "%s::timestamp AT TIME ZONE 'UTC'",
	Prefix:    `left(to_char(%[1]s, 'YYYY-MM-DD"T"HH24'), %[2]d)`,
}

// MySQL sorts texts by their bytes, to the last blank: each kind of server has
// its own name for that, and skips what is not meant for it; one that is older
// than both refuses the statement. Ids are ASCII, of one width, which makes
// their indexes small and quick. A moment is UTC, whatever zone a session has.
var MySQL = &Dialect{
	Name: "mysql",
	Types: map[sih.Kind]string{
		sih.KindID:    "char(26) CHARACTER SET ascii COLLATE ascii_bin",
		sih.KindCode:  "varchar(64)",
		sih.KindStr:   "varchar(%d)",
		sih.KindText:  "longtext",
		sih.KindDate:  "date",
		sih.KindTS:    "datetime(3)",
		sih.KindNum:   "decimal(18,4)",
		sih.KindMoney: "bigint",
		sih.KindInt:   "bigint",
		sih.KindBool:  "boolean",
	},
	Bool:       "%s IN (0, 1)",
	TableEnd:   " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE /*!80017 utf8mb4_0900_bin */ /*M! utf8mb4_nopad_bin */",
	References: Undeclared,
	Comments:   WithTable,
	Separator:  ";\n\n",
	AddColumn:  "ADD COLUMN",
	True:       "1",
	Moment:     isoMoment,
	Midnight:   "CAST(%s AS datetime(3))",
	Prefix:     `left(date_format(%[1]s, '%%Y-%%m-%%dT%%H'), %[2]d)`,
}

// SQLServer holds every text as nvarchar, whatever letters a database's own code
// page has, and compares it by its UTF-16, so that no two keys are one but
// those that differ in blanks at the end, which the standard has equal. Ids are
// ASCII, of one width. A moment is UTC.
var SQLServer = &Dialect{
	Name: "sqlserver",
	Types: map[sih.Kind]string{
		sih.KindID:    "char(26) COLLATE Latin1_General_BIN2",
		sih.KindCode:  "nvarchar(64) COLLATE Latin1_General_BIN2",
		sih.KindStr:   "nvarchar(%d) COLLATE Latin1_General_BIN2",
		sih.KindText:  "nvarchar(max) COLLATE Latin1_General_BIN2",
		sih.KindDate:  "date",
		sih.KindTS:    "datetime2(3)",
		sih.KindNum:   "decimal(18,4)",
		sih.KindMoney: "bigint",
		sih.KindInt:   "bigint",
		sih.KindBool:  "bit",
	},
	References: Apart,
	Comments:   Apart,
	// The words are the table's extended property MS_Description, which is
	// where the tools of SQL Server look for them.
	comment: func(table, column, doc string) string {
		s := "EXEC sys.sp_addextendedproperty N'MS_Description', N" + quote(doc) + ", N'SCHEMA', @schema, N'TABLE', N'" + table + "'"
		if column != "" {
			return s + ", N'COLUMN', N'" + column + "'"
		}
		return s
	},
	CommentHead: "DECLARE @schema sysname = SCHEMA_NAME();\n",
	Separator:   "\nGO\n\n",
	AddColumn:   "ADD",
	True:        "1",
	Moment:      isoMoment,
	Midnight:    "CAST(%s AS datetime2(3))",
	Prefix:      "left(convert(varchar(23), %[1]s, 126), %[2]d)",
}

// columnType returns the type of a column of kind k and greatest length size.
func (d *Dialect) columnType(k sih.Kind, size int) string {
	t := d.Types[k]
	for i := 0; i+1 < len(t); i++ {
		if t[i] == '%' {
			return fmt.Sprintf(t, size)
		}
	}
	return t
}
