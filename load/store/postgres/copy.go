package postgres

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// nul stands for U+0000 in a text, which PostgreSQL cannot hold.
const nul = "\uFDD0"

var (
	errNul  = errors.New("a text with the noncharacter U+FDD0, which stands for U+0000 in this store")
	errText = errors.New("a text that is no UTF-8")
)

// appendRow appends a row in the text format of COPY.
func appendRow(b []byte, t *sih.Table, values []sih.Value) ([]byte, error) {
	for i, v := range values {
		if i > 0 {
			b = append(b, '\t')
		}
		switch v.Kind() {
		case sih.KindNull:
			switch {
			case store.EmptyForNull(t, i):
			case t.Columns[i].Kind == sih.KindPDate:
				b = append(b, `\N`+"\t"+`\N`+"\t"+`\N`...)
			default:
				b = append(b, `\N`...)
			}
		case sih.KindCode, sih.KindStr, sih.KindText:
			var err error
			if b, err = appendText(b, v.String()); err != nil {
				return b, &store.RowError{Table: t.Name, Column: t.Columns[i].Name, Err: err}
			}
		case sih.KindPDate:
			d := v.PDate()
			b = append(d.First.AppendText(b), '\t')
			b = append(d.Last.AppendText(b), '\t')
			b = append(b, d.Precision.String()...)
		case sih.KindBool:
			b = strconv.AppendBool(b, v.Bool())
		default:
			b = v.AppendText(b)
		}
	}
	return append(b, '\n'), nil
}

// appendText appends a text, with what COPY takes for its own escaped.
func appendText(b []byte, s string) ([]byte, error) {
	from, ascii := 0, true
	for i := range len(s) {
		var escape string
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
			continue
		case c == '\\':
			escape = `\\`
		case c == '\n':
			escape = `\n`
		case c == '\r':
			escape = `\r`
		case c == '\t':
			escape = `\t`
		case c == 0:
			escape = nul
		default:
			continue
		}
		b = append(append(b, s[from:i]...), escape...)
		from = i + 1
	}
	if !ascii {
		if strings.Contains(s, nul) {
			return b, errNul
		}
		if !utf8.ValidString(s) {
			return b, errText
		}
	}
	return append(b, s[from:]...), nil
}
