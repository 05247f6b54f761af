package store

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/sihctl/sih"
)

// Hasher computes row hashes. It keeps a buffer and serves one goroutine. The
// zero Hasher is ready.
type Hasher struct {
	buf   []byte
	later map[*sih.Table][]int // see laterColumns
}

// Row returns the row_hash of e: the first half of a SHA-256 over the canonical
// texts of the columns that are not volatile, in the table's order. Each text
// is led by its length plus one in bytes, as an unsigned varint; NULL is a
// single zero. Written as 26 characters like an id, it is what the column
// row_hash holds.
//
// A column that a later version of the schema has brought follows the others
// under its name where it is filled, and is passed over where it is not: what a
// row of before says is the same when its store is brought to that version.
func (h *Hasher) Row(e sih.Entity) sih.ID {
	b, later := h.buf[:0], h.laterColumns(e.Table)
	for i := range e.Table.Columns {
		if e.Table.Columns[i].Volatile || slices.Contains(later, i) {
			continue
		}
		b = appendField(b, e.Values[i])
	}
	for _, i := range later {
		if v := e.Values[i]; !v.IsNull() {
			b = appendField(append(b, e.Table.Columns[i].Name...), v)
		}
	}
	h.buf = b
	sum := sha256.Sum256(b)
	return sih.ID(sum[:16])
}

// laterColumns are the places of a table's columns that its hashes did not cover
// from the beginning.
func (h *Hasher) laterColumns(t *sih.Table) []int {
	list, known := h.later[t]
	if known {
		return list
	}
	for i, c := range t.Columns {
		if !c.Volatile && addedLater(t.Name, c.Name) {
			list = append(list, i)
		}
	}
	if h.later == nil {
		h.later = map[*sih.Table][]int{}
	}
	h.later[t] = list
	return list
}

// Sum returns 128 bits that stand for what a row says: its content and what the
// content's hash leaves out, person_id and row_hash among it, so that a hash
// that was changed shows as well as a value that was changed beneath its hash.
// Its run_id and its clocks say nothing of it and are left out. A row_hash that
// the store has still to fill counts as filled.
func (h *Hasher) Sum(e sih.Entity) sih.ID {
	content := h.Row(e)
	b := append(h.buf[:0], content[:]...)
	for i := range e.Table.Columns {
		c, v := &e.Table.Columns[i], e.Values[i]
		switch {
		case !c.Volatile || c.Clock || c.Name == "run_id":
		case c.Name == "row_hash" && v.IsNull():
			b = appendField(b, sih.IDValue(content))
		default:
			b = appendField(b, v)
		}
	}
	h.buf = b
	sum := sha256.Sum256(b)
	return sih.ID(sum[:16])
}

// appendField appends v's canonical text behind its length plus one.
func appendField(b []byte, v sih.Value) []byte {
	if v.IsNull() {
		return append(b, 0)
	}
	// The length of most texts fits one byte, so the text is written behind a
	// byte for it and moved only where it does not.
	at := len(b)
	b = v.AppendText(append(b, 0))
	n := len(b) - at // the text's length plus one
	if n < 0x80 {
		b[at] = byte(n)
		return b
	}
	var head [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(head[:], uint64(n))
	b = append(b, head[1:size]...) // room
	copy(b[at+size:], b[at+1:at+n])
	copy(b[at:], head[:size])
	return b
}
