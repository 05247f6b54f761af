package tdstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// bulk is a bulk copy that was announced: INSERT BULK, then the rows in a
// message of their own ([MS-TDS] 2.2.6.1, 3.2.5.10).
type bulk struct {
	table   string // SQLite's name
	columns []field
	ordered bool
}

var insertBulk = regexp.MustCompile(`^INSERT BULK (?:` + tablePattern + `|\[?(#\w+)\]?) \((.*?)\) (?:WITH \((.*)\))?$`)

// expect reads INSERT BULK; the columns have to be the table's.
func (s *session) expect(text string) (*bulk, error) {
	m := insertBulk.FindStringSubmatch(text)
	if m == nil {
		return nil, &refusal{102, "a bulk copy that is not known here: " + text}
	}
	b := &bulk{table: m[4], ordered: strings.Contains(m[6], "ORDER(")}
	if b.table == "" {
		b.table = m[1] + "." + m[2] + m[3]
	}
	fields, err := s.fields(b.table)
	if err != nil {
		return nil, err
	}
	for _, c := range bracketed.FindAllStringSubmatch(m[5], -1) {
		for _, f := range fields {
			if f.name == c[1] {
				b.columns = append(b.columns, f)
			}
		}
	}
	if n := strings.Count(m[5], "["); n != len(b.columns) || n == 0 {
		return nil, &refusal{207, "a bulk copy into columns that are not there"}
	}
	return b, nil
}

// shape describes a table's columns, for SET FMTONLY.
func (s *session) shape(name string) (out outcome, err error) {
	table := strings.Trim(name, "[]")
	if m := tableName.FindStringSubmatch(name); m != nil {
		table = m[1] + "." + m[2] + m[3]
	}
	fields, err := s.fields(table)
	if err != nil || len(fields) == 0 {
		return out, errors.Join(err, &refusal{208, "invalid object name " + name})
	}
	for _, f := range fields {
		out.columns = append(out.columns, result{f.name, f.typ, !f.required})
	}
	return out, nil
}

// load takes the rows of a bulk copy, all of them or none.
func (c *connection) load(body []byte) bool {
	r := &reply{conn: c.conn}
	n, err := 0, error(&refusal{4002, "a bulk copy that was not announced"})
	if c.session != nil && c.session.bulk != nil {
		n, err = c.session.load(c.session.bulk, body)
		c.session.bulk = nil
	}
	status := doneCount
	if err != nil {
		c.fail(r, err)
		status, n = doneError, 0
	}
	r.done(tokenDone, status, uint64(n))
	r.end()
	return r.err == nil
}

func (s *session) load(b *bulk, body []byte) (n int, err error) {
	defer sqlitex.Save(s.conn)(&err)
	// Without CHECK_CONSTRAINTS the server leaves them unchecked.
	if err := sqlitex.ExecuteTransient(s.conn, "PRAGMA ignore_check_constraints = ON", nil); err != nil {
		return 0, err
	}
	defer sqlitex.ExecuteTransient(s.conn, "PRAGMA ignore_check_constraints = OFF", nil)
	names := make([]string, len(b.columns))
	for i, f := range b.columns {
		names[i] = f.name
	}
	in := ""
	if strings.HasPrefix(b.table, "#") {
		in = "temp."
	}
	stmt, _, err := s.conn.PrepareTransient(fmt.Sprintf(`INSERT INTO %s"%s" (%s) VALUES (?%s)`, in, b.table, strings.Join(names, ", "), strings.Repeat(", ?", len(names)-1)))
	if err != nil {
		return 0, err
	}
	defer stmt.Finalize()
	p := &bulkReader{b: body}
	if p.byte() != tokenColumns || p.u16() != len(b.columns) {
		return 0, &refusal{4804, "columns other than those that were announced"}
	}
	for _, f := range b.columns {
		p.column(f)
	}
	last := ""
	for p.err == nil {
		switch token := p.byte(); token {
		case tokenRow:
			for i, f := range b.columns {
				if err := p.field(stmt, i+1, f); err != nil {
					return 0, err
				}
				if i == 0 && b.ordered {
					if p.last < last {
						return 0, &refusal{4819, "the rows are not in the order that was announced"}
					}
					last = p.last
				}
			}
			if p.err != nil {
				break
			}
			if _, err := stmt.Step(); err != nil {
				return 0, err
			}
			if err := stmt.Reset(); err != nil {
				return 0, err
			}
			n++
		case tokenDone:
			return n, nil
		default:
			return 0, &refusal{4804, fmt.Sprintf("token %#x in a bulk copy", token)}
		}
	}
	return 0, p.err
}

// bulkReader reads the message of a bulk copy.
type bulkReader struct {
	b    []byte
	err  error
	last string // the text that was read last
}

func (p *bulkReader) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.err, p.b = errMessage, nil
		return make([]byte, max(n, 0)&0xFFFF)
	}
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

func (p *bulkReader) byte() byte { return p.take(1)[0] }
func (p *bulkReader) u16() int   { return int(binary.LittleEndian.Uint16(p.take(2))) }

// column reads a column's description, which has to be what the server said.
func (p *bulkReader) column(f field) {
	want := &reply{}
	want.describe(f.name, f.typ, !f.required)
	head := 6 // user type and flags
	got := p.take(len(want.buf))
	if p.err == nil && string(got[head:]) != string(want.buf[head:]) {
		p.err = &refusal{4804, "column " + f.name + " is described otherwise than the server did"}
	}
}

// field reads a value and binds it.
func (p *bulkReader) field(stmt *sqlite.Stmt, at int, f field) error {
	data := p.value(f)
	if p.err != nil {
		return p.err
	}
	if data == nil {
		if f.required {
			return &refusal{515, "NULL in column " + f.name}
		}
		stmt.BindNull(at)
		return nil
	}
	if _, fam := tokenOf(f.typ, !f.required); fam == byteLen && len(data) != f.typ.size() {
		return &refusal{4804, "a value of column " + f.name + " has another length"}
	}
	switch f.typ.name {
	case "bit":
		stmt.BindInt64(at, int64(data[0]))
	case "bigint":
		stmt.BindInt64(at, int64(binary.LittleEndian.Uint64(data)))
	case "char", "nvarchar":
		text := string(data)
		if f.typ.name == "nvarchar" {
			u := make([]uint16, len(data)/2)
			for i := range u {
				u[i] = binary.LittleEndian.Uint16(data[2*i:])
			}
			text = string(utf16.Decode(u))
		}
		if limit := f.typ.length(); limit >= 0 && len(data) > limit {
			return &refusal{2628, "String or binary data would be truncated in column " + f.name + ", value " + text}
		}
		if f.typ.name == "char" {
			text += strings.Repeat(" ", f.typ.n-len(data))
		}
		p.last = text
		stmt.BindText(at, text)
	case "date":
		stmt.BindText(at, dayText(data))
	case "datetime2":
		var ms [8]byte
		n := len(data) - 3
		copy(ms[:], data[:n])
		clock := time.UnixMilli(int64(binary.LittleEndian.Uint64(ms[:]))).UTC()
		stmt.BindText(at, dayText(data[n:])+clock.Format(" 15:04:05.000"))
	case "decimal":
		whole := make([]byte, len(data)-1)
		for i := range whole {
			whole[len(whole)-1-i] = data[1+i]
		}
		n := new(big.Int).SetBytes(whole)
		digits := fmt.Sprintf("%0*s", f.typ.scale+1, n.String())
		if len(digits) > f.typ.n {
			return &refusal{8115, "Arithmetic overflow in column " + f.name}
		}
		text := digits[:len(digits)-f.typ.scale] + "." + digits[len(digits)-f.typ.scale:]
		if data[0] == 0 {
			text = "-" + text
		}
		stmt.BindText(at, text)
	default:
		return &refusal{4804, "a type that is not known here: " + f.typ.name}
	}
	return nil
}

// size is how many bytes a value of a type has that has always as many.
func (t sqlType) size() int {
	switch t.name {
	case "decimal":
		return t.decimalSize()
	case "datetime2":
		return t.timeSize()
	}
	return t.fixedSize
}

// dayText is the day that is so many days, in three bytes, after the first.
func dayText(b []byte) string {
	return year1.AddDate(0, 0, int(b[0])|int(b[1])<<8|int(b[2])<<16).Format(time.DateOnly)
}

// value reads the bytes of a value; nil is NULL.
func (p *bulkReader) value(f field) []byte {
	switch _, fam := tokenOf(f.typ, !f.required); fam {
	case bare:
		return p.take(f.typ.fixedSize)
	case byteLen:
		if n := int(p.byte()); n > 0 {
			return p.take(n)
		}
		return nil
	case wordLen:
		if n := p.u16(); n != 0xFFFF {
			return p.take(n)
		}
		return nil
	case parts:
		if binary.LittleEndian.Uint64(p.take(8)) == 0xFFFFFFFFFFFFFFFF {
			return nil
		}
		data := []byte{}
		for p.err == nil {
			n := int(binary.LittleEndian.Uint32(p.take(4)))
			if n == 0 {
				return data
			}
			data = append(data, p.take(n)...)
		}
	}
	if p.err == nil {
		p.err = errMessage
	}
	return nil
}
