package csvfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// file is an open file behind its header.
type file struct {
	*scanner
	name   string
	codec  codec
	names  []string // its columns
	closer io.Closer
}

// open opens a file and reads its header.
func (d dialect) open(dir, name string) (_ *file, err error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, &Error{File: name, Err: err}
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, &Error{File: name, Err: err}
	}
	head = head[:n]
	if err := refuse(name, head); err != nil {
		return nil, err
	}
	codec := d.codec.marked(head)
	if _, err := f.Seek(int64(codec.bom), io.SeekStart); err != nil {
		return nil, &Error{File: name, Err: err}
	}
	var src io.Reader = f
	if codec.wide != nil {
		src = newWideReader(bufio.NewReaderSize(f, 64<<10), codec.wide)
	}
	sc := newScanner(src, int64(codec.bom), splitter{sep: d.sep, quote: d.quote, noQuote: d.plain, escape: d.escaped})
	sc.wide = codec.wide != nil
	out := &file{scanner: sc, name: name, codec: codec, closer: f}
	if err := out.header(d); err != nil {
		return nil, err
	}
	return out, nil
}

// header reads up to the first row and sets names and width.
func (f *file) header(d dialect) error {
	n := 0
	for {
		var err error
		if n, err = f.lineFrom(0); err != nil {
			return &Error{File: f.name, Err: err}
		}
		if n == 0 || len(chomp(f.buf[f.r:f.r+n])) > 0 {
			break
		}
		f.advance(n)
	}
	line := chomp(f.buf[f.r : f.r+n])
	f.keepCR = d.escaped && len(line) == n-1
	if sep, ok := declared(line); ok {
		d.sep = sep
		f.advance(n)
	} else if d.sep == 0 {
		d.sep = separator(line, d)
	}
	f.split.sep, f.split.noSep = d.sep, d.sep == 0
	f.probe.sep, f.probe.noSep = f.split.sep, f.split.noSep

	rec, err := f.next()
	switch {
	case err == io.EOF:
		return faultf(f.name, "", "it is empty: there is no header")
	case err != nil:
		return &Error{File: f.name, Err: err}
	case rec.fault != "":
		hint := ""
		if rec.fault == holdsNUL {
			hint = "if it is UTF-16 without a byte order mark, set encoding: utf-16le"
		}
		return faultf(f.name, hint, "line %d, the header: %s", rec.line, rec.fault)
	}
	f.width = len(rec.fields)
	return f.columns(rec)
}

// declared reads a line such as "sep=;", by which Excel learns the separator.
func declared(line []byte) (byte, bool) {
	if len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") {
		return line[4], true
	}
	return 0, false
}

// separator returns the candidate that the header has most often outside
// quotes; between equals the first. It is 0 where there is none: then the file
// has one column.
func separator(header []byte, d dialect) byte {
	best, most := byte(0), 0
	for _, c := range []byte{';', ',', '\t', '|'} {
		n, quoted := 0, false
		for _, x := range header {
			switch {
			case x == d.quote && !d.plain:
				quoted = !quoted
			case x == c && !quoted:
				n++
			}
		}
		if n > most {
			best, most = c, n
		}
	}
	return best
}

// columns takes the header's fields as names of columns. Blanks around a name
// are not part of it. A column without a name, as a separator at each line's
// end makes one, is named by its position: _3.
func (f *file) columns(rec record) error {
	bad := func(hint, format string, args ...any) error {
		return faultf(f.name, hint, "line %d, the header: %s", rec.line, fmt.Sprintf(format, args...))
	}
	f.names = make([]string, len(rec.fields))
	named := false
	for i, field := range rec.fields {
		bare := unquote(nil, rec.body, field)
		if field.escaped {
			bare = unescape(nil, bare)
		}
		name, ok := f.codec.appendText(nil, bare)
		if !ok {
			return bad("name the file's encoding, such as windows-1252", "column %d is not %s", i+1, f.codec.name)
		}
		if bytes.IndexByte(rec.raw, '\r') >= 0 && bytes.IndexByte(rec.raw, '\n') < 0 {
			return bad("convert the line ends: mac2unix", "lines end in CR alone")
		}
		f.names[i] = strings.TrimSpace(string(name))
		named = named || f.names[i] != ""
	}
	if !named {
		return bad("", "no column has a name")
	}
	for i, n := range f.names {
		if n == "" {
			f.names[i] = fmt.Sprintf("_%d", i+1)
		}
	}
	for i, n := range f.names {
		if j := slices.Index(f.names[:i], n); j >= 0 {
			return bad("", "columns %d and %d have the same name", j+1, i+1)
		}
		if n == FileColumn || n == LineColumn {
			return bad("", "column %d is called %s, which is the reader's own", i+1, n)
		}
	}
	return nil
}

// unquote appends a field's content to dst, doubled quotes made single.
func unquote(dst, body []byte, f span) []byte {
	b := body[f.start:f.end]
	if !f.doubled {
		return append(dst, b...)
	}
	// Within such a field quotes stand only in pairs, and the field's own
	// quote stands before it.
	quote := body[f.start-1]
	for {
		i := bytes.IndexByte(b, quote)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i+1]...)
		b = b[i+2:]
	}
}
