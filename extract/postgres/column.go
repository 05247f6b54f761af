package postgres

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// kind is how a column's values are written.
type kind uint8

const (
	kindText   kind = iota // text; what does not decode keeps its bytes
	kindPlain              // ASCII as the server writes it
	kindBool               // t and f become 1 and 0
	kindFloat              // single precision
	kindDouble             // double precision
	kindBytes              // bytes
	kindUUID
	kindMoney // decimals, under the currency's number of places
)

// kinds are those of the server's own types.
var kinds = map[string]kind{
	"bool": kindBool, "float4": kindFloat, "float8": kindDouble, "bytea": kindBytes, "uuid": kindUUID, "money": kindMoney,
	"int2": kindPlain, "int4": kindPlain, "int8": kindPlain, "numeric": kindPlain, "oid": kindPlain,
	"date": kindPlain, "timestamp": kindPlain, "timestamptz": kindPlain, "time": kindPlain, "timetz": kindPlain, "interval": kindPlain,
	"bit": kindPlain, "varbit": kindPlain, "inet": kindPlain, "cidr": kindPlain, "macaddr": kindPlain, "macaddr8": kindPlain, "pg_lsn": kindPlain,
}

// column is a column as it is read.
type column struct {
	extract.Column
	quoted    string // the name as it stands in a statement, in the connection's encoding
	kind      kind
	ordered   bool   // the server compares it with a literal of its value just as it sorts by it
	number    string // within its table, as the catalogue counts
	collation string
	out       bool // nobody wants it
}

// ordered are the types that a key may have. Those of extensions compare by
// operators that are not on the search path, arrays and the like are no keys.
func ordered(base string, own, enum bool) bool {
	if enum {
		return true
	}
	switch k, known := kinds[base]; {
	case !own:
		return false
	case base == "text", base == "varchar", base == "bpchar", base == "name":
		return true
	case known:
		return k != kindMoney
	}
	return false
}

// expression is what is selected. Money alone comes with a currency's sign and
// marks, as the server's country writes them.
func (c *column) expression() string {
	switch {
	case c.out:
		return "NULL"
	case c.kind == kindMoney:
		return c.quoted + "::numeric"
	}
	return c.quoted
}

// append writes the canonical text of what the server sent. It tells whether
// that is bytes rather than text.
func (c *column) append(b []byte, p *page, raw []byte) (_ []byte, isBytes bool) {
	switch c.kind {
	case kindText:
		return appendText(b, p, raw)
	case kindBool:
		if len(raw) == 1 && raw[0] == 't' {
			return append(b, '1'), false
		}
		return append(b, '0'), false
	case kindFloat:
		return appendFloat(b, raw, 32), false
	case kindDouble:
		return appendFloat(b, raw, 64), false
	case kindBytes:
		return appendHex(b, raw), true
	case kindUUID:
		begin := len(b)
		b = append(b, raw...)
		for i, d := range b[begin:] {
			if d >= 'a' {
				b[begin+i] = d - 'a' + 'A'
			}
		}
		return b, false
	}
	return append(b, raw...), false
}

// appendHex writes the bytes of a bytea, which comes as \x and digits.
func appendHex(b, raw []byte) []byte {
	if len(raw) < 2 {
		return b
	}
	b, err := hex.AppendDecode(b, raw[2:])
	if err != nil { // cannot be under bytea_output = hex
		return append(b, raw...)
	}
	return b
}

// appendFloat writes the shortest text that reads back as the same number,
// without an exponent from 1e-6 up to 1e21. NaN and Infinity stay as they are.
// A short text of a double without an exponent is that already: no two numbers
// of up to 15 digits read as the same double.
func appendFloat(b, raw []byte, bits int) []byte {
	if bits == 64 && len(raw) <= 16 && bytes.IndexByte(raw, 'e') < 0 {
		return append(b, raw...)
	}
	f, err := strconv.ParseFloat(string(raw), bits)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, raw...)
	}
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// literal writes a value of the column as it is compared with it. It has no
// type of its own, and so takes the column's.
func (c *column) literal(p *page, v sih.Raw) string {
	switch {
	case c.kind == kindBytes:
		return `'\x` + hex.EncodeToString([]byte(v.Text)) + "'"
	case v.Bytes:
		return literal(v.Text)
	}
	return literal(encode(p, v.Text))
}

// literal writes a text between quotation marks. Under
// standard_conforming_strings a backslash is one.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quoteName writes a name between double ones.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
