package stage_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// A file that cannot be made again is read as of the schema that it was written
// for; what came later is empty. Damaged, it is refused and stays where it is.
func TestKept(t *testing.T) {
	now := sih.TableByName("claim")
	then := *now
	gone := now.Column("total")
	then.Columns = slices.Delete(slices.Clone(now.Columns), gone, gone+1)
	schema := slices.Clone(sih.Tables)
	schema[now.Rank()] = &then

	want := entity(now, 1)
	want.Values[gone] = sih.Value{}
	old := *want
	old.Table, old.Values = &then, slices.Delete(slices.Clone(want.Values), gone, gone+1)
	w := stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{})
	w.Entity(&old)
	path := filepath.Join(t.TempDir(), "a.stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := stage.FingerprintOf(schema)
	copy(file[8:], mark[:]) // behind the magic
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.OpenKept(path, sih.Tables); !errors.Is(err, stage.ErrKept) {
		t.Errorf("as of another schema: got %v, want ErrKept", err)
	}
	r, err := stage.OpenKept(path, schema)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for got, err := range r.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if got.Table != now || !slices.EqualFunc(want.Values, got.Values, equal) {
			t.Errorf("got %v of %s, want %v", got.Values, got.Table.Name, want.Values)
		}
	}
	if r.Close(); n != 1 {
		t.Errorf("got %d entities, want 1", n)
	}
	file[20] ^= 1
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err = stage.OpenKept(path, schema); err != nil {
		t.Fatal(err)
	}
	for _, err = range r.Entities() {
	}
	r.Close()
	if _, lost := os.Stat(path); !errors.Is(err, stage.ErrKept) || lost != nil {
		t.Errorf("damaged: got %v, want ErrKept and the file where it was: %v", err, lost)
	}
}

func equal(a, b sih.Value) bool { return a.Kind() == b.Kind() && a.String() == b.String() }
