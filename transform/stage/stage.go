// Package stage holds the files that transform leaves for load: one per
// snapshot chunk, with the entities that came of it, sorted by table and id,
// and beside them what was left out and why. [Create] writes one, [Open]
// reads one. The format is private to one version of the schema: its
// fingerprint stands in front, and another version's files are refused and
// made again.
package stage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/sihctl/sih"
)

// magic begins and ends a stage file.
const magic = "SIHSTG01"

// Fingerprint stands for the schema: it changes when a table's columns do.
var Fingerprint = FingerprintOf(sih.Tables)

// FingerprintOf is the fingerprint of the schema that has these tables.
func FingerprintOf(tables []*sih.Table) (sum [8]byte) {
	h := sha256.New()
	for _, t := range tables {
		fmt.Fprintln(h, t.Name)
		for _, c := range t.Columns {
			fmt.Fprintln(h, c.Name, c.Kind, c.Size, c.NotNull, c.Ref, c.Soft, c.Volatile)
		}
	}
	copy(sum[:], h.Sum(nil))
	return sum
}

// Entity is an entity on its way to the store.
type Entity struct {
	sih.Entity
	// Row is the row of the snapshot chunk that it came from.
	Row int
	// Primary marks the first entity of its row: if it is kept out, so is the
	// row.
	Primary bool
	// Facility is the code of the facility that it counts for; it may be empty.
	Facility string
}

// AmountColumn returns the place of the column that says what a row of the table
// is about in money: a bill's total, the amount of one of its lines or of a
// receipt. It is -1 where there is none.
func AmountColumn(t *sih.Table) int {
	for _, name := range [...]string{"total", "amount"} {
		if i := t.Column(name); i >= 0 && t.Columns[i].Kind == sih.KindMoney && t.Group != sih.Ledger {
			return i
		}
	}
	return -1
}

// Amount is what the entity is about in money, in centimes; 0 where its table
// has no such column, or where it is not filled.
func (e *Entity) Amount() int64 {
	if i := AmountColumn(e.Table); i >= 0 {
		return e.Values[i].Int()
	}
	return 0
}

// Left is a record, or an entity of it, that is not in the store as it is.
type Left struct {
	Row   int    `json:"row"`
	Key   string `json:"key"`
	State string `json:"state"` // excluded, rejected, joined; see sih's source_record
	// Reason is the exclusion's as the mapping states it, or a reason code.
	Reason string `json:"reason"`
	// Amount is what the record would have brought, in centimes, where what it
	// would have become has one; see [AmountColumn].
	Amount int64 `json:"amount,omitempty"`
	// Content is the whole record as a JSON object.
	Content string `json:"content,omitempty"`
}

// Note is an issue with what the workbook and the reject table show of it.
type Note struct {
	Row      int          `json:"row"`
	Key      string       `json:"key"`
	Table    string       `json:"table"`
	Slot     string       `json:"slot,omitempty"`
	Field    string       `json:"field,omitempty"`
	Reason   sih.Reason   `json:"reason"`
	Severity sih.Severity `json:"severity"`
	Detail   string       `json:"detail,omitempty"`
	// Value is what the source has. It is a patient's: never printed.
	Value    string `json:"value,omitempty"`
	Facility string `json:"facility,omitempty"`
	Year     int    `json:"year,omitempty"`
	Amount   int64  `json:"amount,omitempty"` // that was kept out with it, in centimes
	Entity   string `json:"entity,omitempty"` // id
}

// Control is what one row adds to a control total, in the source's own terms.
type Control struct {
	Row      int
	Measure  string
	Facility string
	Year     int
	Payer    string
	Month    int // 1 to 12, or 0
	Amount   int64
}

// Meta is what a stage file says of itself.
type Meta struct {
	Source sih.SourceID `json:"source"`
	Table  string       `json:"table"` // the source's table
	Chunk  string       `json:"chunk"` // name of the snapshot chunk
	Input  string       `json:"input"` // hash over the snapshot chunk and the mapping
	// Content is a hash over all that the file says but Input: the same where
	// another input came to the same. [Writer.Close] fills it.
	Content  string `json:"content"`
	Rows     int64  `json:"rows"`
	Accepted int64  `json:"accepted"`
	Rejected int64  `json:"rejected"`
	Excluded int64  `json:"excluded"`
	Joined   int64  `json:"joined"`
	Warnings int64  `json:"warnings"`
	// Entities counts the entities per unified table.
	Entities map[string]int64 `json:"entities"`
	// Filled counts, per unified column as table.column, the rows that held
	// something before and after the rules.
	Filled map[string]Fill `json:"filled"`
	// Codes counts, per list and source code, its uses.
	Codes []CodeUse `json:"codes,omitempty"`
}

// Fill counts how often a column was filled.
type Fill struct {
	Rows   int64 `json:"rows"`
	Before int64 `json:"before"` // the source had something
	After  int64 `json:"after"`  // the entity has something
	Valid  int64 `json:"valid"`  // without an issue
}

// CodeUse counts how often a source's code was met.
type CodeUse struct {
	List   string `json:"list"`
	Code   string `json:"code"`
	Label  string `json:"label,omitempty"`
	Target string `json:"target,omitempty"`
	Status string `json:"status"` // approved, draft, unmapped
	By     string `json:"by,omitempty"`
	Uses   int64  `json:"uses"`
}

// appendEntity appends an entity's encoding: table, row, flags, facility, a
// bit per NULL, then the values by kind.
func appendEntity(b []byte, e *Entity, facility int) []byte {
	b = binary.AppendUvarint(b, uint64(e.Table.Rank()))
	flag := uint64(0)
	if e.Primary {
		flag = 1
	}
	b = binary.AppendUvarint(b, uint64(e.Row)<<1|flag)
	b = binary.AppendUvarint(b, uint64(facility))
	nulls := len(b)
	for range (len(e.Values) + 7) / 8 {
		b = append(b, 0)
	}
	for i, v := range e.Values {
		switch v.Kind() {
		case sih.KindNull:
			b[nulls+i/8] |= 1 << (i % 8)
		case sih.KindID:
			id := v.ID()
			b = append(b, id[:]...)
		case sih.KindCode, sih.KindStr, sih.KindText:
			s := v.String()
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		case sih.KindPDate:
			p := v.PDate()
			b = binary.AppendVarint(b, int64(p.First))
			b = binary.AppendUvarint(b, uint64(p.Last-p.First))
			b = append(b, byte(p.Precision))
		default:
			b = binary.AppendVarint(b, v.Int())
		}
	}
	return b
}

// cursor reads what appendEntity and its like wrote. Its texts share the
// memory of the text that it reads.
type cursor struct {
	s   string
	bad bool
}

func (c *cursor) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(c.s) && i < 10; i++ {
		v |= uint64(c.s[i]&0x7f) << (7 * i)
		if c.s[i] < 0x80 {
			c.s = c.s[i+1:]
			return v
		}
	}
	c.bad, c.s = true, ""
	return 0
}

func (c *cursor) varint() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (c *cursor) text(n uint64) string {
	if n > uint64(len(c.s)) {
		c.bad, c.s = true, ""
		return ""
	}
	t := c.s[:n]
	c.s = c.s[n:]
	return t
}

func (c *cursor) entity(e *Entity, tables []*sih.Table, facilities []string, values []sih.Value) {
	rank := c.uvarint()
	row := c.uvarint()
	facility := c.uvarint()
	if rank >= uint64(len(tables)) || facility >= uint64(len(facilities)) {
		c.bad = true
		return
	}
	e.Table = tables[rank]
	e.Row, e.Primary = int(row>>1), row&1 == 1
	e.Facility = facilities[facility]
	nulls := c.text(uint64(len(e.Table.Columns)+7) / 8)
	if c.bad {
		return
	}
	e.Values = values[:0]
	for i := range e.Table.Columns {
		var v sih.Value
		if nulls[i/8]&(1<<(i%8)) == 0 {
			v = c.value(e.Table.Columns[i].Kind)
		}
		e.Values = append(e.Values, v)
	}
}

func (c *cursor) value(k sih.Kind) sih.Value {
	switch k {
	case sih.KindID:
		var id sih.ID
		copy(id[:], c.text(16))
		return sih.IDValue(id)
	case sih.KindCode:
		return sih.CodeValue(c.text(c.uvarint()))
	case sih.KindStr:
		return sih.StrValue(c.text(c.uvarint()))
	case sih.KindText:
		return sih.TextValue(c.text(c.uvarint()))
	case sih.KindPDate:
		first := sih.Date(c.varint())
		last := first + sih.Date(c.uvarint())
		if p := c.text(1); !c.bad {
			return sih.PDateValue(sih.PartialDate{First: first, Last: last, Precision: sih.Precision(p[0])})
		}
		return sih.Value{}
	case sih.KindDate:
		return sih.DateValue(sih.Date(c.varint()))
	case sih.KindTS:
		return sih.TSValue(sih.Timestamp(c.varint()))
	case sih.KindNum:
		return sih.NumValue(c.varint())
	case sih.KindMoney:
		return sih.MoneyValue(c.varint())
	case sih.KindInt:
		return sih.IntValue(c.varint())
	case sih.KindBool:
		return sih.BoolValue(c.varint() != 0)
	}
	c.bad = true
	return sih.Value{}
}
