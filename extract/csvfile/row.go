package csvfile

import (
	"strconv"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// rowMaker turns a file's records into rows. The text of a row is one string,
// so that a row costs one allocation; only fields with doubled quotes cost
// one more.
type rowMaker struct {
	codec *codec
	file  string
	at    []int // where the file has each column
	cells extract.Row
	buf   []byte
	ends  []int  // of the fields in buf
	text  []bool // whether they are text
}

func newRowMaker(c *codec, file string, at []int) *rowMaker {
	return &rowMaker{codec: c, file: file, at: at, cells: make(extract.Row, len(at)+2)}
}

// row returns the record's row, which is good until the next call.
func (m *rowMaker) row(rec record) extract.Row {
	m.buf = m.buf[:0]
	own := m.cells[len(m.at):] // the reader's own columns
	own[0] = sih.Text(m.file)
	if m.codec.plain(rec.body) {
		m.buf = append(m.buf, rec.body...)
		all := m.finish(rec.line)
		for i, j := range m.at {
			f := rec.fields[j]
			m.cells[i] = sih.Raw{Text: all[f.start:f.end]}
			switch {
			case f.doubled:
				m.cells[i].Text = string(unquote(nil, rec.body, f))
			case f.escaped:
				m.cells[i] = m.unescaped(rec.body[f.start:f.end])
			}
		}
		own[1] = sih.Text(all[len(rec.body):])
		return m.cells
	}
	m.ends, m.text = m.ends[:0], m.text[:0]
	var content []byte
	for _, f := range rec.fields {
		b := rec.body[f.start:f.end]
		if f.doubled {
			content = unquote(content[:0], rec.body, f)
			b = content
		}
		var ok bool
		m.buf, ok = m.codec.appendText(m.buf, b)
		m.ends, m.text = append(m.ends, len(m.buf)), append(m.text, ok)
	}
	all := m.finish(rec.line)
	for i, j := range m.at {
		start := 0
		if j > 0 {
			start = m.ends[j-1]
		}
		m.cells[i] = sih.Raw{Text: all[start:m.ends[j]], Bytes: !m.text[j]}
		if f := rec.fields[j]; f.escaped {
			m.cells[i] = m.unescaped(rec.body[f.start:f.end])
		}
	}
	own[1] = sih.Text(all[m.ends[len(m.ends)-1]:])
	return m.cells
}

// finish appends the line's number to buf and returns it all.
func (m *rowMaker) finish(line int64) string {
	m.buf = strconv.AppendInt(m.buf, line, 10)
	return string(m.buf)
}
