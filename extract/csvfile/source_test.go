package csvfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/extracttest"
)

// write puts files, by name, into dir.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, cfg csvfile.Config) *csvfile.Source {
	t.Helper()
	src, err := csvfile.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func declare(name string, columns ...string) extract.Table {
	t := extract.Table{Name: name}
	for _, c := range append(columns, "_file", "_line") {
		t.Columns = append(t.Columns, extract.Column{Name: c, Type: "text"})
	}
	return t
}

func row(fields ...string) extract.Row {
	r := extract.Row{}
	for _, f := range fields {
		r = append(r, sih.Text(f))
	}
	return r
}

func TestConformance(t *testing.T) {
	extracttest.Run(t, func(t *testing.T, dir string) extract.Source {
		write(t, dir, map[string]string{
			"SEJOUR_2.csv": "IPP;NUM\r\n7;B1\r\n",
			"SEJOUR_1.csv": "NUM;IPP\r\nA1;5\r\nA2;6;\r\nA3;\r\n",
			"PATIENT.CSV": "IPP;NOM;NOTE\n" +
				"1;EL ALAMI;\"dit \"\"l'ancien\"\"\n\n;voir dossier\"\n" +
				"2;B\xc9NANI;\n" +
				"3;\"OUVERT;x\n" +
				"suite\n" +
				"4;TAZI;y",
			"VIDE.txt": "A|B\n",
		})
		return open(t, csvfile.Config{
			Dir: dir, Files: "*.*", Encoding: "windows-1252",
			Tables: map[string][]string{"SEJOUR": {"sejour_*.csv"}},
		})
	}, []extracttest.Content{
		{
			Table: declare("PATIENT", "IPP", "NOM", "NOTE"),
			Rows: []extract.Row{
				row("1", "EL ALAMI", "dit \"l'ancien\"\n\n;voir dossier", "PATIENT.CSV", "2"),
				row("2", "BÉNANI", "", "PATIENT.CSV", "5"),
				row("4", "TAZI", "y", "PATIENT.CSV", "8"),
			},
			Rejects: []extract.Rejected{{
				Where: "PATIENT.CSV line 6", Offset: 68, Detail: "a quote stays open", Raw: []byte("3;\"OUVERT;x\nsuite\n"),
			}},
		},
		{
			Table: declare("SEJOUR", "NUM", "IPP"),
			Rows: []extract.Row{
				row("A1", "5", "SEJOUR_1.csv", "2"),
				row("A3", "", "SEJOUR_1.csv", "4"),
				row("B1", "7", "SEJOUR_2.csv", "2"),
			},
			Rejects: []extract.Rejected{{
				Where: "SEJOUR_1.csv line 3", Offset: 15, Detail: "3 fields where the header has 2", Raw: []byte("A2;6;\r\n"),
			}},
		},
		{Table: declare("VIDE", "A", "B")},
	})
}
