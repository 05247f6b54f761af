package sqlserver

import "strconv"

// sqlType is a type as the catalogue tells it.
type sqlType struct {
	name                     string
	length, precision, scale int // length in bytes, -1 for max
}

// String returns the type as T-SQL declares it.
func (t sqlType) String() string {
	switch t.name {
	case "decimal", "numeric":
		return t.name + "(" + strconv.Itoa(t.precision) + "," + strconv.Itoa(t.scale) + ")"
	case "time", "datetime2", "datetimeoffset":
		return t.name + "(" + strconv.Itoa(t.scale) + ")"
	case "char", "varchar", "binary", "varbinary":
		return t.name + "(" + size(t.length) + ")"
	case "nchar", "nvarchar":
		if t.length > 0 {
			return t.name + "(" + size(t.length/2) + ")"
		}
		return t.name + "(max)"
	}
	return t.name
}

func size(bytes int) string {
	if bytes < 0 {
		return "max"
	}
	return strconv.Itoa(bytes)
}

// large tells whether a value may be longer than a page of the server's.
func (t sqlType) large() bool {
	switch t.name {
	case "text", "ntext", "image", "xml", "hierarchyid", "geometry", "geography":
		return true
	}
	return t.length < 0
}

// paged tells whether values are text in a code page.
func (t sqlType) paged() bool { return t.name == "char" || t.name == "varchar" || t.name == "text" }

// form is how a column's values come over the wire, and so how they are made
// canonical text.
type form uint8

const (
	asBytes   form = iota // what is no text
	asPage                // text in a code page
	asWide                // text in UTF-16
	asDigits              // digits that the driver writes: decimal, money
	asInteger             //
	asBit
	asFloat
	asReal
	asTime
	asGUID
	asVariant // of a type of its own in every row
)

// The layouts of times, less their decimals.
const (
	dateLayout     = "2006-01-02"
	timeLayout     = "15:04:05"
	dateTimeLayout = dateLayout + " " + timeLayout
)

// layout returns the layout of a type of times, or nothing.
func layout(name string, scale int) string {
	decimals := ""
	if scale > 0 {
		decimals = ".0000000"[:1+min(scale, 7)]
	}
	switch name {
	case "date":
		return dateLayout
	case "time":
		return timeLayout + decimals
	case "smalldatetime":
		return dateTimeLayout
	case "datetime":
		return dateTimeLayout + ".000"
	case "datetime2":
		return dateTimeLayout + decimals
	case "datetimeoffset":
		return dateTimeLayout + decimals + " -07:00"
	}
	return ""
}

// formOf returns the form of a type that is read as it is.
func formOf(name string) form {
	switch name {
	case "tinyint", "smallint", "int", "bigint":
		return asInteger
	case "bit":
		return asBit
	case "decimal", "numeric", "money", "smallmoney":
		return asDigits
	case "float":
		return asFloat
	case "real":
		return asReal
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		return asTime
	case "uniqueidentifier":
		return asGUID
	case "sql_variant":
		return asVariant
	}
	return asBytes
}
