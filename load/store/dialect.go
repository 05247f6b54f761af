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
	// References says where references are declared.
	References ReferenceClause
	// Comments has tables and columns bear their documentation.
	Comments bool
	// Prefix is SQL for the beginning of a date or a time as ISO writes it,
	// with %[1]s for the column, which may be NULL, and %[2]d for the number of
	// characters: 4 the year, 7 the month, 10 the day, 13 the hour, of UTC.
	Prefix string
}

// ReferenceClause says where references are declared.
type ReferenceClause int

const (
	// WithTable declares them with the column.
	WithTable ReferenceClause = iota
	// Apart declares them in statements of their own. Some engines check each
	// row's at once where they are declared with the table, and so refuse rows
	// that come before what they point at.
	Apart
	// Undeclared leaves them out. InnoDB keeps an index for every one that is
	// declared, which would be four times as many as the schema has; Finish
	// checks them all the same.
	Undeclared
)

// ISO returns SQL for the first n characters of a date or time column: 4, 7,
// 10 or 13.
func (d *Dialect) ISO(column string, n int) string { return fmt.Sprintf(d.Prefix, column, n) }

// Dialects lists the dialects that the schema can be printed in.
var Dialects = []*Dialect{SQLite, Postgres, MySQL}

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
	Bool:     "%s IN (0, 1)",
	TableEnd: " STRICT",
	Prefix:   "substr(%[1]s, 1, %[2]d)",
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
	Prefix:     `left(to_char(%[1]s, 'YYYY-MM-DD"T"HH24'), %[2]d)`,
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
	Comments:   true,
	Prefix:     `left(date_format(%[1]s, '%%Y-%%m-%%dT%%H'), %[2]d)`,
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
