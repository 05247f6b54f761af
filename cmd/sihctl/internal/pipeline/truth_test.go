package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
)

// known makes a project whose store holds records of patients, each as
// "key person".
func known(t *testing.T, records ...string) Options {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sihctl.yaml"), []byte("project: p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(p.Path(p.Config.Target.Path), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run := id("run")
	row := func(table string, values map[string]sih.Value) sih.Entity {
		e := sih.Entity{Table: sih.TableByName(table)}
		for _, c := range e.Table.Columns {
			v := values[c.Name]
			if v.IsNull() && c.NotNull {
				switch {
				case c.Name == "run_id":
					v = sih.IDValue(run)
				case c.Kind == sih.KindBool:
					v = sih.BoolValue(false)
				case c.Kind == sih.KindInt:
					v = sih.IntValue(1)
				case c.Kind == sih.KindTS:
					v = sih.TSValue(0)
				case len(c.Codes) > 0:
					v = sih.CodeValue(c.Codes[0])
				case c.Kind == sih.KindCode:
					v = sih.CodeValue("x")
				case c.Kind == sih.KindStr:
					v = sih.StrValue("x")
				}
			}
			e.Values = append(e.Values, v)
		}
		return e
	}
	rows := []sih.Entity{row("migration_run", map[string]sih.Value{"id": sih.IDValue(run)})}
	made := map[string]bool{}
	for _, r := range records {
		key, person, _ := strings.Cut(r, " ")
		if !made[person] {
			made[person] = true
			rows = append(rows, row("person", map[string]sih.Value{"id": sih.IDValue(id(person)), "founder": sih.IDValue(id(key))}))
		}
		rows = append(rows, row("source_person", map[string]sih.Value{
			"id": sih.IDValue(id(key)), "person_id": sih.IDValue(id(person)),
			"source_system": sih.CodeValue("s"), "source_table": sih.StrValue("t"), "source_key": sih.StrValue(key),
		}))
	}
	_, err = s.LoadChunk(t.Context(), store.Chunk{Run: run, Name: "all", Hash: "x"}, func(yield func(sih.Entity, error) bool) {
		for _, e := range rows {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return Options{Project: p}
}

const truthHead = "source,table,key,person,trap\n"

func TestTruth(t *testing.T) {
	// A has three records, of which two were joined; B's and C's were joined
	// with each other; D's only record was rejected; E is a test patient.
	o := known(t, "a1 p", "a2 p", "a3 q", "b1 r", "c1 r", "e1 u")
	path := filepath.Join(t.TempDir(), "truth.csv")
	lines := truthHead + "s,t,a1,1,\ns,t,a2,1,homonym\ns,t,a3,1,\ns,t,b1,2,twin\ns,t,c1,3,\ns,t,d1,4,\ns,t,e1,5,test\n"
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Truth(t.Context(), o, path)
	if err != nil {
		t.Fatal(err)
	}
	want := &TruthReport{
		Records: 6, Persons: 4, TruePersons: 3,
		Pairs: 2, TruePairs: 3, RightPairs: 1, Precision: 1.0 / 2, Recall: 1.0 / 3,
		Traps: map[string]int64{"homonym": 0, "twin": 1, "test": 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTruthOfNothing(t *testing.T) {
	o := known(t, "a1 p")
	path := filepath.Join(t.TempDir(), "truth.csv")
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "read truth"},
		{"other columns", "a,b\nc,d\n", "wrong number of fields"},
		{"a short line", truthHead + "s,t\n", "a line is not source,table,key,person,trap: "},
	} {
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Truth(t.Context(), o, path); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: got error %v, want one that says %q", test.name, err, test.want)
		}
	}
	if err := os.WriteFile(path, []byte(truthHead), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Truth(t.Context(), o, path)
	if err != nil || got.Precision != 1 || got.Recall != 1 || got.Records != 0 {
		t.Errorf("a truth of nobody: got %+v, %v; want no records and nothing missed", got, err)
	}
}
