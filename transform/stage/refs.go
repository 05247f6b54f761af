package stage

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/sihctl/sih"
)

// RefKind says what a reference entry states.
type RefKind uint8

// What an entry states, in the order in which entries of one id are sorted.
const (
	// Defined: row Row of this chunk yields the entity.
	Defined RefKind = iota
	// DefinedBad: it would, had it not been rejected.
	DefinedBad
	// Link: the entity Own of this chunk, which others may point at, hangs on
	// the entity.
	Link
	// Wanted: some entity of this chunk points at the entity.
	Wanted
)

// Ref is an entry of the sorted list by which references are resolved: a
// chunk defines entities and wants others.
type Ref struct {
	Rank uint8 // of the entity's table
	ID   sih.ID
	Kind RefKind
	Row  uint32 // for Defined and DefinedBad
	// Own is the entity that hangs on this one, for Link.
	OwnRank uint8
	Own     sih.ID
}

// refSize is the length of an entry's encoding, and links carry ownSize more.
const (
	refSize = 1 + 16 + 1
	ownSize = 1 + 16
)

// Compare orders entries by table, id, kind, row and owner.
func (r Ref) Compare(o Ref) int {
	if r.Rank != o.Rank {
		return int(r.Rank) - int(o.Rank)
	}
	if c := bytes.Compare(r.ID[:], o.ID[:]); c != 0 {
		return c
	}
	if r.Kind != o.Kind {
		return int(r.Kind) - int(o.Kind)
	}
	if r.Row != o.Row {
		return int(r.Row) - int(o.Row)
	}
	if r.OwnRank != o.OwnRank {
		return int(r.OwnRank) - int(o.OwnRank)
	}
	return bytes.Compare(r.Own[:], o.Own[:])
}

// sortRefs sorts entries and drops those that are there twice.
func sortRefs(refs []Ref) []Ref {
	slices.SortFunc(refs, Ref.Compare)
	return slices.Compact(refs)
}

func appendRef(b []byte, r Ref) []byte {
	b = append(b, r.Rank)
	b = append(b, r.ID[:]...)
	b = append(b, byte(r.Kind))
	switch r.Kind {
	case Defined, DefinedBad:
		b = binary.AppendUvarint(b, uint64(r.Row))
	case Link:
		b = append(b, r.OwnRank)
		b = append(b, r.Own[:]...)
	}
	return b
}

func (c *cursor) ref() (r Ref) {
	head := c.text(refSize)
	if c.bad {
		return r
	}
	r.Rank = head[0]
	copy(r.ID[:], head[1:])
	r.Kind = RefKind(head[17])
	switch r.Kind {
	case Defined, DefinedBad:
		r.Row = uint32(c.uvarint())
	case Link:
		if own := c.text(ownSize); !c.bad {
			r.OwnRank = own[0]
			copy(r.Own[:], own[1:])
		}
	}
	return r
}
