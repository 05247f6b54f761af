package sih

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// Kind is the kind of a unified column.
type Kind uint8

// The kinds. KindNull is the kind of the empty [Value] and of no column.
const (
	KindNull  Kind = iota
	KindID         // 26 characters, derived
	KindCode       // a code of at most 64 characters
	KindStr        // text of a stated greatest length
	KindText       // text
	KindDate       // a day
	KindTS         // a moment, UTC, to the millisecond
	KindPDate      // a date with its precision
	KindNum        // a decimal with four places, 18 digits in all
	KindMoney      // centimes
	KindInt        // a whole number
	KindBool       // true or false
)

var kindNames = [...]string{"null", "id", "code", "str", "text", "date", "ts", "pdate", "num", "money", "int", "bool"}

// String returns the kind's name as docs/schema.md writes it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind" + strconv.Itoa(int(k))
}

// Value is one field of an entity. The zero Value is NULL. Values of equal
// kind and content are equal under ==.
type Value struct {
	kind Kind
	// a and b hold what is not text: a the day, millisecond, number or first
	// half of an id; b the second half of an id, or a partial date's last day
	// and precision.
	a, b int64
	s    string
}

// IDValue, and the functions after it, return the value of one kind.
func IDValue(id ID) Value {
	if id.IsZero() {
		return Value{}
	}
	return Value{kind: KindID, a: int64(binary.BigEndian.Uint64(id[:8])), b: int64(binary.BigEndian.Uint64(id[8:]))}
}

// CodeValue returns a code; an empty one is NULL.
func CodeValue(s string) Value { return textValue(KindCode, s) }

// StrValue returns a bounded text; an empty one is NULL.
func StrValue(s string) Value { return textValue(KindStr, s) }

// TextValue returns a text; an empty one is NULL.
func TextValue(s string) Value { return textValue(KindText, s) }

func textValue(k Kind, s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: k, s: s}
}

// DateValue returns a day.
func DateValue(d Date) Value { return Value{kind: KindDate, a: int64(d)} }

// TSValue returns a moment.
func TSValue(t Timestamp) Value { return Value{kind: KindTS, a: int64(t)} }

// PDateValue returns a partial date; one of which nothing is known is NULL.
func PDateValue(p PartialDate) Value {
	if p.Precision == Unknown {
		return Value{}
	}
	return Value{kind: KindPDate, a: int64(p.First), b: int64(p.Last)<<8 | int64(p.Precision)}
}

// NumValue returns a decimal, given in ten-thousandths.
func NumValue(tenThousandths int64) Value { return Value{kind: KindNum, a: tenThousandths} }

// MoneyValue returns an amount in centimes.
func MoneyValue(centimes int64) Value { return Value{kind: KindMoney, a: centimes} }

// IntValue returns a whole number.
func IntValue(n int64) Value { return Value{kind: KindInt, a: n} }

// BoolValue returns true or false.
func BoolValue(v bool) Value {
	if v {
		return Value{kind: KindBool, a: 1}
	}
	return Value{kind: KindBool}
}

// Kind returns the value's kind, KindNull for NULL.
func (v Value) Kind() Kind { return v.kind }

// IsNull tells whether v holds nothing.
func (v Value) IsNull() bool { return v.kind == KindNull }

// ID returns the id that v holds, or the zero id.
func (v Value) ID() (id ID) {
	if v.kind == KindID {
		binary.BigEndian.PutUint64(id[:8], uint64(v.a))
		binary.BigEndian.PutUint64(id[8:], uint64(v.b))
	}
	return id
}

// Int returns the number behind v: of a decimal in ten-thousandths, of an
// amount in centimes, of a day or a moment its count. It is 0 for text.
func (v Value) Int() int64 {
	if v.kind == KindID {
		return 0
	}
	return v.a
}

// Bool tells whether v is true.
func (v Value) Bool() bool { return v.kind == KindBool && v.a != 0 }

// PDate returns the partial date that v holds, or one of which nothing is
// known.
func (v Value) PDate() PartialDate {
	if v.kind != KindPDate {
		return PartialDate{}
	}
	return PartialDate{Date(v.a), Date(v.b >> 8), Precision(v.b & 0xff)}
}

// String returns the canonical text of v, and nothing for NULL.
func (v Value) String() string {
	switch v.kind {
	case KindNull:
		return ""
	case KindCode, KindStr, KindText:
		return v.s
	}
	var buf [32]byte
	return string(v.AppendText(buf[:0]))
}

// AppendText appends the canonical text of v to b.
func (v Value) AppendText(b []byte) []byte {
	switch v.kind {
	case KindCode, KindStr, KindText:
		return append(b, v.s...)
	case KindID:
		return v.ID().AppendText(b)
	case KindDate:
		return Date(v.a).AppendText(b)
	case KindTS:
		return Timestamp(v.a).AppendText(b)
	case KindPDate:
		return append(b, v.PDate().String()...)
	case KindNum:
		return appendDecimal(b, v.a, 4)
	case KindMoney, KindInt:
		return strconv.AppendInt(b, v.a, 10)
	case KindBool:
		return strconv.AppendBool(b, v.a != 0)
	}
	return b
}

// appendDecimal appends n·10^-places without trailing zeros.
func appendDecimal(b []byte, n int64, places int) []byte {
	u := uint64(n)
	if n < 0 {
		b = append(b, '-')
		u = -u
	}
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	b = strconv.AppendUint(b, u/scale, 10)
	frac := u % scale
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	for scale /= 10; frac > 0; scale /= 10 {
		b = append(b, byte('0'+frac/scale))
		frac %= scale
	}
	return b
}

// ParseValue reads the canonical text of a value for column c; an empty text
// is NULL. The error says what is wrong and does not hold the text.
func ParseValue(c *Column, s string) (Value, error) {
	if s == "" {
		return Value{}, nil
	}
	switch c.Kind {
	case KindID:
		id, err := ParseID(s)
		return IDValue(id), err
	case KindCode:
		if utf8.RuneCountInString(s) > 64 {
			return Value{}, &TooLongError{Limit: 64}
		}
		return CodeValue(s), nil
	case KindStr:
		if len(s) > c.Size && utf8.RuneCountInString(s) > c.Size {
			return Value{}, &TooLongError{Limit: c.Size}
		}
		return StrValue(s), nil
	case KindText:
		return TextValue(s), nil
	case KindDate:
		d, err := ParseDate(s)
		if err != nil {
			return Value{}, err
		}
		return DateValue(d), nil
	case KindTS:
		t, err := ParseTimestamp(s)
		if err != nil {
			return Value{}, err
		}
		return TSValue(t), nil
	case KindPDate:
		p, err := ParsePartialDate(s)
		return PDateValue(p), err
	case KindNum:
		n, err := ParseDecimal(s, 4)
		if err != nil {
			return Value{}, err
		}
		return NumValue(n), nil
	case KindMoney, KindInt:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return Value{}, fmt.Errorf("not a whole number")
		}
		return Value{kind: c.Kind, a: n}, nil
	case KindBool:
		switch s {
		case "true":
			return BoolValue(true), nil
		case "false":
			return BoolValue(false), nil
		}
		return Value{}, fmt.Errorf("neither true nor false")
	}
	return Value{}, fmt.Errorf("column of no kind")
}

// TooLongError tells that a text is longer than its column.
type TooLongError struct{ Limit int }

// Error names the limit.
func (e *TooLongError) Error() string { return fmt.Sprintf("longer than %d characters", e.Limit) }

var errDecimal = errors.New("not a decimal number of at most 18 digits, or with too many of them after the point")

// ParseDecimal reads a decimal number with "." as its mark, as a count of
// 10^-places. Digits beyond the last place must be zeros: nothing is rounded
// in silence.
func ParseDecimal(s string, places int) (int64, error) {
	rest, neg := s, false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		neg = rest[0] == '-'
		rest = rest[1:]
	}
	n, seen, frac := int64(0), 0, -1
	for i := range len(rest) {
		ch := rest[i]
		switch {
		case ch == '.' && frac < 0:
			frac = 0
			continue
		case ch < '0' || ch > '9':
			return 0, errDecimal
		}
		seen++
		if frac >= places {
			if ch != '0' {
				return 0, errDecimal
			}
			continue
		}
		if frac >= 0 {
			frac++
		}
		if n > (math.MaxInt64-9)/10 {
			return 0, errDecimal
		}
		n = n*10 + int64(ch-'0')
	}
	if seen == 0 {
		return 0, errDecimal
	}
	for frac = max(frac, 0); frac < places; frac++ {
		if n > math.MaxInt64/10 {
			return 0, errDecimal
		}
		n *= 10
	}
	if n >= 1e18 {
		return 0, errDecimal
	}
	if neg {
		n = -n
	}
	return n, nil
}
