package csvfile

import (
	"bytes"
	"fmt"
	"io"
)

// maxRecord is the length in bytes past which nothing is taken for a row. An
// open quote is followed no farther.
const maxRecord = 4 << 20

// record is what the file holds from one record's start to the next one's.
type record struct {
	raw    []byte // with its line end
	body   []byte // without it
	offset int64
	line   int64
	fields []span // of body
	fault  fault  // set where it is no row
}

// scanner cuts a stream into records, so that each byte but those of empty
// lines belongs to exactly one. What it returns is valid until the next call.
type scanner struct {
	src   io.Reader
	width int // number of fields of a row; 0 takes any
	wide  bool
	// keepCR says that lines end in LF alone, and a CR before it is content.
	keepCR bool

	buf    []byte
	r, w   int // buf[r:w] is not yet returned
	eof    bool
	offset int64 // of buf[r] in the file
	line   int64 // of buf[r], from 1
	inLong bool  // within a line longer than maxRecord

	split, probe splitter
}

func newScanner(src io.Reader, offset int64, sp splitter) *scanner {
	return &scanner{src: src, buf: make([]byte, 256<<10), offset: offset, line: 1, split: sp, probe: sp}
}

// next returns the next record; at the end, io.EOF.
func (s *scanner) next() (record, error) {
	for {
		n, err := s.lineFrom(0)
		if err != nil {
			return record{}, err
		}
		raw := s.buf[s.r : s.r+n]
		switch {
		case n == 0:
			return record{}, io.EOF
		case s.inLong || n > maxRecord:
			return s.long(n), nil
		case s.width != 1 && len(s.chomp(raw)) == 0:
			s.advance(n)
			continue
		case n == 1 && raw[0] == 0x1A && s.atEnd(n):
			s.advance(n)
			continue
		}
		s.split.reset()
		f := s.split.run(s.chomp(raw))
		if f == "" && (s.width == 0 || len(s.split.fields) == s.width) {
			return s.take(n, s.illegal(raw)), nil
		}
		if f == "" {
			return s.take(n, s.ragged()), nil
		}
		return s.lines(n, f)
	}
}

// lines returns the record that begins with a first line of n bytes which
// ended within quotes, or with quotes that are wrong.
func (s *scanner) lines(first int, f fault) (record, error) {
	end := first
	for f == openQuote || f == openEscape {
		n, err := s.lineFrom(end)
		if err != nil {
			return record{}, err
		}
		if n == 0 || end+n > maxRecord {
			break
		}
		end += n
		f = s.split.run(s.chomp(s.buf[s.r : s.r+end]))
	}
	limit := maxRecord
	switch {
	case f == "" && (s.width == 0 || len(s.split.fields) == s.width):
		return s.take(end, s.illegal(s.buf[s.r:s.r+end])), nil
	case f == "":
		f, limit = s.ragged(), end
	}
	end, err := s.giveUp(first, limit)
	if err != nil {
		return record{}, err
	}
	return s.take(end, f), nil
}

// giveUp returns where a bad record ends: at the first line from the given
// place that is a row by itself, or at the limit.
func (s *scanner) giveUp(from, limit int) (int, error) {
	for {
		n, err := s.lineFrom(from)
		if err != nil {
			return 0, err
		}
		if n == 0 || from+n > limit {
			return from, nil
		}
		s.probe.reset()
		f := s.probe.run(s.chomp(s.buf[s.r+from : s.r+from+n]))
		if f == "" && len(s.probe.fields) == s.width {
			return from, nil
		}
		from += n
	}
}

func (s *scanner) ragged() fault {
	return fault(fmt.Sprintf("%d fields where the header has %d", len(s.split.fields), s.width))
}

// long returns the next piece of a line that is longer than any record.
func (s *scanner) long(n int) record {
	s.inLong = n > maxRecord
	if s.inLong {
		n = maxRecord
		for s.wide && s.buf[s.r+n]&0xC0 == 0x80 { // not amid a character
			n--
		}
	}
	return s.take(n, fault(fmt.Sprintf("a line longer than %d MiB", maxRecord>>20)))
}

// take returns the first n bytes as one record and goes on behind them.
func (s *scanner) take(n int, f fault) record {
	raw := s.buf[s.r : s.r+n]
	rec := record{raw: raw, body: s.chomp(raw), offset: s.offset, line: s.line, fields: s.split.fields, fault: f}
	s.advance(n)
	return rec
}

func (s *scanner) advance(n int) {
	raw := s.buf[s.r : s.r+n]
	s.line += int64(bytes.Count(raw, []byte{'\n'}))
	if s.wide {
		s.offset += int64(wideLen(raw))
	} else {
		s.offset += int64(n)
	}
	s.r += n
}

// lineFrom returns the length, its end included, of the line that begins at
// the given place behind buf[r]. It is 0 at the end of the file, and more than
// maxRecord where the line is longer: then its end may not have been seen.
func (s *scanner) lineFrom(from int) (int, error) {
	seen := from
	for {
		if i := bytes.IndexByte(s.buf[s.r+seen:s.w], '\n'); i >= 0 {
			return seen + i + 1 - from, nil
		}
		seen = s.w - s.r
		if s.eof || seen-from > maxRecord {
			return seen - from, nil
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// atEnd tells whether the file ends n bytes from here. It is asked only of
// lines without an end, which are always the last.
func (s *scanner) atEnd(n int) bool { return s.eof && s.r+n == s.w }

func (s *scanner) fill() error {
	if s.r > 0 {
		copy(s.buf, s.buf[s.r:s.w])
		s.r, s.w = 0, s.w-s.r
	}
	if s.w == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.src.Read(s.buf[s.w:])
	s.w += n
	if err == io.EOF {
		s.eof, err = true, nil
	}
	return err
}

// chomp returns a line without its end.
func chomp(line []byte) []byte {
	n := len(line)
	if n > 0 && line[n-1] == '\n' {
		n--
		if n > 0 && line[n-1] == '\r' {
			n--
		}
	}
	return line[:n]
}

// chomp returns a line without its end.
func (s *scanner) chomp(line []byte) []byte {
	if s.keepCR {
		return bytes.TrimSuffix(line, []byte{'\n'})
	}
	return chomp(line)
}

// illegal names the byte that no text holds: NUL comes from a damaged or
// binary file, 0x1A (SUB) from a conversion that lost a character. Where a
// server escapes what it writes, NUL is escaped and a 0x1A is content.
func (s *scanner) illegal(raw []byte) fault {
	switch {
	case bytes.IndexByte(raw, 0) >= 0:
		return holdsNUL
	case !s.split.escape && bytes.IndexByte(raw, 0x1A) >= 0:
		return holdsSUB
	case s.wide && bytes.IndexByte(raw, oddMark) >= 0:
		return halfCharacter
	}
	return ""
}
