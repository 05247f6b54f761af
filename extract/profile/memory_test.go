//go:build !race

// The race detector needs memory of its own, and its time: make test runs this
// without it.

package profile_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

// TestMemory holds that what a profile keeps depends on its columns and not on
// its rows: once all that is kept is full, rows with other values and patterns
// take not a mebibyte more.
func TestMemory(t *testing.T) {
	table := extract.Table{Columns: []extract.Column{{Name: "number"}, {Name: "long"}, {Name: "pattern"}}}
	p := profile.New(table, profile.Options{Values: true, Source: (&profile.Source{}).Limit(50_000)})
	shapes := strings.NewReplacer("1", "a", "3", "-", "5", "A", "7", ".")
	live := func(from, to int) int64 {
		for i := from; i < to; i++ {
			n := fmt.Sprint(i)
			p.Row(extract.Row{sih.Text(n), sih.Text(n + strings.Repeat("x", 500)), sih.Text(shapes.Replace(n))})
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	few := live(0, 70_000)
	many := live(70_000, 170_000)
	if grown := many - few; grown > 1<<20 {
		t.Errorf("100,000 rows more take %d bytes more", grown)
	}
	if few > 40<<20 {
		t.Errorf("a profile of three columns takes %d bytes", few)
	}
	if got := p.Table().Rows; got != 170_000 {
		t.Errorf("got %d rows", got)
	}
}
