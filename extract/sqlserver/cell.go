package sqlserver

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sihctl/sih"
)

// cell takes a column's value from the driver and puts its canonical text
// where out points to. It is a sql.Scanner so that bytes are not copied on the
// way.
type cell struct {
	column *column
	out    *sih.Raw
	size   *int // counts the bytes that came
	// variant holds the value of a sql_variant until its type has come, which
	// the driver does not tell.
	variant any
}

// unfitError tells that a driver gave what a type does not hold. It names
// types only.
type unfitError struct {
	column *column
	got    any
}

// Error names the column and both types.
func (e *unfitError) Error() string {
	return fmt.Sprintf("column %s: the driver gave a %T for %s", e.column.name, e.got, e.column.typ)
}

// Scan implements sql.Scanner.
func (c *cell) Scan(v any) error {
	if v == nil {
		*c.out = sih.Null
		c.variant = nil
		return nil
	}
	if c.column.form == asVariant {
		if b, ok := v.([]byte); ok {
			v = append([]byte{}, b...)
		}
		c.variant = v
		return nil
	}
	raw, ok := canonical(c.column.form, c.column.page, c.column.layout, v)
	if !ok {
		return &unfitError{c.column, v}
	}
	*c.size += len(raw.Text)
	*c.out = raw
	return nil
}

// canonical returns the canonical text of what the driver gave.
func canonical(f form, page *codePage, layout string, v any) (sih.Raw, bool) {
	switch v := v.(type) {
	case []byte:
		switch f {
		case asBytes:
			return sih.Raw{Text: string(v), Bytes: true}, true
		case asPage:
			return page.decode(v), true
		case asWide:
			return decodeWide(v), true
		case asDigits:
			return sih.Text(string(v)), true
		case asGUID:
			return sih.Text(guid(v)), len(v) == 16
		}
	case int64:
		return sih.Text(strconv.FormatInt(v, 10)), f == asInteger
	case bool:
		if v {
			return sih.Text("1"), f == asBit
		}
		return sih.Text("0"), f == asBit
	case float64:
		switch f {
		case asFloat:
			return sih.Text(number(v, 64)), true
		case asReal:
			return sih.Text(number(v, 32)), true
		}
	case float32:
		return sih.Text(number(float64(v), 32)), f == asReal
	case time.Time:
		return sih.Text(v.Format(layout)), f == asTime
	}
	return sih.Raw{}, false
}

// number returns the shortest text that reads back as f, with an exponent
// where there would be many zeros.
func number(f float64, bits int) string {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.FormatFloat(f, 'e', -1, bits)
	}
	return strconv.FormatFloat(f, 'f', -1, bits)
}

// guid returns the text of a uniqueidentifier, whose first three groups are
// stored with the last byte first.
func guid(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	order := [16]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}
	copy(order[8:], b[8:])
	h := strings.ToUpper(hex.EncodeToString(order[:]))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// variantType takes the type of the sql_variant before it, and variantScale
// its scale: with both its text can be told.
type variantType struct{ name string }

// Scan implements sql.Scanner.
func (t *variantType) Scan(v any) error {
	t.name, _ = v.(string)
	return nil
}

type variantScale struct {
	cell *cell
	typ  *variantType
}

// Scan implements sql.Scanner.
func (s *variantScale) Scan(v any) error {
	c := s.cell
	if c.variant == nil {
		return nil
	}
	if text, ok := c.variant.(string); ok {
		*c.out = sih.Text(text)
		*c.size += len(text)
		return nil
	}
	scale, _ := v.(int64)
	raw, ok := canonical(formOf(s.typ.name), nil, layout(s.typ.name, int(scale)), c.variant)
	if !ok {
		return &unfitError{c.column, c.variant}
	}
	*c.out = raw
	*c.size += len(raw.Text)
	return nil
}
