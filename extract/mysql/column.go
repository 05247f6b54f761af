package mysql

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// kind is how a column's values are written.
type kind uint8

const (
	kindText    kind = iota // text; what is not UTF-8 keeps its bytes
	kindBytes               // bytes
	kindPlain               // ASCII as the server writes it: dates, times
	kindInteger             // whole numbers
	kindDecimal             // decimals
	kindYear
	kindFloat  // single precision
	kindDouble // double precision
	kindBit
	kindUUID
)

var kinds = map[string]kind{
	"tinyint": kindInteger, "smallint": kindInteger, "mediumint": kindInteger, "int": kindInteger, "bigint": kindInteger,
	"decimal": kindDecimal, "float": kindFloat, "double": kindDouble, "bit": kindBit, "year": kindYear,
	"date": kindPlain, "datetime": kindPlain, "timestamp": kindPlain, "time": kindPlain,
	"binary": kindBytes, "varbinary": kindBytes, "tinyblob": kindBytes, "blob": kindBytes, "mediumblob": kindBytes, "longblob": kindBytes,
	"geometry": kindBytes, "point": kindBytes, "linestring": kindBytes, "polygon": kindBytes, "multipoint": kindBytes,
	"multilinestring": kindBytes, "multipolygon": kindBytes, "geometrycollection": kindBytes, "geomcollection": kindBytes, "vector": kindBytes,
	"uuid": kindUUID,
}

// column is a column as it is read.
type column struct {
	extract.Column
	data    string // the type's bare name
	charset string // of a text; empty elsewhere
	page    *page  // of a text under one; nil elsewhere
	kind    kind
	width   int  // of a year in digits
	out     bool // nobody wants it
}

func newColumn(name, data, typ, nullable, charset string) column {
	c := column{Column: extract.Column{Name: name, Type: typ, Nullable: nullable == "YES"}, data: data, charset: charset, kind: kinds[data], width: 4}
	if strings.HasPrefix(typ, "year(2)") {
		c.width = 2
	}
	switch charset {
	case "", "utf8", "utf8mb3", "utf8mb4":
	case "binary":
		c.kind = kindBytes
	default:
		c.Type += " CHARACTER SET " + charset
	}
	return c
}

// expression is what is selected. A FLOAT alone comes with six digits, which
// are not the number that is stored. Texts come as their bytes; only those
// under the wide character sets of other continents does the server convert.
func (c *column) expression() string {
	switch {
	case c.out:
		return "NULL"
	case c.kind == kindFloat:
		return quoteName(c.Name) + "+0E0"
	case c.checked():
		return "CONVERT(" + quoteName(c.Name) + " USING utf8mb4)"
	}
	return quoteName(c.Name)
}

// checked tells whether the server converts the column's texts and has to check
// that nothing is lost by it.
func (c *column) checked() bool { return !c.out && c.kind == kindText && c.page == nil && !c.unicode() }

// unicode tells whether the column's bytes are UTF-8.
func (c *column) unicode() bool {
	switch c.charset {
	case "", "utf8", "utf8mb3", "utf8mb4":
		return true
	}
	return false
}

// check is the expression that is NULL where a value encodes back to the bytes
// it was decoded from, and those bytes where it does not.
func (c *column) check() string {
	name := quoteName(c.Name)
	bare := "CAST(" + name + " AS BINARY)"
	return "IF(CAST(CONVERT(CONVERT(" + name + " USING utf8mb4) USING " + c.charset + ") AS BINARY)=" + bare + ",NULL," + bare + ")"
}

// key tells whether the server compares the column with a literal of its value
// just as it sorts by it.
func (c *column) key() bool {
	switch c.kind {
	case kindText:
		return !c.checked() && (strings.HasSuffix(c.data, "char") || strings.HasSuffix(c.data, "text"))
	case kindBytes:
		return strings.HasSuffix(c.data, "binary") || strings.HasSuffix(c.data, "blob")
	case kindPlain, kindInteger, kindDecimal, kindYear, kindBit:
		return true
	}
	return false
}

// literal writes a value as it is compared with the column. Numbers stand as
// they are: as a quoted text the server would compare them as floating
// numbers. Everything else is hexadecimal, so that nothing has to be escaped;
// a text under a page is the page's bytes, since not all of them may be text.
func (c *column) literal(b []byte, v sih.Raw) []byte {
	text := v.Text
	switch {
	case c.numeric():
		return append(b, text...)
	case c.page != nil:
		b = append(append(append(b, '_'), c.charset...), ' ')
		if !v.Bytes {
			text = c.page.encode(text)
		}
	case c.kind == kindText || c.kind == kindPlain:
		b = append(b, "_utf8mb4 "...)
	}
	return append(fmt.Appendf(append(b, "X'"...), "%X", text), '\'')
}

// literate tells whether literal can write the value: where it writes it as it
// is, it must be nothing but a number.
func (c *column) literate(v sih.Raw) bool { return !c.numeric() || numeral.MatchString(v.Text) }

// numeric tells whether the column's values are numbers.
func (c *column) numeric() bool {
	switch c.kind {
	case kindInteger, kindDecimal, kindYear, kindBit:
		return true
	}
	return false
}

var numeral = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// write adds the canonical text of what the server sent. It tells whether that
// is bytes rather than text.
func (c *column) write(b *strings.Builder, scratch *[]byte, v driver.Value) (isBytes bool) {
	buf := (*scratch)[:0]
	switch v := v.(type) {
	case []byte:
		switch c.kind {
		case kindText:
			if c.page == nil {
				b.Write(v)
				return !utf8.Valid(v)
			}
			text, ok := c.page.decode(buf, v)
			*scratch = text
			if !ok {
				text = v
			}
			b.Write(text)
			return !ok
		case kindBytes:
			b.Write(v)
			return true
		case kindBit:
			n := uint64(0)
			for _, one := range v {
				n = n<<8 | uint64(one)
			}
			buf = strconv.AppendUint(buf, n, 10)
		case kindDecimal:
			b.Write(bare(v))
			return false
		case kindUUID:
			buf = append(buf, bytes.ToUpper(v)...)
		default:
			b.Write(v)
			return false
		}
	case int64:
		buf = strconv.AppendInt(buf, v, 10)
		if c.kind == kindYear {
			b.WriteString("0000"[:max(0, c.width-len(buf))])
		}
	case uint64:
		buf = strconv.AppendUint(buf, v, 10)
	case float32:
		buf = appendFloat(buf, float64(v), 32)
	case float64:
		bits := 64
		if c.kind == kindFloat {
			bits = 32
		}
		buf = appendFloat(buf, v, bits)
	}
	b.Write(buf)
	*scratch = buf
	return false
}

// bare is a number without the zeros that ZEROFILL puts before it.
func bare(raw []byte) []byte {
	for len(raw) > 1 && raw[0] == '0' && raw[1] != '.' {
		raw = raw[1:]
	}
	return raw
}

// appendFloat writes the shortest text that reads back as the same number,
// without an exponent from 1e-6 up to 1e21.
func appendFloat(b []byte, f float64, bits int) []byte {
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// quoteName writes a name between backticks.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
