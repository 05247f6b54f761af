package sheet_test

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
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
