package simulate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

func TestLayouts(t *testing.T) {
	for _, l := range simulate.Layouts() {
		tables := map[string]bool{}
		for _, tab := range l.Tables {
			if tables[tab.Name] {
				t.Errorf("%s: table %s twice", l.Source, tab.Name)
			}
			tables[tab.Name] = true
			var names []string
			for _, c := range tab.Columns {
				if slices.Contains(names, c.Name) {
					t.Errorf("%s.%s: column %s twice", l.Source, tab.Name, c.Name)
				}
				names = append(names, c.Name)
				if !strings.HasSuffix(c.Doc, ".") && !strings.HasSuffix(c.Doc, "…") {
					t.Errorf("%s.%s.%s: no sentence: %q", l.Source, tab.Name, c.Name, c.Doc)
				}
			}
			for _, k := range tab.Key {
				if i := slices.Index(names, k); i < 0 || tab.Columns[i].Nullable {
					t.Errorf("%s.%s: key column %s is missing or may be NULL", l.Source, tab.Name, k)
				}
			}
			if !strings.Contains(l.Markdown(), "\n## "+tab.Name+"\n") {
				t.Errorf("%s: Markdown lacks %s", l.Source, tab.Name)
			}
		}
	}
}
