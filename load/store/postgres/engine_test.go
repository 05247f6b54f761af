package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/storetest"
)

func TestPlaces(t *testing.T) {
	database, _ := server.Create(t)
	e := at(t, database, "unified")
	defer e.Close()
	storetest.Places(t, e)
}

// What sihctl has not made is neither taken for a store nor removed.
func TestForeign(t *testing.T) {
	database, db := server.Create(t)
	rows := storetest.Rows(1, 4)
	postgrestest.Exec(t, db, "CREATE SCHEMA other_building", "CREATE TABLE other_building.t (id integer)", "CREATE SCHEMA other")
	other := at(t, database, "other")
	if there, err := other.Exists(t.Context(), store.Building); err != nil || !there {
		t.Errorf("a foreign schema: got %v, %v", there, err)
	}
	_, opened := other.Open(t.Context(), store.Building, store.Options{})
	storetest.Put(t, other, store.Live, "1", rows) // an empty schema is taken
	for name, err := range map[string]error{
		"open": opened, "remove": other.Remove(t.Context(), store.Building), "move": other.Move(t.Context(), store.Building, store.Live), "replace": other.Move(t.Context(), store.Live, store.Building),
	} {
		var fault *store.Error
		if !errors.Is(err, store.ErrForeign) || !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("%s what is foreign: got %v, want ErrForeign and a hint", name, err)
		}
	}
	postgrestest.Exec(t, db, "SELECT id FROM other_building.t")
}

// A finished store has its indexes and references, whose tables others can
// rely on; loading takes away those of the tables that it writes to.
func TestReferencesAreDeclared(t *testing.T) {
	database, db := server.Create(t)
	e := at(t, database, "unified")
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 4))
	count := func() string {
		r := db.ExecParams(t.Context(), "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated", nil, nil, nil, nil).Read()
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		return string(r.Rows[0][0])
	}
	all := count()
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	orphan := storetest.Row(sih.TableByName("diagnosis"), 1, 9, 4)
	orphan.Values[orphan.Table.Column("encounter_id")] = sih.IDValue(storetest.ID("encounter", 1000))
	chunk := store.Chunk{Run: storetest.ID("migration_run", 0), Name: "2", Hash: "h"}
	boom := errors.New("the stage broke off")
	if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq([]sih.Entity{orphan}, boom)); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if got := count(); got != all {
		t.Errorf("after a chunk that failed: %s references, before it %s", got, all)
	}
	if _, err := s.LoadChunk(t.Context(), chunk, storetest.Seq([]sih.Entity{orphan}, nil)); err != nil {
		t.Fatal(err)
	}
	var broken *store.ReferenceError
	if err := s.Finish(t.Context()); !errors.As(err, &broken) || len(broken.Broken) != 1 {
		t.Errorf("finish: got %v, want one broken reference", err)
	}
	postgrestest.Exec(t, db, "DELETE FROM unified.diagnosis WHERE id = '"+orphan.Get("id").String()+"'")
	if err := s.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	if got := count(); got != all {
		t.Errorf("in the end: %s references, want %s", got, all)
	}
}

// What cannot be had is told with its reason and what may help, and shows no
// password.
func TestRefusals(t *testing.T) {
	const password = "s3cr3t-P55"
	database, db := server.Create(t)
	latin, _ := server.Create(t, "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	reader := server.Name()
	postgrestest.Exec(t, db, "CREATE ROLE "+reader+" LOGIN PASSWORD '"+password+"'")
	storetest.Put(t, at(t, database, "unified"), store.Live, "1", storetest.Rows(1, 2))
	storetest.Put(t, at(t, database, "old"), store.Live, "1", storetest.Rows(1, 2))
	postgrestest.Exec(t, db, "COMMENT ON SCHEMA old IS 'sihctl unified store, schema 0000abcd'", "GRANT USAGE ON SCHEMA unified TO "+reader)
	t.Cleanup(func() { drop(database, reader) })
	held, err := at(t, database, "unified").Open(t.Context(), store.Live, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	tests := []struct {
		name, dsn, schema string
		options           store.Options
		want              error
	}{
		{"no DSN", "", "unified", store.Options{}, store.ErrUnreachable},
		{"a DSN of MySQL", "u:" + password + "@tcp(h:1)/x", "unified", store.Options{}, store.ErrUnreachable},
		{"no database", "postgres://u:" + password + "@h", "unified", store.Options{}, store.ErrUnreachable},
		{"nobody listens", "postgres://u:" + password + "@127.0.0.1:1/x", "unified", store.Options{}, store.ErrUnreachable},
		{"wrong password", server.Login(database, reader, password+"x"), "unified", store.Options{}, store.ErrUnreachable},
		{"no such database", server.DSN("no_such_database"), "unified", store.Options{}, store.ErrUnreachable},
		{"Latin-1", server.DSN(latin), "unified", store.Options{}, store.ErrForeign},
		{"no right to create", server.Login(database, reader, password), "new", store.Options{}, store.ErrReadOnly},
		{"no store", server.DSN(database), "new", store.Options{ReadOnly: true}, store.ErrUnreachable},
		{"another version's", server.DSN(database), "old", store.Options{}, store.ErrSchema},
		{"held", server.DSN(database), "unified", store.Options{Busy: time.Millisecond}, store.ErrLocked},
	}
	for _, test := range tests {
		e, err := postgres.At(test.dsn, test.schema)
		if err == nil {
			_, err = e.Open(t.Context(), store.Live, test.options)
		}
		var fault *store.Error
		if !errors.Is(err, test.want) || !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("%s: got %v, want %v and a hint", test.name, err, test.want)
			continue
		}
		if said := err.Error() + fault.Hint; strings.Contains(said, "s3cr3t") || strings.Contains(said, url.QueryEscape(password)) {
			t.Errorf("%s: the password shows: %s", test.name, said)
		}
	}
	// Others may read while it is held, and write nothing.
	e := at(t, database, "unified")
	s, err := e.Open(t.Context(), store.Live, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := storetest.Contents(t, s); len(got["person"]) != 2 {
		t.Errorf("got %d persons, want 2", len(got["person"]))
	}
	if err := s.Query(t.Context(), "DELETE FROM load_chunk", nil, func(store.Row) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a query that writes: got %v, want ErrReadOnly", err)
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{}, storetest.Seq(nil, nil)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("load: got %v, want ErrReadOnly", err)
	}
	if err := s.Finish(t.Context()); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("finish: got %v, want ErrReadOnly", err)
	}
	// Neither is a store that is held replaced.
	if err := e.Remove(t.Context(), store.Live); !errors.Is(err, store.ErrLocked) {
		t.Errorf("remove: got %v, want ErrLocked", err)
	}
}

// drop takes a login away, which owns nothing but rights.
func drop(database, login string) {
	conn, err := pgconn.Connect(context.Background(), server.DSN(database))
	if err != nil {
		return
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"DROP OWNED BY " + login, "DROP ROLE " + login} {
		conn.Exec(context.Background(), statement).Close()
	}
}

// Whoever yields a chunk's rows may ask the store, of tables too that the chunk
// has written to.
func TestQueryWithinLoad(t *testing.T) {
	database, _ := server.Create(t)
	e := at(t, database, "unified")
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 4)) // with references, which the load takes away
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.(*postgres.Store).Hold(1) // every row is sent at once
	table, seen := sih.TableByName("staff"), []int64{}
	rows := func(yield func(sih.Entity, error) bool) {
		for i := 4; i < 7; i++ {
			if err := s.Query(t.Context(), "SELECT count(*) FROM staff", nil, func(r store.Row) error { seen = append(seen, r.Int(0)); return nil }); err != nil {
				t.Fatal(err)
			}
			if !yield(storetest.Row(table, 1, i, 4), nil) {
				return
			}
		}
	}
	if _, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.ID("migration_run", 0), Name: "2", Hash: "h"}, rows); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{4, 5, 6}, seen); diff != "" {
		t.Errorf("rows seen before each (-want +got):\n%s", diff)
	}
}

// The schema as it is printed can be run by hand, and tells what it holds.
func TestDDL(t *testing.T) {
	_, db := server.Create(t)
	postgrestest.Exec(t, db, store.DDL(store.Postgres)...)
	said := map[string]string{}
	answer := db.ExecParams(t.Context(), `SELECT c.relname, coalesce(a.attname, ''), d.description FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid
 LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 WHERE c.relnamespace = 'public'::regnamespace`, nil, nil, nil, nil).Read()
	if answer.Err != nil {
		t.Fatal(answer.Err)
	}
	for _, r := range answer.Rows {
		said[string(r[0])+"."+string(r[1])] = string(r[2])
	}
	for _, table := range sih.Tables {
		if got := said[table.Name+"."]; got != table.Doc {
			t.Errorf("%s: got comment %q, want %q", table.Name, got, table.Doc)
		}
		for _, c := range table.Columns {
			if got := said[table.Name+"."+c.Name]; got != c.Doc {
				t.Errorf("%s.%s: got comment %q, want %q", table.Name, c.Name, got, c.Doc)
			}
		}
	}
}

// Texts come back as they were, U+0000 too; what stands for it is refused.
func TestTexts(t *testing.T) {
	database, _ := server.Create(t)
	s, err := at(t, database, "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := sih.TableByName("observation")
	at := table.Column("value_text")
	e := storetest.Row(table, 1, 5, 10)
	load := func(name, text string) error {
		e.Values[at] = sih.StrValue(text)
		e.Values[table.Column("id")] = sih.IDValue(storetest.ID("observation", len(name)))
		_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: name, Hash: "h"}, storetest.Seq([]sih.Entity{e}, nil))
		return err
	}
	text := "a\x00b\\c\td\ne\r\\N \\. 'é' بنعلي 😀\x01\x7f"
	if err := load("x", text); err != nil {
		t.Fatal(err)
	}
	for got, err := range s.Rows(t.Context(), table) {
		if err != nil || got.Values[at].String() != text {
			t.Errorf("got %q, error %v", got.Values[at].String(), err)
		}
	}
	for name, text := range map[string]string{"xx": "a\uFDD0b", "xxx": "a\xffb"} {
		var row *store.RowError
		if err := load(name, text); !errors.As(err, &row) || row.Column != "value_text" || row.ID.IsZero() {
			t.Errorf("%q: got %v, want a *store.RowError for the column", text, err)
		}
	}
}
