package layoutcheck_test

import (
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/identity"
	"github.com/sihctl/sih/transform/mapping"
)

// TestCases walks the cases that lie beside the built-in mappings.
func TestCases(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range mappings.Systems() {
		t.Run(system, func(t *testing.T) {
			s := setting(t, system)
			s.Complete = map[string]func(*mapping.Completion){"source_person": identity.For("ma")}
			files, err := mapping.Load(s.Files)
			if err != nil {
				t.Fatal(err)
			}
			cases, err := mapping.LoadCases(s.Files)
			if err != nil {
				t.Fatal(err)
			}
			if len(cases) < 3 {
				t.Errorf("%d cases: each system has at least three", len(cases))
			}
			err = mapping.RunCases(files, cases, s, zone, func(_ *mapping.Case, faults mapping.Faults) {
				for _, f := range faults {
					t.Error(f)
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCasesName holds the columns of the cases against the layouts' own.
func TestCasesName(t *testing.T) {
	for _, l := range simulate.Layouts() {
		fsys, _ := mappings.System(string(l.Source))
		cases, err := mapping.LoadCases(fsys)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			known := false
			for _, tab := range l.Tables {
				known = known || tab.Name == c.Table
			}
			if !known {
				t.Errorf("%s: %s: the layout has no table %s", l.Source, c.Name, c.Table)
			}
		}
	}
}
