package simulate_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/sheet"
)

// The readers find in the files the tables that the layouts declare, and all
// their rows.
func TestReadersFindTheLayouts(t *testing.T) {
	files, err := csvfile.New(csvfile.Config{Dir: filepath.Join(region.dir, "incoming/dedalus"), Encoding: "windows-1252"})
	if err != nil {
		t.Fatal(err)
	}
	books, err := sheet.New(sheet.Config{Dir: filepath.Join(region.dir, "incoming/essp")})
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]extract.Source{"dedalus": files, "essp": books} {
		defer source.Close()
		l := layout(t, name)
		tables, err := source.Tables(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		for _, table := range tables {
			for _, c := range table.Columns {
				if !strings.HasPrefix(c.Name, "_") {
					found[table.Name] = append(found[table.Name], c.Name)
				}
			}
		}
		for _, table := range l.Tables {
			var want []string
			for _, c := range table.Columns {
				want = append(want, c.Name)
			}
			if diff := cmp.Diff(want, found[table.Name]); diff != "" {
				t.Errorf("%s.%s (-layout +reader):\n%s", name, table.Name, diff)
			}
			rows, rejected := 0, 0
			for _, err := range source.Rows(context.Background(), table.Name, func(extract.Rejected) error { rejected++; return nil }) {
				if err != nil {
					t.Fatal(err)
				}
				rows++
			}
			rowsMeant := region.summary.Rows[l.Source][table.Name]
			if name == "dedalus" { // totals and signatures under registers are rejected too
				if got := rows + rejected; got < rowsMeant || got > rowsMeant+rowsMeant/500+3 || rejected > rowsMeant/500+3 {
					t.Errorf("%s.%s: got %d rows and %d rejected, want %d", name, table.Name, rows, rejected, rowsMeant)
				}
			} else if rows != rowsMeant {
				t.Errorf("%s.%s: got %d rows, want %d", name, table.Name, rows, rowsMeant)
			}
		}
	}
}
