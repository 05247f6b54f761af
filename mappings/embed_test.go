package mappings_test

import (
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/mapping"
)

// TestSystems holds the embedded folders against those that lie here.
func TestSystems(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "models" {
			want = append(want, e.Name())
		}
	}
	if got := mappings.Systems(); !slices.Equal(got, want) {
		t.Errorf("Systems() = %q, the folders are %q", got, want)
	}
	if _, ok := mappings.System("models"); ok {
		t.Error("the folder of match models passes for a system")
	}
	for _, name := range want {
		files, ok := mappings.System(name)
		if !ok {
			t.Errorf("System(%q) is not there", name)
			continue
		}
		if _, err := fs.Stat(files, "README.md"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		list, err := mapping.Load(files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range list {
			if f.System != name {
				t.Errorf("%s/%s: system is %q", name, f.Path, f.System)
			}
		}
	}
}
