package lookup_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/lookup"
)

// TestFind holds an index in memory, and one of many runs on the disk, against
// a plain map.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		name         string
		memory, keep int
		records      int
	}{
		{"nothing", 0, 0, 0},
		{"in memory", 0, 0, 3000},
		{"one run", 1 << 20, 1, 3000},
		{"many runs", 4 << 10, 1, 30000},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			b := lookup.New(lookup.Config{Dir: dir, Memory: c.memory, Keep: c.keep})
			rng := rand.New(rand.NewPCG(1, 2))
			want := map[string][]string{}
			for n := range c.records {
				key := fmt.Sprint("k", rng.IntN(c.records/3))
				if n%10 == 0 {
					key = "hot" // a group that is longer than a block
				}
				fields := []sih.Raw{sih.Text(fmt.Sprint("value ", n)), sih.Null, {Text: "\xff", Bytes: true}, sih.Text("")}
				if err := b.Add([]byte(key), n/1000, n%1000, fields); err != nil {
					t.Fatal(err)
				}
				want[key] = append(want[key], fmt.Sprint(n/1000, n%1000, fields))
			}
			x, err := b.Done(4)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for key := range want {
				if rng.IntN(2) == 0 || key == "hot" {
					keys = append(keys, key)
				}
			}
			keys = append(keys, "", "a", "k0x", "zzz")
			slices.Sort(keys)
			got := map[string][]string{}
			err = x.Find(keys, func(key, chunk, row int, fields []sih.Raw) error {
				got[keys[key]] = append(got[keys[key]], fmt.Sprint(chunk, row, fields))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range keys {
				if diff := cmp.Diff(want[key], got[key]); diff != "" {
					t.Fatalf("key %q: %s", key, diff)
				}
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%d files are left behind", len(left))
			}
		})
	}
}

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	b := lookup.New(lookup.Config{Dir: dir, Memory: 10})
	if err := b.Add([]byte("a long enough key"), 0, 0, nil); err != nil {
		t.Fatal(err)
	}
	b.Discard()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files are left behind", len(left))
	}
}

func BenchmarkFind(b *testing.B) {
	build := lookup.New(lookup.Config{Dir: b.TempDir()})
	const records = 1_000_000
	for n := range records {
		if err := build.Add(fmt.Appendf(nil, "%08d", n), n>>16, n&0xffff, []sih.Raw{sih.Text("a name"), sih.Text("another")}); err != nil {
			b.Fatal(err)
		}
	}
	x, err := build.Done(2)
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	for _, step := range []int{1, 15} {
		b.Run(fmt.Sprintf("a chunk of keys, each %dth", step), func(b *testing.B) {
			var keys []string
			for n := 0; n < 65536*step && n < records; n += step {
				keys = append(keys, fmt.Sprintf("%08d", n))
			}
			for b.Loop() {
				n := 0
				if err := x.Find(keys, func(int, int, int, []sih.Raw) error { n++; return nil }); err != nil || n != len(keys) {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(len(keys))*float64(b.N)/b.Elapsed().Seconds(), "keys/s")
		})
	}
}
