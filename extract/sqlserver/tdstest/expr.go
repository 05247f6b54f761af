package tdstest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// term is a term of a SELECT: its type, and its bytes in a row.
type term struct {
	name     string
	typ      sqlType
	nullable bool
	eval     func(row []Value) ([]byte, error) // nil for NULL
	column   int                               // that it is made of
	bare     bool                              // the column itself
}

// terms reads the list of a SELECT over t.
func terms(t *Table, list string) ([]term, error) {
	var out []term
	for {
		x, rest, err := parseTerm(t, list)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
		if rest == "" {
			return out, nil
		}
		next, ok := strings.CutPrefix(rest, ", ")
		if !ok {
			return nil, errors.New("a comma is missing in the list of columns")
		}
		list = next
	}
}

// parseTerm reads a column, CONVERT(type, term) or
// SQL_VARIANT_PROPERTY(column, 'name') off the head of s.
func parseTerm(t *Table, s string) (term, string, error) {
	if rest, ok := strings.CutPrefix(s, "CONVERT("); ok {
		typ, rest, ok := strings.Cut(rest, ", ")
		if !ok {
			return term{}, "", errors.New("CONVERT without a type")
		}
		to, err := parseType(typ, 0)
		if err != nil {
			return term{}, "", err
		}
		x, rest, err := parseTerm(t, rest)
		if err != nil {
			return term{}, "", err
		}
		rest, ok = strings.CutPrefix(rest, ")")
		if !ok {
			return term{}, "", errors.New("CONVERT without an end")
		}
		x, err = convert(to, x)
		return x, rest, err
	}
	if rest, ok := strings.CutPrefix(s, "SQL_VARIANT_PROPERTY("); ok {
		x, rest, err := parseTerm(t, rest)
		if err != nil {
			return term{}, "", err
		}
		property, rest, ok := strings.Cut(strings.TrimPrefix(rest, ", '"), "')")
		if !ok {
			return term{}, "", errors.New("SQL_VARIANT_PROPERTY without a property")
		}
		return variantProperty(x, property), rest, nil
	}
	if rest, ok := strings.CutPrefix(s, "NULL"); ok {
		none := func([]Value) ([]byte, error) { return nil, nil }
		return term{typ: sqlType{name: "int", fixedSize: 4}, nullable: true, eval: none}, rest, nil
	}
	name, rest, ok := cutName(s)
	if !ok {
		return term{}, "", errors.New("not a term that is known here")
	}
	for i, c := range t.Columns {
		if c.Name != name {
			continue
		}
		typ, err := parseType(c.Type, c.Page)
		if c.Sealed {
			typ = sqlType{name: "varbinary", n: -1}
		}
		return term{name: name, typ: typ, nullable: c.Nullable, column: i, bare: true, eval: func(row []Value) ([]byte, error) {
			if row[i].Null {
				return nil, nil
			}
			return payload(typ, row[i])
		}}, rest, err
	}
	return term{}, "", fmt.Errorf("invalid column name %q", name)
}

// cutName cuts [name] off the head of s; a doubled bracket is one of the name.
func cutName(s string) (name, rest string, ok bool) {
	if s == "" || s[0] != '[' {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		if s[i] != ']' {
			continue
		}
		if i+1 < len(s) && s[i+1] == ']' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], "]]", "]"), s[i+1:], true
	}
	return "", s, false
}

var errConvert = errors.New("a conversion that is not known here")

// convert turns x into another type, where its bytes stay what they are or it
// is text that becomes Unicode.
func convert(to sqlType, x term) (term, error) {
	from := x.typ.name
	out := x
	out.typ, out.bare, out.nullable = to, false, true
	switch {
	case to.name == "varbinary":
		switch from {
		case "text", "ntext", "image", "xml":
			return term{}, errConvert // as the server says, or with a mark before it
		}
	case to.name == "varchar" && from == "text", to.name == "nvarchar" && (from == "ntext" || from == "xml" || from == "property"), to.name == "int" && from == "property":
	case to.name == "nvarchar" && x.bare && (from == "char" || from == "varchar" || from == "text"):
		i := x.column
		out.eval = func(row []Value) ([]byte, error) {
			if row[i].Null {
				return nil, nil
			}
			return append([]byte{}, wide(row[i].Text)...), nil
		}
	default:
		return term{}, errConvert
	}
	return out, nil
}

// variantProperty returns what SQL_VARIANT_PROPERTY tells of x, which is only
// converted and never sent as it is.
func variantProperty(x term, property string) term {
	i := x.column
	x.typ, x.bare = sqlType{name: "property"}, false
	x.eval = func(row []Value) ([]byte, error) {
		if row[i].Null {
			return nil, nil
		}
		t, err := parseType(row[i].Base, 0)
		if err != nil {
			return nil, err
		}
		switch property {
		case "BaseType":
			return wide(t.name), nil
		case "Scale":
			return payload(sqlType{name: "int", fixedSize: 4}, textValue(strconv.Itoa(t.scale)))
		}
		return nil, errors.New("a property that is not known here")
	}
	return x
}
