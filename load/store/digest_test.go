package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// TestSpans holds that a bucket's span holds its ids and no other.
func TestSpans(t *testing.T) {
	table := sih.TableByName("person")
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var id sih.ID
		for i := range id {
			id[i] = byte(r.IntN(256))
		}
		if r.IntN(4) == 0 {
			id[0], id[1] = []byte{0, 0xff}[r.IntN(2)], []byte{0, 7, 8, 0xf8, 0xff}[r.IntN(5)]
		}
		e := sih.Entity{Table: table, Values: make([]sih.Value, len(table.Columns))}
		e.Values[table.Column("id")] = sih.IDValue(id)
		b := store.BucketOf(e)
		for _, at := range []int{b - 1, b, b + 1} {
			if at < 0 || at >= store.Buckets {
				continue
			}
			s := store.SpanOf(at)
			in := id.String() >= s.From && (s.To == "" || id.String() < s.To)
			if in != (at == b) {
				t.Fatalf("%v of bucket %d: in the span of %d: %v", id, b, at, in)
			}
		}
	}
}

// TestDigest holds that a digest does not hang on the order, and sees every
// change of a value.
func TestDigest(t *testing.T) {
	rows := storetest.Rows(1, 20)
	digest := func(rows []sih.Entity) *store.Digest {
		var parts [2]store.Digest
		for i, e := range rows {
			parts[i%2].Add(e)
		}
		var d store.Digest
		d.Merge(&parts[1])
		d.Merge(&parts[0])
		return &d
	}
	differ := func(a, b *store.Digest) (n int) {
		for _, table := range sih.Tables {
			n += len(a.Differ(b, table))
		}
		return n
	}
	want := digest(rows)
	turned := slices.Clone(rows)
	slices.Reverse(turned)
	if n := differ(want, digest(turned)); n != 0 {
		t.Errorf("another order: %d buckets differ", n)
	}
	if n := differ(want, digest(rows[1:])); n != 1 {
		t.Errorf("a row missing: %d buckets differ, want 1", n)
	}
	if n := differ(want, digest(append(rows[:len(rows):len(rows)], rows[3]))); n != 1 {
		t.Errorf("a row twice: %d buckets differ, want 1", n)
	}
	seen := map[string]bool{}
	for i, e := range rows {
		for c, v := range e.Values {
			col := e.Table.Columns[c]
			if v.IsNull() || slices.Contains(e.Table.Key, col.Name) || seen[e.Table.Name+"."+col.Name] {
				continue
			}
			seen[e.Table.Name+"."+col.Name] = true
			changed := sih.Entity{Table: e.Table, Values: slices.Clone(e.Values)}
			changed.Values[c] = sih.Value{}
			got, want := len(digest(rows[i:i+1]).Differ(digest([]sih.Entity{changed}), e.Table)), 1
			if col.Clock || col.Name == "run_id" {
				want = 0
			}
			if got != want {
				t.Errorf("%s.%s lost: %d buckets differ, want %d", e.Table.Name, col.Name, got, want)
			}
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d columns were tried", len(seen))
	}
}
