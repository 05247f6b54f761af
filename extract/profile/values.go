package profile

import (
	"math"
	"strings"
)

// Source is what the tables of one source have in common: which columns seem to
// hold the keys of other tables, and how many of their values stand nowhere
// there. Tables take part by [Options]; [Source.Relate] tells.
//
// Of the values of columns that could hold keys a Source keeps hashes, 2^20 at
// most over all tables. Where there are more it keeps those of a part of all
// values, the same part in every column, so that what is found of them holds
// of the whole. Its zero value is empty.
type Source struct {
	limit   int  // of hashes; 0 stands for maxHashes
	shift   uint // hashes are kept whose first bits, as many, are zero
	kept    int
	columns []*values
}

// maxHashes takes some 40 MB.
const maxHashes = 1 << 20

// values are the hashed values of one column.
type values struct {
	source        *Source
	table, column string
	key           bool // the declared key, on its own

	slots []slot
	n     int
	// seen counts values that were looked at, unlike those that no key looks
	// like. Where they are too many the column is dropped.
	seen, unlike int
	dropped      bool
	// digits counts the values of digits alone, low and high are their range.
	digits    int
	low, high float64
}

// slot holds a hash and in how many rows its value stands. Zero is empty.
type slot struct {
	hash uint64
	rows int64
}

// newValues begins a column.
func (s *Source) newValues(table, column string, key bool) *values {
	v := &values{source: s, table: table, column: column, key: key, low: math.Inf(1), high: math.Inf(-1)}
	s.columns = append(s.columns, v)
	return v
}

// The bounds of what a key looks like.
const (
	maxKeyLength = 40
	minSeen      = 100 // values after which a column can be dropped
	maxUnlike    = 20  // one value of so many may look like no key
)

// add takes a value that stands in n rows. Date tells that it is written like
// one.
func (v *values) add(text string, n int64, date bool) {
	if v.dropped {
		return
	}
	text = strings.TrimSpace(text)
	key, number := keyLike(text)
	v.seen++
	if !key || date {
		v.unlike++
		if v.seen >= minSeen && v.unlike*maxUnlike > v.seen {
			v.drop()
			return
		}
	}
	if number >= 0 {
		v.digits++
		v.low, v.high = min(v.low, number), max(v.high, number)
	}
	h := max(hash(upper(text), 1), 1)
	if h>>(64-v.source.shift) == 0 {
		v.count(h, n)
		v.source.shrink()
	}
}

// keyLike tells whether a text could be a key: short, without blanks, of ASCII
// alone, and with a digit where it has small letters. Number is the whole
// number that it is, or -1.
func keyLike(s string) (key bool, number float64) {
	if len(s) > maxKeyLength {
		return false, -1
	}
	digits, small := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
			number = number*10 + float64(c-'0')
		case c <= ' ' || c >= 0x7F || c == ',':
			return false, -1
		case c >= 'a' && c <= 'z':
			small = true
		}
	}
	if digits < len(s) || digits > 15 {
		number = -1
	}
	return digits > 0 || !small, number
}

// upper makes the small letters of ASCII capitals: most servers compare so.
func upper(s string) string {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			return strings.ToUpper(s)
		}
	}
	return s
}

// drop gives up a column that holds no keys.
func (v *values) drop() {
	v.source.kept -= v.n
	v.dropped, v.slots, v.n = true, nil, 0
}

// count adds n rows to a hash.
func (v *values) count(h uint64, n int64) {
	if 4*(v.n+1) > 3*len(v.slots) {
		old := v.slots
		v.slots = make([]slot, max(64, 2*len(old)))
		for _, o := range old {
			if o.hash != 0 {
				*v.at(o.hash) = o
			}
		}
	}
	s := v.at(h)
	if s.hash == 0 {
		s.hash = h
		v.n++
		v.source.kept++
	}
	s.rows += n
}

// at returns the slot where h stands, or else where it would.
func (v *values) at(h uint64) *slot {
	mask := len(v.slots) - 1
	i := int(h) & mask
	for v.slots[i].hash != 0 && v.slots[i].hash != h {
		i = (i + 1) & mask
	}
	return &v.slots[i]
}

// has tells whether h is there.
func (v *values) has(h uint64) bool { return v.n > 0 && v.at(h).hash == h }

// shrink keeps a half of all values where there are too many.
func (s *Source) shrink() {
	limit := s.limit
	if limit == 0 {
		limit = maxHashes
	}
	for s.kept > limit {
		s.shift++
		for _, v := range s.columns {
			old := v.slots
			s.kept -= v.n
			v.slots, v.n = nil, 0
			for _, o := range old {
				if o.hash != 0 && o.hash>>(64-s.shift) == 0 {
					v.count(o.hash, o.rows)
				}
			}
		}
	}
}
