package csvfile

import "bytes"

// fault says why a record is no row; the empty fault is none.
type fault string

const (
	openQuote     fault = "a quote stays open"
	strayQuote    fault = "text follows a closing quote"
	holdsNUL      fault = "it holds a NUL"
	holdsSUB      fault = "it holds a 0x1A"
	halfCharacter fault = "the file ends within a character"
)

// span is a field's place within its record, without its quotes.
type span struct {
	start, end int
	doubled    bool // holds doubled quotes
	escaped    bool // holds escapes
}

// splitter cuts a record into fields by the strict rule. It goes on where it
// stopped when a record that ended within quotes is given again with its next
// line.
type splitter struct {
	sep, quote byte
	noSep      bool // the file has one column and no separator
	noQuote    bool
	escape     bool // a backslash escapes, and nothing is quoted

	fields  []span
	pos     int  // how far the record is read
	quoted  bool // pos is within quotes
	start   int  // of the field within quotes
	doubled bool
	escaped bool
}

func (p *splitter) reset() {
	p.fields, p.pos, p.quoted = p.fields[:0], 0, false
	p.start, p.escaped = 0, false
}

// run reads on to the end of rec, which is one or more lines without the last
// one's end, and begins as it did in the call before.
func (p *splitter) run(rec []byte) fault {
	if p.escape {
		return p.runEscaped(rec)
	}
	for {
		if !p.quoted && p.pos < len(rec) && rec[p.pos] == p.quote && !p.noQuote {
			p.quoted, p.start, p.doubled = true, p.pos+1, false
			p.pos++
		}
		if p.quoted {
			if f := p.closeQuote(rec); f != "" {
				return f
			}
			if p.pos == len(rec) {
				return ""
			}
			if rec[p.pos] != p.sep || p.noSep {
				return strayQuote
			}
			p.pos++
			continue
		}
		n := -1
		if !p.noSep {
			n = bytes.IndexByte(rec[p.pos:], p.sep)
		}
		if n < 0 {
			p.fields = append(p.fields, span{start: p.pos, end: len(rec)})
			p.pos = len(rec)
			return ""
		}
		p.fields = append(p.fields, span{start: p.pos, end: p.pos + n})
		p.pos += n + 1
	}
}

// closeQuote reads to behind the quote that closes the field.
func (p *splitter) closeQuote(rec []byte) fault {
	for {
		n := bytes.IndexByte(rec[p.pos:], p.quote)
		if n < 0 {
			p.pos = len(rec)
			return openQuote
		}
		p.pos += n + 1
		if p.pos == len(rec) || rec[p.pos] != p.quote {
			p.fields = append(p.fields, span{start: p.start, end: p.pos - 1, doubled: p.doubled})
			p.quoted = false
			return ""
		}
		p.doubled = true
		p.pos++
	}
}
