package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

const facilitiesHead = "code,kind,parent,name_fr,name_ar,commune,province,region,active,local_codes\n"

// listed writes a project with a master list.
func listed(t *testing.T, list string) *project.Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"sihctl.yaml": "project: p\nfacilities: facilities.csv\n", "facilities.csv": list} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFacilitiesFaults(t *testing.T) {
	tests := []struct{ name, list, want string }{
		{"nothing", "", "facilities.csv:1: the first line must name the columns"},
		{"other columns", "code;kind\n", "facilities.csv:1: the first line must name the columns"},
		{"too few fields", facilitiesHead + "A,hospital,,,,,,,1,\nB,hospital\n", "facilities.csv:3: wrong number of fields"},
		{"open quote", facilitiesHead + "A,hospital,,\"x,,,,,1,\n", "facilities.csv:"},
		{"no code", facilitiesHead + ",hospital,,,,,,,1,\n", `facilities.csv:2: code "" is empty or stands here twice`},
		{"code twice", facilitiesHead + "A,hospital,,,,,,,1,\nA,hospital,,,,,,,1,\n", `facilities.csv:3: code "A"`},
		{"unknown kind", facilitiesHead + "A,castle,,,,,,,1,\n", `facilities.csv:2: kind "castle" is none of`},
		{"unknown parent", facilitiesHead + "A,hospital,,\"two\nlines\",,,,,1,\nB,hospital,C,,,,,,1,\n", `facilities.csv:4: parent "C" is not in the list`},
		{"one's own parent", facilitiesHead + "A,hospital,A,,,,,,1,\n", `facilities.csv:2: `},
		{"a circle of parents", facilitiesHead + "A,hospital,B,,,,,,1,\nB,hospital,A,,,,,,1,\n", `facilities.csv:`},
		{"local code twice", facilitiesHead + "A,hospital,,,,,,,1,hosix:1\nB,hospital,,,,,,,1,enova:2; hosix:1\n", "facilities.csv:3: hosix:1 is the code of A and of B"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readFacilities(listed(t, test.list))
			var fault *ConfigError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want a *ConfigError that says %q", err, test.want)
			}
		})
	}
	p := listed(t, facilitiesHead)
	if err := os.Remove(p.Path("facilities.csv")); err != nil {
		t.Fatal(err)
	}
	var fault *ConfigError
	if _, err := readFacilities(p); !errors.As(err, &fault) || fault.Hint() == "" {
		t.Errorf("a list that is not there: got error %v, want a *ConfigError with a hint", err)
	}
}

func TestFacilitiesLookup(t *testing.T) {
	l, err := readFacilities(listed(t, "\ufeff"+facilitiesHead+
		"R1,region,,Région,,,,,1,\nH1,hospital,R1,Hôpital,,,,,0,hosix:12; north-hosix:7;enova:H03\nH2,hospital,R1,Autre,,,,,,hosix:7\n"))
	if err != nil {
		t.Fatal(err)
	}
	north := l.lookup(&project.Source{ID: "north-hosix", System: "hosix"})
	south := l.lookup(&project.Source{ID: "south-hosix", System: "hosix"})
	for _, test := range []struct {
		name   string
		lookup func(string) (string, bool)
		local  string
		want   string
	}{
		{"by system", found(north), "12", "H1"},
		{"by source before system", found(north), "7", "H1"},
		{"of another source", found(south), "7", "H2"},
		{"by the list's own code", found(south), "R1", "R1"},
		{"of another system", found(south), "H03", ""},
		{"unknown", found(south), "99", ""},
	} {
		if got, _ := test.lookup(test.local); got != test.want {
			t.Errorf("%s: got facility %q, want %q", test.name, got, test.want)
		}
	}
	entities := l.entities()
	if len(entities) != 3 {
		t.Fatalf("got %d organisations, want 3", len(entities))
	}
	for _, e := range entities {
		code := e.Get("org_code").String()
		if got, want := e.Get("active").Bool(), code != "H1"; got != want {
			t.Errorf("%s: got active %v, want %v", code, got, want)
		}
		if parent := e.Get("parent_id"); code == "R1" && !parent.IsNull() || code != "R1" && parent.ID() != facilityID("R1") {
			t.Errorf("%s: got parent %v", code, parent)
		}
	}
}

// found leaves out the id, which must be the code's.
func found[ID comparable](lookup func(string) (string, ID, bool)) func(string) (string, bool) {
	return func(local string) (string, bool) {
		code, _, ok := lookup(local)
		return code, ok
	}
}
