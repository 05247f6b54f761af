package sheet_test

import (
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/extract/sheet"
)

func BenchmarkRows(b *testing.B) {
	dir := b.TempDir()
	const n = 20000
	_, unpacked := register(b, filepath.Join(dir, "a.xlsx"), n)
	src, err := sheet.New(sheet.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(unpacked)
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for _, err := range src.Rows(b.Context(), "S", nil) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != n {
			b.Fatalf("got %d rows, want %d", rows, n)
		}
	}
}
