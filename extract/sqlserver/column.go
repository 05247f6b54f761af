package sqlserver

import (
	"encoding/hex"
	"errors"
	"strconv"

	"github.com/sihctl/sih"
)

// column is a column and how it is read.
type column struct {
	name      string
	typ       sqlType
	nullable  bool
	collation string // of texts

	sealed bool // encrypted by its application: only bytes are to be had
	raw    bool // a text that is kept as its bytes
	out    bool // nobody wants it
	form   form
	page   *codePage // of asPage
	layout string    // of asTime
}

func newColumn(name string, typ sqlType, nullable bool, collation string, page int) *column {
	c := &column{name: name, typ: typ, nullable: nullable, collation: collation}
	switch typ.name {
	case "char", "varchar", "text":
		c.form = asPage
		if c.page = pageOf(page); c.page == nil {
			c.form = asWide // the server knows the page
		}
	case "nchar", "nvarchar", "ntext", "xml":
		c.form = asWide
	default:
		c.form = formOf(typ.name)
		c.layout = layout(typ.name, typ.scale)
	}
	return c
}

// seal makes of it one whose values the server does not know.
func (c *column) seal() { c.sealed, c.form, c.page, c.layout = true, asBytes, nil, "" }

// keepBytes makes of a text in a code page one whose bytes are kept.
func (c *column) keepBytes() {
	if c.typ.paged() {
		c.form, c.page, c.raw = asBytes, nil, true
	}
}

// selected returns what a statement asks for to have the column: texts as the
// bytes that the server holds.
func (c *column) selected() string {
	name := quote(c.name)
	switch {
	case c.out && c.form == asVariant:
		return "NULL, NULL, NULL"
	case c.out:
		return "NULL"
	case c.sealed:
		return name
	}
	switch c.typ.name {
	case "char", "varchar":
		if c.form == asWide {
			return "CONVERT(varbinary(max), CONVERT(nvarchar(max), " + name + "))"
		}
		return "CONVERT(varbinary(" + size(c.typ.length) + "), " + name + ")"
	case "text":
		if c.form == asWide {
			return "CONVERT(varbinary(max), CONVERT(nvarchar(max), " + name + "))"
		}
		return "CONVERT(varbinary(max), CONVERT(varchar(max), " + name + "))"
	case "nchar", "nvarchar":
		return "CONVERT(varbinary(" + size(c.typ.length) + "), " + name + ")"
	case "ntext", "xml":
		return "CONVERT(varbinary(max), CONVERT(nvarchar(max), " + name + "))"
	case "hierarchyid", "geometry", "geography":
		return "CONVERT(varbinary(max), " + name + ")"
	case "sql_variant":
		return name + ", CONVERT(nvarchar(128), SQL_VARIANT_PROPERTY(" + name + ", 'BaseType')), CONVERT(int, SQL_VARIANT_PROPERTY(" + name + ", 'Scale'))"
	}
	if c.form == asBytes && !c.plainBytes() { // a type of the hospital's own
		return "CONVERT(varbinary(max), " + name + ")"
	}
	return name
}

func (c *column) plainBytes() bool {
	switch c.typ.name {
	case "binary", "varbinary", "image", "timestamp":
		return true
	}
	return false
}

// width returns the greatest size of a value, in bytes, where it has one.
func (c *column) width() int {
	if c.typ.large() {
		return 0
	}
	return max(c.typ.length, 8)
}

// sorts tells whether the server can sort by the column at a bearable price.
func (c *column) sorts() bool {
	return !c.sealed && !c.typ.large() && (c.form != asBytes || c.raw || c.plainBytes())
}

// fitsKey tells whether a chunk can begin behind a value of the column.
func (c *column) fitsKey() bool { return c.sorts() && !c.raw && c.form != asVariant }

// bound returns the term that makes of parameter @p<n> a value of the column's
// own type: a comparison of two types could order otherwise than the index.
func (c *column) bound(n int) string {
	p := "@p" + strconv.Itoa(n)
	switch c.typ.name {
	case "char", "varchar":
		// Under the column's collation, so that its code page is taken and not
		// the database's.
		return "CONVERT(" + c.typ.String() + ", " + p + " COLLATE " + c.collation + ")"
	case "timestamp":
		return "CONVERT(binary(8), " + p + ", 1)"
	case "binary", "varbinary":
		return "CONVERT(" + c.typ.String() + ", " + p + ", 1)" // 1: from 0x…
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		return "CONVERT(" + c.typ.String() + ", " + p + ", 121)" // 121: yyyy-mm-dd hh:mi:ss
	}
	return "CONVERT(" + c.typ.String() + ", " + p + ")"
}

// manyForms tells whether two texts of a value can be equal to the server:
// of letters under a collation, of one moment in two zones, of a negative zero.
func (c *column) manyForms() bool {
	switch c.form {
	case asPage, asWide, asFloat, asReal:
		return true
	}
	return c.typ.name == "datetimeoffset"
}

var (
	errKeyBytes  = errors.New("a key's bytes are no text under the column's collation: no chunk can begin behind it")
	errKeyNumber = errors.New("a key's value is no number")
)

// param returns the parameter of a key's value. A floating number crosses the
// wire as one: the server reads some texts of it as a neighbour.
func (c *column) param(v sih.Raw) (any, error) {
	switch {
	case c.form == asBytes:
		return "0x" + hex.EncodeToString([]byte(v.Text)), nil
	case v.Bytes:
		return nil, errKeyBytes
	case c.form == asFloat || c.form == asReal:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return nil, errKeyNumber // err quotes it
		}
		return f, nil
	}
	return v.Text, nil
}
