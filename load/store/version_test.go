package store_test

import (
	"errors"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// versions are the fingerprints that the schema's versions have had, and the
// sum of what the views asked in the last.
var (
	versions = []int32{0x27a73f8d, 0x68fcc609, 0x3a071fe5}
	asked    = uint32(0x35323846)
)

// What was released once stays: stores of it lie about. A schema that has
// changed is a new version of store.History, and one more number here.
func TestVersionsStay(t *testing.T) {
	if len(versions) != store.Latest() {
		t.Fatalf("%d versions are known here, and the history has %d", len(versions), store.Latest())
	}
	for i, want := range versions {
		if got := store.SchemaAt(i + 1).Fingerprint(store.SQLite); got != want {
			t.Errorf("version %d has the fingerprint %#08x, and had %#08x: a change of the schema needs a version of its own in store.History", i+1, got, want)
		}
	}
	h := fnv.New32a()
	for _, v := range store.Views() {
		h.Write([]byte(v.Name + v.Query(store.SQLite)))
	}
	if got := h.Sum32(); got != asked {
		t.Errorf("the views ask something else (%#08x, before %#08x): that needs a version in store.History, with Views set", got, asked)
	}
	// By these the stores of the first version are known.
	for d, want := range map[*store.Dialect]int32{store.SQLite: 0x27a73f8d, store.Postgres: 0x516de01d, store.MySQL: 0x275b38c3} {
		if got := store.Mark(d, 1); got != want {
			t.Errorf("%s: the first version's mark is %#08x, want %#08x", d.Name, got, want)
		}
	}
}

func TestHistory(t *testing.T) {
	names := store.SchemaAt(store.Latest()).TableNames()
	for i, v := range store.History {
		if n := utf8.RuneCountInString(v.Doc); n == 0 || n > 200 {
			t.Errorf("version %d is told in %d characters", i+1, n)
		}
		for _, name := range v.Tables {
			if !slices.Contains(names, name) {
				t.Errorf("version %d brings %s, which is no table", i+1, name)
			}
		}
		for name, columns := range v.Columns {
			for _, c := range columns {
				table := sih.TableByName(name)
				if at := table.Column(c); at < 0 || table.Columns[at].NotNull {
					t.Errorf("version %d brings %s.%s, which is no column that may be NULL", i+1, name, c)
				}
			}
		}
	}
}

// An upgrade's statements are those that a new store has more, in each dialect.
func TestUpgrades(t *testing.T) {
	storetest.Pretend(t)
	for _, d := range store.Dialects {
		var got []string
		for _, u := range store.Upgrades(d, 1) {
			got = append(got, u.Statements...)
		}
		all := strings.Join(got, "\n")
		for _, want := range []string{
			"CREATE TABLE schema_version (", "CREATE TABLE payment (", "CREATE INDEX payment_by_claim_id ", "CREATE VIEW current_patient AS",
			"ALTER TABLE diagnosis " + d.AddColumn + " abated ", "ALTER TABLE diagnosis " + d.AddColumn + " abated_prec ", "CREATE INDEX coverage_by_member_norm ON coverage (member_norm)",
		} {
			if strings.Count(all, want) != 1 {
				t.Errorf("%s: %d times %q", d.Name, strings.Count(all, want), want)
			}
		}
		if n := len(store.Upgrades(d, store.Latest())); n != 0 {
			t.Errorf("%s: %d upgrades from the latest version", d.Name, n)
		}
	}
	old := store.SchemaAt(store.Latest() - 1).DDL(store.Postgres)
	if all := strings.Join(old, "\n"); strings.Contains(all, "CREATE TABLE payment (") || strings.Contains(all, "abated") || strings.Contains(all, "coverage_by_member_norm") {
		t.Error("the version before has what came later")
	}
}

func TestRecognise(t *testing.T) {
	tests := []struct {
		name     string
		mark     int32
		readOnly bool
		want     int
		says     string
	}{
		{"the first", store.Mark(store.SQLite, 1), false, 1, ""},
		{"the latest", int32(store.Latest()), true, store.Latest(), ""},
		{"the first, to be read", store.Mark(store.SQLite, 1), true, 0, "version 1"},
		{"a newer one", int32(store.Latest() + 1), false, 0, "this program knows"},
		{"none", 0x7abc0001, false, 0, "7abc0001"},
		{"nothing", 0, false, 0, "00000000"},
		{"of another engine", store.Mark(store.MySQL, 1), false, 0, "none that this program knows"},
	}
	for _, test := range tests {
		got, err := store.Recognise(store.SQLite, test.mark, test.readOnly)
		if got != test.want || (err == nil) != (test.says == "") {
			t.Errorf("%s: got %d, %v", test.name, got, err)
			continue
		}
		var r store.Refusal
		if err != nil && (!errors.As(err, &r) || r.Why != store.ErrSchema || r.Hint == "" || !strings.Contains(r.Err.Error(), test.says)) {
			t.Errorf("%s: got %v with %v", test.name, err, r.Err)
		}
	}
}

// A view names columns that there are, and each is there once.
func TestViews(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range sih.Tables {
		seen[table.Name] = true
	}
	for _, v := range store.Views() {
		if seen[v.Name] || len(v.Name) > 30 || v.Doc == "" {
			t.Errorf("view %s", v.Name)
		}
		seen[v.Name] = true
	}
	if diff := cmp.Diff(len(store.Views()), len(store.SchemaAt(store.Latest()).ViewNames())); diff != "" {
		t.Error(diff)
	}
}
