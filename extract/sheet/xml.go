package sheet

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenStart
	tokenEnd
	tokenText
)

// maxToken is the greatest length of a tag or of a text between two tags. A
// cell holds at most 32,767 characters.
const maxToken = 4 << 20

// tokens reads XML as workbooks have it: UTF-8, no document type. It is some
// ten times as fast as encoding/xml, which is what decides about the time a
// large sheet takes, and does not check that tags match. What it returns is
// valid until the next call.
type tokens struct {
	src  io.Reader
	buf  []byte
	r, w int
	eof  bool

	name   []byte // of a tag, without its prefix
	attrs  []byte
	text   []byte // escaped unless raw
	raw    bool
	closed bool // the tag was <a/>: its end comes next
}

func newTokens(src io.Reader) *tokens {
	return &tokens{src: src, buf: make([]byte, 64<<10)}
}

// next returns the next token.
func (t *tokens) next() (tokenKind, error) {
	if t.closed {
		t.closed = false
		return tokenEnd, nil
	}
	for {
		i, err := t.find(0, "<")
		if err != nil {
			return 0, err
		}
		if i < 0 {
			i = t.w - t.r
			if i == 0 {
				return tokenEOF, nil
			}
		}
		if i > 0 {
			t.text, t.raw = t.buf[t.r:t.r+i], false
			t.r += i
			return tokenText, nil
		}
		kind, err := t.markup()
		if err != nil || kind != tokenEOF {
			return kind, err
		}
	}
}

// markup reads what begins with "<". It returns tokenEOF for what says
// nothing.
func (t *tokens) markup() (tokenKind, error) {
	if err := t.need(9); err != nil {
		return 0, err
	}
	head := t.buf[t.r:t.w]
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		_, err := t.cut(4, "-->")
		return tokenEOF, err
	case bytes.HasPrefix(head, []byte("<?")):
		body, err := t.cut(2, "?>")
		if i := bytes.Index(body, []byte("encoding=")); err == nil && i >= 0 {
			if enc := bytes.ToLower(bytes.Trim(body[i+9:min(i+16, len(body))], `"' `)); !bytes.HasPrefix(enc, []byte("utf-8")) && !bytes.HasPrefix(enc, []byte("us-as")) {
				return 0, fmt.Errorf("%w: its XML is not UTF-8", ErrDamaged)
			}
		}
		return tokenEOF, err
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		body, err := t.cut(9, "]]>")
		t.text, t.raw = body, true
		return tokenText, err
	case bytes.HasPrefix(head, []byte("<!")):
		return 0, fmt.Errorf("%w: its XML declares a document type", ErrDamaged)
	case bytes.HasPrefix(head, []byte("</")):
		body, err := t.cut(2, ">")
		t.name = local(bytes.TrimRight(body, " \t\r\n"))
		return tokenEnd, err
	}
	body, err := t.tag()
	if err != nil {
		return 0, err
	}
	if n := len(body); n > 0 && body[n-1] == '/' {
		body, t.closed = body[:n-1], true
	}
	i := bytes.IndexAny(body, " \t\r\n")
	if i < 0 {
		i = len(body)
	}
	t.name, t.attrs = local(body[:i]), body[i:]
	return tokenStart, nil
}

// tag cuts a start tag, whose end is the first ">" outside quotes.
func (t *tokens) tag() ([]byte, error) {
	from := 1
	for {
		i, err := t.find(from, ">")
		if err != nil {
			return nil, err
		}
		if i < 0 {
			return nil, io.ErrUnexpectedEOF
		}
		body := t.buf[t.r+1 : t.r+i]
		if !inQuotes(body) {
			t.r += i + 1
			return body, nil
		}
		from = i + 1
	}
}

// inQuotes tells whether a tag, cut at a ">", was cut within an attribute.
func inQuotes(tag []byte) bool {
	for {
		i := bytes.IndexAny(tag, `"'`)
		if i < 0 {
			return false
		}
		n := bytes.IndexByte(tag[i+1:], tag[i])
		if n < 0 {
			return true
		}
		tag = tag[i+n+2:]
	}
}

// cut returns what stands between the place at and the end mark, and goes on
// behind the mark.
func (t *tokens) cut(at int, end string) ([]byte, error) {
	i, err := t.find(at, end)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	body := t.buf[t.r+at : t.r+i]
	t.r += i + len(end)
	return body, nil
}

// find returns where mark is, counted from buf[r], or -1 where it is not.
func (t *tokens) find(from int, mark string) (int, error) {
	for {
		if t.r+from <= t.w {
			if i := bytes.Index(t.buf[t.r+from:t.w], []byte(mark)); i >= 0 {
				return from + i, nil
			}
			from = max(from, t.w-t.r-len(mark)+1)
		}
		if t.eof {
			return -1, nil
		}
		if t.w-t.r > maxToken {
			return 0, fmt.Errorf("%w: a tag or text longer than %d MiB", ErrDamaged, maxToken>>20)
		}
		if err := t.fill(); err != nil {
			return 0, err
		}
	}
}

// skip goes on behind the end tag of the given name, without looking at what
// is before it.
func (t *tokens) skip(name string) error {
	mark := []byte(name + ">")
	for {
		for {
			i := bytes.Index(t.buf[t.r:t.w], mark)
			if i < 0 {
				break
			}
			j := bytes.LastIndexByte(t.buf[t.r:t.r+i], '<')
			tag := t.buf[t.r+max(j, 0) : t.r+i]
			t.r += i + len(mark)
			if j >= 0 && len(tag) >= 2 && tag[1] == '/' && (len(tag) == 2 || tag[len(tag)-1] == ':') {
				return nil
			}
		}
		// What is left may be the beginning of the tag.
		t.r = max(t.r, t.w-len(mark)-64)
		if t.eof {
			return io.ErrUnexpectedEOF
		}
		if err := t.fill(); err != nil {
			return err
		}
	}
}

func (t *tokens) need(n int) error {
	for t.w-t.r < n && !t.eof {
		if err := t.fill(); err != nil {
			return err
		}
	}
	return nil
}

func (t *tokens) fill() error {
	if t.r > 0 {
		copy(t.buf, t.buf[t.r:t.w])
		t.r, t.w = 0, t.w-t.r
	}
	if t.w == len(t.buf) {
		t.buf = append(t.buf, make([]byte, len(t.buf))...)
	}
	n, err := t.src.Read(t.buf[t.w:])
	t.w += n
	if err == io.EOF {
		t.eof, err = true, nil
	}
	return err
}

// attr returns an attribute of the start tag, escaped, and nil where it has
// none. A prefix counts as part of the name.
func (t *tokens) attr(name string) []byte {
	return t.findAttr(func(key []byte) bool { return string(key) == name })
}

// attrLocal is attr for a name whose prefix is the file's choice.
func (t *tokens) attrLocal(name string) []byte {
	return t.findAttr(func(key []byte) bool { return string(local(key)) == name })
}

func (t *tokens) findAttr(is func(key []byte) bool) []byte {
	rest := t.attrs
	for {
		i := bytes.IndexByte(rest, '=')
		if i < 0 {
			return nil
		}
		key := bytes.TrimSpace(rest[:i])
		rest = bytes.TrimLeft(rest[i+1:], " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		if is(key) {
			return rest[1 : 1+end]
		}
		rest = rest[end+2:]
	}
}

// attrText returns an attribute's text.
func (t *tokens) attrText(name string) string { return string(unescape(nil, t.attr(name))) }

// appendText appends the text token to dst.
func (t *tokens) appendText(dst []byte) []byte {
	if t.raw {
		return append(dst, t.text...)
	}
	return unescape(dst, t.text)
}

func local(name []byte) []byte {
	return name[bytes.IndexByte(name, ':')+1:]
}

// unescape appends s to dst with its entities resolved; what is no entity
// stays as it is. Line ends become LF, as XML has it.
func unescape(dst, s []byte) []byte {
	for {
		i := bytes.IndexAny(s, "&\r")
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		if s[i] == '\r' {
			dst = append(dst, '\n')
			s = bytes.TrimPrefix(s[i+1:], []byte{'\n'})
			continue
		}
		end := bytes.IndexByte(s[i:min(len(s), i+12)], ';')
		r, ok := rune(0), false
		if end > 1 {
			r, ok = entity(string(s[i+1 : i+end]))
		}
		if !ok {
			dst = append(dst, '&')
			s = s[i+1:]
			continue
		}
		dst = utf8.AppendRune(dst, r)
		s = s[i+end+1:]
	}
}

func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits != "" && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}
