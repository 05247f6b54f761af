package mysql

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// page is a character set of one byte a character, as the server has it. Texts
// under one come as their bytes and are decoded here, which spares the server
// two conversions and a comparison of every value.
type page struct {
	// text is what each byte means; empty where that does not encode back to
	// the byte.
	text  [256]string
	bytes map[rune]byte // what each character is
	ascii bool          // the lower half is ASCII
}

// encode gives the bytes of a text that was decoded; what it has else is left
// out.
func (p *page) encode(text string) string {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if one, ok := p.bytes[r]; ok {
			b = append(b, one)
		}
	}
	return string(b)
}

// decode appends the text of some bytes. It tells whether all of them mean
// something.
func (p *page) decode(b, raw []byte) (_ []byte, ok bool) {
	for i := 0; i < len(raw); {
		from := i
		for p.ascii && i < len(raw) && raw[i] < 0x80 {
			i++
		}
		b = append(b, raw[from:i]...)
		if i < len(raw) {
			text := p.text[raw[i]]
			if text == "" {
				return b, false
			}
			b = append(b, text...)
			i++
		}
	}
	return b, true
}

// pages asks the server for the character sets of one byte a character that
// the tables have columns of, and gives each column its own.
func (s *session) pages(ctx context.Context, tables []*table) error {
	list, err := s.records(ctx, "SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS WHERE MAXLEN=1 AND CHARACTER_SET_NAME<>'binary'")
	if err != nil {
		return err
	}
	known := map[string]*page{}
	for _, r := range list {
		known[r[0]] = nil
	}
	for _, t := range tables {
		for i := range t.columns {
			c := &t.columns[i]
			p, single := known[c.charset]
			if single && p == nil {
				if p, err = s.page(ctx, c.charset); err != nil {
					return err
				}
				known[c.charset] = p
			}
			c.page = p
		}
	}
	return nil
}

// page asks what each byte of a character set means, and what that encodes to.
func (s *session) page(ctx context.Context, charset string) (*page, error) {
	b := []byte("SELECT ")
	for i := range 256 {
		text := fmt.Sprintf("CONVERT(CONVERT(X'%02X' USING %s) USING utf8mb4)", i, charset)
		b = fmt.Appendf(b, "%s,HEX(CONVERT(%s USING %s)),", text, text, charset)
	}
	row, err := s.record(ctx, strings.TrimSuffix(string(b), ","))
	if err != nil {
		return nil, err
	}
	p := &page{bytes: map[rune]byte{}, ascii: true}
	for i := range p.text {
		if row[2*i+1] == fmt.Sprintf("%02X", i) {
			p.text[i] = row[2*i]
			r, _ := utf8.DecodeRuneInString(row[2*i])
			p.bytes[r] = byte(i)
		}
		p.ascii = p.ascii && (i >= 0x80 || p.text[i] == string(rune(i)))
	}
	return p, nil
}
