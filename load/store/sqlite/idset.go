package sqlite

import (
	"hash/maphash"

	"zombiezen.com/go/sqlite"
)

// idSet is a set of ids, each by a hash of 63 bits. Of ten million, two share
// one with a probability of a few millionths; a reference to nothing might then
// be overlooked. It takes eleven to twenty-two bytes an id. 0 marks a free
// place.
type idSet []uint64

func newIDSet(n int) idSet {
	size := 16
	for size*3 < n*4 {
		size *= 2
	}
	return make(idSet, size)
}

// at is where the search for v begins.
func (s idSet) at(v uint64) int { return int(v & uint64(len(s)-1)) }

func (s idSet) add(v uint64) {
	for i := s.at(v); ; i = (i + 1) & (len(s) - 1) {
		if s[i] == 0 || s[i] == v {
			s[i] = v
			return
		}
	}
}

func (s idSet) has(v uint64) bool {
	for i := s.at(v); s[i] != 0; i = (i + 1) & (len(s) - 1) {
		if s[i] == v {
			return true
		}
	}
	return false
}

var idSeed = maphash.MakeSeed()

// idHash returns the hash of the id in a column, never 0.
func idHash(stmt *sqlite.Stmt, column int) uint64 {
	var b [32]byte
	n := stmt.ColumnBytes(column, b[:])
	return maphash.Bytes(idSeed, b[:n]) | 1
}
