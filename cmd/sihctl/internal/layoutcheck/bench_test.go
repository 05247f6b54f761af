package layoutcheck_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// BenchmarkRow maps the record of a laboratory result, which most rows are,
// of a patient, and of a register's free-typed patient.
func BenchmarkRow(b *testing.B) {
	for _, c := range []struct{ system, table, name string }{
		{"hosix", "dbo.RESULTADOS_LAB", "a result with a local code"},
		{"hosix", "dbo.PACIENTES", "a patient of two scripts"},
		{"essp", "Fichier patients", "a patient in Arabic, on the base of 1904"},
		{"dedalus", "PATIENT", "a guardian's card"},
	} {
		b.Run(c.system+" "+c.table, func(b *testing.B) {
			s := setting(b, c.system)
			files, err := mapping.Load(s.Files)
			if err != nil {
				b.Fatal(err)
			}
			cases, err := mapping.LoadCases(s.Files)
			if err != nil {
				b.Fatal(err)
			}
			at := slices.IndexFunc(cases, func(o *mapping.Case) bool { return o.Name == c.name })
			if at < 0 {
				b.Fatalf("no case %q", c.name)
			}
			x := layoutTable(b, c.system, c.table)
			row := cases[at].Row(x.Columns)
			plan, err := mapping.Compile(mapping.ForTable(files, c.table), x, s)
			if err != nil {
				b.Fatal(err)
			}
			w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
			w.Reset(stage.Meta{})
			r := plan.NewRunner(w, time.UTC)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if n++; n%8192 == 0 { // a chunk's memory, not the benchmark's
					w.Reset(stage.Meta{})
				}
				r.Row(n, row)
			}
		})
	}
}

// layoutTable is a table of a layout.
func layoutTable(t testing.TB, system, name string) mapping.Table {
	t.Helper()
	for _, l := range simulate.Layouts() {
		for _, tab := range l.Tables {
			if string(l.Source) == system && tab.Name == name {
				return table(l, tab)
			}
		}
	}
	t.Fatalf("no layout has table %s of %s", name, system)
	return mapping.Table{}
}
