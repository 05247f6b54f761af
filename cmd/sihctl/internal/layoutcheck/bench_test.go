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
	for _, name := range []string{"a result with a local code", "a patient of two scripts", "a patient in Arabic, on the base of 1904", "a guardian's card"} {
		i := slices.IndexFunc(values, func(v value) bool { return v.name == name })
		if i < 0 {
			b.Fatalf("no record %q", name)
		}
		v := values[i]
		b.Run(v.system+" "+v.table, func(b *testing.B) {
			s := setting(b, v.system)
			files, err := mapping.Load(s.Files)
			if err != nil {
				b.Fatal(err)
			}
			at := slices.IndexFunc(files, func(f *mapping.File) bool { return f.From == v.table })
			x, row := record(b, v)
			plan, err := mapping.Compile(files[at], x, s)
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

// record is the table of a value's record, and its row.
func record(t testing.TB, v value) (mapping.Table, []sih.Raw) {
	t.Helper()
	for _, l := range simulate.Layouts() {
		for _, tab := range l.Tables {
			if string(l.Source) != v.system || tab.Name != v.table {
				continue
			}
			x := table(l, tab)
			for column := range v.row {
				if !slices.Contains(x.Columns, column) {
					t.Fatalf("%s has no column %s", v.table, column)
				}
			}
			var row []sih.Raw
			for _, column := range x.Columns {
				text, ok := v.row[column]
				switch {
				case ok || l.Driver == "csv":
					row = append(row, sih.Text(text))
				default:
					row = append(row, sih.Null)
				}
			}
			return x, row
		}
	}
	t.Fatalf("no layout has table %s of %s", v.table, v.system)
	return mapping.Table{}, nil
}
