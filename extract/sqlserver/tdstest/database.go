package tdstest

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

// Database is what a server holds.
type Database struct {
	Name string
	// User and Password are the login that is taken.
	User, Password string
	// Snapshot says that the database allows snapshot isolation.
	Snapshot bool
	// TLS is how the server encrypts; nil for not at all. TLS 1.3 is not known
	// to TDS 7.4, and session tickets would be sent where they are in the way.
	TLS *tls.Config
	// Demand says that it takes encrypted connections only.
	Demand bool
	Tables []Table

	// Version is that of the server; empty for 2008 R2's, 10.50.6000.34.
	Version string
	// State is the database's, such as RESTORING; empty for ONLINE. In another
	// nobody can use it, and who has NoUser cannot either.
	State               string
	NoUser              bool
	ReadOnly, AutoClose bool
	// Replica says that it is the readable one of an availability group.
	Replica bool
	// Rights are those that the login has beyond reading, or roles: sysadmin,
	// CONTROL SERVER, db_owner, db_ddladmin, db_securityadmin, db_datawriter,
	// CONTROL, ALTER, INSERT, UPDATE, DELETE, EXECUTE.
	Rights []string
	// Refuse is the number of the error that each login is answered with.
	Refuse int
	// Remember keeps each row as it was sent, for measuring a reader rather
	// than the server.
	Remember bool
}

// Table is a table, with its rows in the order of its key or unique index.
type Table struct {
	Schema, Name string
	Columns      []Column
	// Key is the primary key, or empty. Unique are the columns of a unique
	// index, which may take NULL; it is there only where there is no key.
	Key, Unique []string
	// Heap says that the index lies beside the table, which has no order.
	Heap bool
	// InMemory says that no statement of snapshot isolation may read it.
	InMemory bool
	// Rows hold the canonical texts of docs/formats.md.
	Rows [][]Value
	// Rights are those that the login has on this table alone: INSERT, UPDATE,
	// DELETE, ALTER; or -SELECT, which it lacks.
	Rights []string
}

// index returns the columns by which the rows are ordered.
func (t *Table) index() []string {
	if len(t.Key) > 0 {
		return t.Key
	}
	return t.Unique
}

// Column is a column of a table.
type Column struct {
	Name string
	// Type is as T-SQL declares it, such as nvarchar(40).
	Type     string
	Nullable bool
	// Page is the code page of char, varchar and text; 0 stands for 1252.
	Page int
	// Denied says that the login may not read it, Sealed that its application
	// encrypts it: it is then a varbinary.
	Denied, Sealed bool
}

// Value is a field. Base is the type of a sql_variant's value, and empty in
// every other column.
type Value struct {
	sih.Raw
	Base string
}

// Values returns a row of a table without a sql_variant.
func Values(row []sih.Raw) []Value {
	out := make([]Value, len(row))
	for i, r := range row {
		out[i].Raw = r
	}
	return out
}

// sqlType is a type taken apart.
type sqlType struct {
	name      string
	n         int // length in characters or bytes as declared, or precision; -1 for max
	scale     int
	page      int
	fixedSize int // bytes of a type of one size
}

var fixedSizes = map[string]int{
	"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8, "bit": 1, "real": 4, "float": 8, "smallmoney": 4, "money": 8,
	"smalldatetime": 4, "datetime": 8, "uniqueidentifier": 16, "date": 3, "timestamp": 8,
}

func parseType(s string, page int) (sqlType, error) {
	name, rest, _ := strings.Cut(s, "(")
	t := sqlType{name: strings.TrimSpace(name), page: page, fixedSize: fixedSizes[name]}
	if t.page == 0 {
		t.page = 1252
	}
	n, scale, two := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
	var err error
	if n == "max" {
		t.n = -1
	} else if n != "" {
		if t.n, err = strconv.Atoi(n); err != nil {
			return t, fmt.Errorf("type %s: %w", s, err)
		}
	}
	if two {
		if t.scale, err = strconv.Atoi(strings.TrimSpace(scale)); err != nil {
			return t, fmt.Errorf("type %s: %w", s, err)
		}
	}
	switch t.name {
	case "time", "datetime2", "datetimeoffset":
		t.scale, t.n = t.n, 0
	}
	return t, nil
}

// length returns max_length as sys.columns has it.
func (t sqlType) length() int {
	switch t.name {
	case "nchar", "nvarchar":
		if t.n > 0 {
			return 2 * t.n
		}
		return -1
	case "char", "varchar", "binary", "varbinary":
		return t.n
	case "text", "ntext", "image":
		return 16
	case "xml":
		return -1
	case "sql_variant":
		return 8016
	case "decimal", "numeric":
		return t.decimalSize()
	case "time", "datetime2", "datetimeoffset":
		return t.timeSize()
	}
	return t.fixedSize
}

// precision returns the precision as sys.columns has it, of those types whose
// text says one.
func (t sqlType) precision() int {
	if t.name == "decimal" || t.name == "numeric" {
		return t.n
	}
	return 0
}

// decimalSize returns the bytes of a decimal with its sign ([MS-TDS] 2.2.5.5.1.6).
func (t sqlType) decimalSize() int {
	switch {
	case t.n <= 9:
		return 5
	case t.n <= 19:
		return 9
	case t.n <= 28:
		return 13
	}
	return 17
}

// timeSize returns the bytes of a time, with its date and offset.
func (t sqlType) timeSize() int {
	n := 5
	switch {
	case t.scale <= 2:
		n = 3
	case t.scale <= 4:
		n = 4
	}
	switch t.name {
	case "datetime2":
		n += 3
	case "datetimeoffset":
		n += 5
	}
	return n
}

// Sort puts the rows in the order of the key or unique index.
func (t *Table) Sort() error {
	var keys []term
	for _, k := range t.index() {
		x, _, err := parseTerm(t, quote(k))
		if err != nil {
			return err
		}
		keys = append(keys, x)
	}
	slices.SortStableFunc(t.Rows, func(a, b []Value) int {
		for _, k := range keys {
			if c := compare(k.typ, a[k.column], b[k.column]); c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}
