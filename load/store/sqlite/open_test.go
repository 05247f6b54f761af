package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// foreign makes a database that is not ours and runs the statements on it.
func foreign(t *testing.T, path string, statements ...string) {
	t.Helper()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite, zombiezen.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if err := sqlitex.ExecuteTransient(conn, s, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func open(t *testing.T, path string, o sqlite.Options) *sqlite.Store {
	t.Helper()
	o.Now = now
	s, err := sqlite.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	cases := []struct {
		name    string
		options sqlite.Options
		make    func(t *testing.T, path string) string
		want    error
	}{
		{"a missing folder", sqlite.Options{}, func(t *testing.T, path string) string { return filepath.Join(path, "unified.db") }, store.ErrUnreachable},
		{"a path through a file", sqlite.Options{}, func(t *testing.T, path string) string {
			write(t, path, "x")
			return filepath.Join(path, "unified.db")
		}, store.ErrUnreachable},
		{"a folder", sqlite.Options{}, func(t *testing.T, path string) string {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
			return path
		}, store.ErrUnreachable},
		{"nothing to read", sqlite.Options{Options: store.Options{ReadOnly: true}}, func(t *testing.T, path string) string { return path }, store.ErrUnreachable},
		{"an empty file to read", sqlite.Options{Options: store.Options{ReadOnly: true}}, func(t *testing.T, path string) string {
			write(t, path, "")
			return path
		}, store.ErrForeign},
		{"a text", sqlite.Options{}, func(t *testing.T, path string) string {
			write(t, path, "id;nom;prenom\n1;ALAMI;Mohamed\n")
			return path
		}, store.ErrForeign},
		{"another program's database", sqlite.Options{}, func(t *testing.T, path string) string {
			foreign(t, path, "CREATE TABLE patient (id INTEGER)")
			return path
		}, store.ErrForeign},
		{"another program's empty database", sqlite.Options{}, func(t *testing.T, path string) string {
			foreign(t, path, "PRAGMA application_id = 7")
			return path
		}, store.ErrForeign},
		{"another schema", sqlite.Options{}, func(t *testing.T, path string) string {
			open(t, path, sqlite.Options{}).Close()
			foreign(t, path, "PRAGMA user_version = 12")
			return path
		}, store.ErrSchema},
		{"a store in use", sqlite.Options{Options: store.Options{Busy: time.Millisecond}}, func(t *testing.T, path string) string {
			open(t, path, sqlite.Options{})
			return path
		}, store.ErrLocked},
		{"a store in use, to read", sqlite.Options{Options: store.Options{Busy: time.Millisecond, ReadOnly: true}}, func(t *testing.T, path string) string {
			open(t, path, sqlite.Options{})
			return path
		}, store.ErrLocked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := c.make(t, filepath.Join(dir, c.name))
			s, err := sqlite.Open(path, c.options)
			if err == nil {
				s.Close()
			}
			var refused *store.Error
			if !errors.Is(err, c.want) || !errors.As(err, &refused) || refused.Hint == "" || refused.Path != path {
				t.Errorf("Open: %v, want %v with a hint", err, c.want)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenLeavesForeignFilesAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	foreign(t, path, "CREATE TABLE patient (id INTEGER)")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(path, sqlite.Options{}); err == nil {
		t.Fatal("a foreign file was opened")
	}
	after, err := os.ReadFile(path)
	if err != nil || !slices.Equal(before, after) {
		t.Errorf("a refused file was changed, %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unified.db")
	s := open(t, path, sqlite.Options{})
	rows := storetest.Rows(1, 3)
	chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}
	if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq(rows, nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := storetest.Contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, path, sqlite.Options{Options: store.Options{ReadOnly: true}}), open(t, path, sqlite.Options{Options: store.Options{ReadOnly: true}})
	for _, r := range []*sqlite.Store{a, b} {
		if d := cmp.Diff(want, storetest.Contents(t, r)); d != "" {
			t.Errorf("a reader sees something else (-writer +reader):\n%s", d)
		}
	}
	chunk.Name = "2"
	if _, err := a.LoadChunk(t.Context(), chunk, storetest.Seq(nil, nil)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("load into a store opened for reading: %v, want %v", err, store.ErrReadOnly)
	}
}

// TestReadOnlyAfterKill holds that a reader gets the store as it was before a
// change that a kill cut in two, and not SQLite's word that it may not write.
func TestReadOnlyAfterKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "unified.db")
	s := open(t, path, sqlite.Options{})
	chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}
	if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq(storetest.Rows(1, 200), nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := storetest.Contents(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// A cache of one page has the change written before it is committed. The
	// copies are what a kill would leave.
	writer, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for _, statement := range []string{"PRAGMA cache_size = 1", "BEGIN", "DELETE FROM observation", "DELETE FROM load_chunk"} {
		if err := sqlitex.ExecuteTransient(writer, statement, nil); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	killed := filepath.Join(dir, "killed.db")
	for from, to := range map[string]string{path: killed, path + "-journal": killed + "-journal"} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := storetest.Contents(t, open(t, killed, sqlite.Options{Options: store.Options{ReadOnly: true}}))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the store after a kill (-before +read):\n%s", d)
	}
}

// TestFinishLeavesOneFile also holds that nothing temporary stays behind.
func TestFinishLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "unified.db"), sqlite.Options{})
	chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}
	if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq(storetest.Rows(1, 3), nil)); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("Finish left %v, %v", list, err)
	}
	n := 0
	err = s.Query(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", nil, func(store.Row) error { n++; return nil })
	if want := len(store.IndexDDL()); err != nil || n != want {
		t.Errorf("%d indexes, want %d, %v", n, want, err)
	}
}

// TestNothingToLoadKeepsTheFileAtRest holds that a finished store still opens
// on a medium that cannot be written to after a load that had nothing to do.
func TestNothingToLoadKeepsTheFileAtRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unified.db")
	chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "1", Hash: "h"}
	for _, again := range []bool{false, true} {
		s := open(t, path, sqlite.Options{})
		l, err := s.LoadChunk(t.Context(), chunk, storetest.Seq(storetest.Rows(1, 3), nil))
		if err != nil || l.Skipped != again {
			t.Fatalf("load: %+v, %v", l, err)
		}
		if !again {
			if err := s.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	header, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Offsets 18 and 19 hold the versions needed to write and to read: 2 is a
	// file with a log.
	if header[18] != 1 || header[19] != 1 {
		t.Errorf("the file needs versions %d and %d, want 1", header[18], header[19])
	}
}

func TestColumnsAreTheSchemas(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "unified.db"), sqlite.Options{})
	for _, table := range sih.Tables {
		var got, want []string
		for _, p := range table.Physical() {
			want = append(want, p.Name)
		}
		err := s.Query(t.Context(), "SELECT name FROM pragma_table_info(?)", []any{table.Name}, func(r store.Row) error { got = append(got, r.Text(0)); return nil })
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", table.Name, err, d)
		}
	}
}

// TestConstraintsGuardTheFile holds that who changes the store by other means
// meets the same rules.
func TestConstraintsGuardTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unified.db")
	s := open(t, path, sqlite.Options{})
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(storetest.Rows(1, 3), nil)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, update := range []string{
		"UPDATE encounter SET class = 'X'",
		"UPDATE encounter SET start_ts = NULL",
		"UPDATE payment SET amount = '12,50'",
		"UPDATE payment SET cancelled = 2",
		"UPDATE person SET birth_date_prec = 'century'",
		"INSERT INTO bed SELECT * FROM bed",
	} {
		err := sqlitex.ExecuteTransient(conn, update, nil)
		if code := zombiezen.ErrCode(err).ToPrimary(); code != zombiezen.ResultConstraint {
			t.Errorf("%s: %v, want a constraint's refusal", update, err)
		}
	}
}

// TestNumbersServeSQL holds what the choice of types for decimals and amounts
// is for: they compare and add up without a CAST.
func TestNumbersServeSQL(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "unified.db"), sqlite.Options{})
	table := sih.TableByName("observation")
	var rows []sih.Entity
	for i, n := range []int64{15_000, 100_000, 99_000, 1_000, 3_333} {
		e := storetest.Row(table, 1, i+20, 30)
		e.Values[table.Column("value_num")] = sih.NumValue(n)
		rows = append(rows, e)
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil)); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT count(*) FROM observation WHERE value_num > 9.8":                                  "2",
		"SELECT count(*) FROM observation WHERE value_num = 0.1":                                  "1",
		"SELECT sum(value_num) FROM observation WHERE value_num <> 0.3333":                        "21.5",
		"SELECT group_concat(value_num, ' ') FROM (SELECT value_num FROM observation ORDER BY 1)": "0.1 0.3333 1.5 9.9 10",
		"SELECT sum(CAST(round(value_num * 10000) AS INTEGER)) FROM observation":                  "218333",
	} {
		err := s.Query(t.Context(), query, nil, func(r store.Row) error {
			if got := r.Text(0); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestPlaces(t *testing.T) {
	e := sqlite.At(filepath.Join(t.TempDir(), "unified.db"))
	defer e.Close()
	storetest.Places(t, e)
}
