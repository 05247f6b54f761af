package sih_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/sihctl/sih"

// stage returns the part of the house that a package lives in: "" for the
// root, then extract, transform, load, mappings, cmd.
func stage(path string) string {
	rest, _ := strings.CutPrefix(strings.TrimPrefix(path, module), "/")
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// TestArrows holds the direction of the imports: stages import the root and
// never each other, adapters import their parent and never a sibling, and only
// cmd knows everyone.
func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Standard", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for d := json.NewDecoder(bytes.NewReader(out)); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := stage(p.ImportPath)
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, module) {
				if p.ImportPath == module && (i == "os" || i == "net" || strings.HasPrefix(i, "os/") || strings.HasPrefix(i, "database/")) {
					t.Errorf("the root imports %s: it performs no I/O", i)
				}
				continue
			}
			to := stage(i)
			switch {
			case from == "cmd", to == "", from == to && !siblings(p.ImportPath, i):
			default:
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
	if packages < 10 {
		t.Errorf("go list found %d packages", packages)
	}
}

// siblings tells whether both packages are adapters of one parent: sources
// below extract, engines below load/store.
func siblings(a, b string) bool {
	for _, parent := range []string{module + "/extract/", module + "/load/store/"} {
		if strings.HasPrefix(a, parent) && strings.HasPrefix(b, parent) && !strings.HasSuffix(b, "test") {
			return true
		}
	}
	return false
}
