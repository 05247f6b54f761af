package sheet_test

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/sheet"
)

// register writes a workbook of n rows of people who never lived, with shared
// strings as Excel writes them, and returns its size.
func register(t testing.TB, file string, n int) (packed, unpacked int64) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	part := func(name string, content func(io.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		counted := &counter{w: w}
		b := bufio.NewWriter(counted)
		content(b)
		if err := b.Flush(); err != nil {
			t.Fatal(err)
		}
		unpacked += counted.n
	}
	for name, content := range minimal("") {
		if name != "xl/sharedStrings.xml" && name != "xl/worksheets/sheet1.xml" {
			part(name, func(w io.Writer) { io.WriteString(w, content) })
		}
	}
	labels := []string{"N° dossier", "Nom", "Prénom", "Naissance", "CIN", "Sexe", "Commune", "Adresse"}
	const each = 4 // strings of a row that are its own
	communes := len(labels)
	people := communes + 40
	part("xl/worksheets/sheet1.xml", func(w io.Writer) {
		io.WriteString(w, `<worksheet><sheetData><row r="1">`)
		for i := range labels {
			fmt.Fprintf(w, `<c r="%c1" t="s"><v>%d</v></c>`, 'A'+i, i)
		}
		io.WriteString(w, "</row>")
		rng := rand.New(rand.NewPCG(1, 1))
		var b []byte
		cell := func(col byte, row int, kind string, v int) {
			b = append(b, `<c r="`...)
			b = strconv.AppendInt(append(b, col), int64(row), 10)
			b = append(append(b, '"'), kind...)
			b = append(b, "><v>"...)
			b = append(strconv.AppendInt(b, int64(v), 10), "</v></c>"...)
		}
		for i := range n {
			row := i + 2
			b = fmt.Appendf(b[:0], `<row r="%d" spans="1:8">`, row)
			own := people + i*each
			cell('A', row, "", 100000+i)
			cell('B', row, ` t="s"`, own)
			cell('C', row, ` t="s"`, own+1)
			cell('D', row, ` s="1"`, 20000+rng.IntN(25000))
			cell('E', row, ` t="s"`, own+2)
			cell('F', row, ` t="s"`, communes+i%2)
			cell('G', row, ` t="s"`, communes+2+rng.IntN(38))
			cell('H', row, ` t="s"`, own+3)
			w.Write(append(b, "</row>"...))
		}
		io.WriteString(w, "</sheetData></worksheet>")
	})
	part("xl/sharedStrings.xml", func(w io.Writer) {
		io.WriteString(w, "<sst>")
		for _, l := range labels {
			fmt.Fprintf(w, "<si><t>%s</t></si>", l)
		}
		for i := range 40 {
			fmt.Fprintf(w, "<si><t>Commune %d</t></si>", i)
		}
		rng := rand.New(rand.NewPCG(2, 2))
		for range n {
			fmt.Fprintf(w, "<si><t>NOM%X</t></si><si><t>Prenom%X</t></si><si><t>Z%d</t></si><si><t>Rue %X, quartier %X, derrière la mosquée, immeuble %d</t></si>",
				rng.Uint64(), rng.Uint32(), rng.IntN(1e6), rng.Uint64(), rng.Uint64(), rng.IntN(1000))
		}
		io.WriteString(w, "</sst>")
	})
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Size(), unpacked
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}

// TestMemory reads a register of 200,000 rows. SIH_TEST_ROWS asks for another
// number: 1,048,575 is the most that a sheet holds.
func TestMemory(t *testing.T) {
	n, limit := 200_000, 100
	if s := os.Getenv("SIH_TEST_ROWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		limit = 200
	}
	dir := t.TempDir()
	packed, unpacked := register(t, filepath.Join(dir, "a.xlsx"), n)
	src, err := sheet.New(sheet.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var base, now runtime.MemStats
	runtime.ReadMemStats(&base)
	start := time.Now()
	rows, peak := 0, uint64(0)
	for row, err := range src.Rows(t.Context(), "S", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if want := strconv.Itoa(100000 + rows); row[0].Text != want {
			t.Fatalf("row %d: got the number %s, want %s", rows, row[0].Text, want)
		}
		if rows++; rows%20000 == 1 {
			// What the process holds, garbage included.
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapSys-now.HeapReleased)
		}
	}
	if rows != n {
		t.Errorf("got %d rows, want %d", rows, n)
	}
	t.Logf("%d rows, %d MiB packed, %d MiB unpacked: heap at most %d MiB (%d before), %.1f s", n, packed>>20, unpacked>>20,
		peak>>20, (base.HeapSys-base.HeapReleased)>>20, time.Since(start).Seconds())
	if peak>>20 > uint64(limit) {
		t.Errorf("heap: got %d MiB, want %d at most", peak>>20, limit)
	}
}
