package csvfile_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

// lab returns a file of laboratory lines of about the given size.
func lab(size int, format string) []byte {
	var b bytes.Buffer
	b.WriteString("NUM_DEMANDE;IPP;CODE_ANALYSE;LIBELLE;RESULTAT;UNITE;BORNE_INF;BORNE_SUP;DATE_RESULTAT;VALIDEUR\r\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, format, i, i/7, i%60)
	}
	return b.Bytes()
}

func BenchmarkRows(b *testing.B) {
	for _, test := range []struct{ name, encoding, format string }{
		{"plain", "", "D%08d;P%07d;B%03d;Glycemie a jeun;5,40;mmol/L;3,90;6,10;12/03/2021 08:15;BENALI\r\n"},
		{"quoted", "", "\"D%08d\";\"P%07d\";\"B%03d\";\"Glycemie a jeun\";\"5,40\";\"mmol/L\";\"3,90\";\"6,10\";\"12/03/2021 08:15\";\"BENALI\"\r\n"},
		{"utf-8", "", "D%08d;P%07d;B%03d;Glycémie à jeûn;5,40;mmol/L;3,90;6,10;12/03/2021 08:15;بنعلي\r\n"},
		{"windows-1252", "windows-1252", "D%08d;P%07d;B%03d;Glyc\xe9mie \xe0 je\xfbn;5,40;mmol/L;3,90;6,10;12/03/2021 08:15;BENALI\r\n"},
	} {
		b.Run(test.name, func(b *testing.B) {
			dir := b.TempDir()
			file := lab(8<<20, test.format)
			write(b, dir, map[string]string{"LAB.csv": string(file)})
			src := open(b, csvfile.Config{Dir: dir, Encoding: test.encoding})
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				for _, err := range src.Rows(b.Context(), "LAB", func(extract.Rejected) error { return fmt.Errorf("a reject") }) {
					if err != nil {
						b.Fatal(err)
					}
					rows++
				}
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}
