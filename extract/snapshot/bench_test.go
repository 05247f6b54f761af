package snapshot_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// benchRows is how many rows of twenty columns are written and read.
const benchRows = 50_000

func benchTable() (t extract.Table, r extract.Row) {
	t.Name = "T"
	for i := range 20 {
		t.Columns = append(t.Columns, extract.Column{Name: fmt.Sprint("C", i), Type: "nvarchar(40)"})
		r = append(r, sih.Text(fmt.Sprintf("value %d", i)))
	}
	return t, r
}

func benchWrite(b *testing.B, seal snapshot.Sealing, dir string) {
	t, r := benchTable()
	w, err := seal.Create(dir, info)
	if err != nil {
		b.Fatal(err)
	}
	tw, err := w.Table(t)
	if err != nil {
		b.Fatal(err)
	}
	for n := range benchRows {
		r[0].Text = fmt.Sprint(n)
		r[1].Text = fmt.Sprint(n * 7919 % 1_000_003)
		if err := tw.Append(r); err != nil {
			b.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// What encryption costs: compare plain and sealed.
func BenchmarkSnapshot(b *testing.B) {
	h := newHospital(b)
	for _, kind := range []struct {
		name string
		seal snapshot.Sealing
		ring snapshot.Keyring
	}{{"plain", snapshot.Sealing{}, snapshot.Keyring{}}, {"sealed", h.seal, h.ring}} {
		dir := b.TempDir()
		n := 0
		b.Run("write/"+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n++
				benchWrite(b, kind.seal, filepath.Join(dir, fmt.Sprint(n)))
			}
			b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("read/"+kind.name, func(b *testing.B) {
			s := open(b, kind.ring, filepath.Join(dir, "1"))
			b.ReportAllocs()
			for b.Loop() {
				for _, c := range s.Tables[0].Chunks {
					for _, err := range s.Rows(s.Tables[0], c) {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
