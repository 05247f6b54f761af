package store

import (
	"encoding/binary"
	"hash/fnv"
	"math/bits"

	"github.com/sihctl/sih"
)

// Digest tells two sets of rows apart without having them side by side. Each
// row adds 128 bits, which derive from all it says, to the bucket that its key
// falls into: the order and the place of the rows do not matter, and where two
// digests differ, few rows have to be looked at again. The zero Digest is
// ready and serves one goroutine.
type Digest struct {
	hasher Hasher
	tables map[*sih.Table]*[Buckets]bucket
}

// Buckets is the number of buckets of a table: as many as an id's first three
// characters can tell apart, so that a bucket is a stretch of the key.
const Buckets = 1 << 13

// prefix is how many characters of an id tell the bucket.
const prefix = 3

// bucket is the sum of its rows, modulo 2^128, and their number.
type bucket struct {
	hi, lo uint64
	rows   int64
}

// Add adds a row by its [Hasher.Sum].
func (d *Digest) Add(e sih.Entity) {
	d.add(e.Table, BucketOf(e), d.hasher.Sum(e))
}

// AddSum adds a row of which only the id and the sum are known. Its table is
// [KeyedByID].
func (d *Digest) AddSum(t *sih.Table, id, sum sih.ID) {
	d.add(t, BucketOfID(id), sum)
}

func (d *Digest) add(table *sih.Table, in int, sum sih.ID) {
	if d.tables == nil {
		d.tables = map[*sih.Table]*[Buckets]bucket{}
	}
	t := d.tables[table]
	if t == nil {
		t = new([Buckets]bucket)
		d.tables[table] = t
	}
	at := &t[in]
	var carry uint64
	at.lo, carry = bits.Add64(at.lo, binary.BigEndian.Uint64(sum[8:]), 0)
	at.hi, _ = bits.Add64(at.hi, binary.BigEndian.Uint64(sum[:8]), carry)
	at.rows++
}

// Merge adds what another digest holds.
func (d *Digest) Merge(other *Digest) {
	if d.tables == nil {
		d.tables = map[*sih.Table]*[Buckets]bucket{}
	}
	for t, from := range other.tables {
		into := d.tables[t]
		if into == nil {
			into = new([Buckets]bucket)
			d.tables[t] = into
		}
		for i := range from {
			var carry uint64
			into[i].lo, carry = bits.Add64(into[i].lo, from[i].lo, 0)
			into[i].hi, _ = bits.Add64(into[i].hi, from[i].hi, carry)
			into[i].rows += from[i].rows
		}
	}
}

// Rows counts the rows of a table.
func (d *Digest) Rows(t *sih.Table) (n int64) {
	if b := d.tables[t]; b != nil {
		for i := range b {
			n += b[i].rows
		}
	}
	return n
}

// RowsIn counts the rows of a bucket.
func (d *Digest) RowsIn(t *sih.Table, bucket int) int64 {
	if b := d.tables[t]; b != nil {
		return b[bucket].rows
	}
	return 0
}

// Differ lists the buckets of a table in which two digests are not the same.
func (d *Digest) Differ(other *Digest, t *sih.Table) (list []int) {
	var none [Buckets]bucket
	a, b := d.tables[t], other.tables[t]
	if a == nil {
		a = &none
	}
	if b == nil {
		b = &none
	}
	for i := range a {
		if a[i] != b[i] {
			list = append(list, i)
		}
	}
	return list
}

// BucketOf returns the bucket that a row falls into: by its id, or by its whole
// key where it has none.
func BucketOf(e sih.Entity) int {
	if id, ok := rowID(e); ok {
		return BucketOfID(id)
	}
	h := fnv.New32a()
	for _, name := range e.Table.Key {
		h.Write(appendField(nil, e.Get(name)))
	}
	return int(h.Sum32() % Buckets)
}

// BucketOfID returns the bucket of a row whose key is an id.
func BucketOfID(id sih.ID) int { return int(binary.BigEndian.Uint16(id[:2]) >> 3) }

// rowID returns the id that is a row's whole key.
func rowID(e sih.Entity) (sih.ID, bool) {
	if !KeyedByID(e.Table) {
		return sih.ID{}, false
	}
	return e.Values[e.Table.Column(e.Table.Key[0])].ID(), true
}

// KeyedByID tells whether a table's key is an id alone. A bucket is then the
// stretch of the key that [SpanOf] tells; otherwise its rows lie anywhere.
func KeyedByID(t *sih.Table) bool {
	return len(t.Key) == 1 && t.Columns[t.Column(t.Key[0])].Kind == sih.KindID
}

// Span is a stretch of a table's ids: from From on, to below To. Empty is open.
type Span struct{ From, To string }

// Where is the condition, with WHERE before it, that a row of t lies in the
// span, and its arguments; nothing for all of them. The table is [KeyedByID].
func (s Span) Where(t *sih.Table) (sql string, args []any) {
	if s.From != "" {
		sql, args = " WHERE "+t.Key[0]+" >= ?", append(args, s.From)
	}
	switch {
	case s.To == "":
		return sql, args
	case sql == "":
		sql = " WHERE "
	default:
		sql += " AND "
	}
	return sql + t.Key[0] + " < ?", append(args, s.To)
}

// SpanOf is the stretch of ids that fall into a bucket.
func SpanOf(bucket int) Span {
	at := func(n int) string {
		if n >= Buckets {
			return ""
		}
		var id sih.ID
		binary.BigEndian.PutUint16(id[:2], uint16(n)<<3)
		return id.String()[:prefix]
	}
	return Span{at(bucket), at(bucket + 1)}
}
