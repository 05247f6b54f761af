package mysql_test

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/storetest"
)

// root is a connection of the tests' own.
func root(t *testing.T) *sql.DB {
	t.Helper()
	_, db := server.Create(t)
	return db
}

func TestPlaces(t *testing.T) {
	e := at(t, fresh())
	defer e.Close()
	storetest.Places(t, e)
}

// What sihctl has not made is neither taken for a store nor removed; what it
// has not finished making is made anew.
func TestForeign(t *testing.T) {
	db, name := root(t), fresh()
	e := at(t, name)
	mariadbtest.Exec(t, db, "CREATE DATABASE "+name+"_building", "CREATE TABLE "+name+"_building.t (id integer)", "CREATE DATABASE "+name)
	if there, err := e.Exists(t.Context(), store.Building); err != nil || !there {
		t.Errorf("a foreign database: got %v, %v", there, err)
	}
	_, opened := e.Open(t.Context(), store.Building, store.Options{})
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 2)) // an empty database is taken
	for name, err := range map[string]error{
		"open": opened, "remove": e.Remove(t.Context(), store.Building), "move": e.Move(t.Context(), store.Building, store.Live), "replace": e.Move(t.Context(), store.Live, store.Building),
	} {
		var fault *store.Error
		if !errors.Is(err, store.ErrForeign) || !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("%s what is foreign: got %v, want ErrForeign and a hint", name, err)
		}
	}
	mariadbtest.Exec(t, db, "SELECT id FROM "+name+"_building.t")
	// As a kill leaves it, in the midst of making or of removing.
	mariadbtest.Exec(t, db, "RENAME TABLE "+name+".sihctl_store TO "+name+".sihctl_remains", "DROP TABLE "+name+".person")
	if there, err := e.Exists(t.Context(), store.Live); err != nil || there {
		t.Errorf("a part of a store: got %v, %v", there, err)
	}
	storetest.Put(t, e, store.Live, "2", storetest.Rows(1, 2))
	if diff := cmp.Diff([]string{"2"}, storetest.Chunks(t, e, store.Live)); diff != "" {
		t.Errorf("made anew (-want +got):\n%s", diff)
	}
}

// What cannot be had is told with its reason and what may help, and shows no
// password.
func TestRefusals(t *testing.T) {
	const password = "s3cr3t-P55"
	db, name := root(t), fresh()
	old, reader := name+"old", "reader"+name[len(name)-1:]
	mariadbtest.Exec(t, db, "CREATE USER "+reader+" IDENTIFIED BY '"+password+"'", "GRANT SELECT ON "+name+".* TO "+reader)
	t.Cleanup(func() { db.Exec("DROP USER " + reader) })
	storetest.Put(t, at(t, name), store.Live, "1", storetest.Rows(1, 2))
	storetest.Put(t, at(t, old), store.Live, "1", storetest.Rows(1, 2))
	mariadbtest.Exec(t, db, "ALTER TABLE "+old+".sihctl_store COMMENT 'sihctl unified store, schema 0000abcd'")
	held, err := at(t, name).Open(t.Context(), store.Live, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	login := reader + ":" + password + "@" + server.Socket() + "/"
	tests := []struct {
		name, dsn, database string
		options             store.Options
		want                error
	}{
		{"no DSN", "", name, store.Options{}, store.ErrUnreachable},
		{"a DSN of PostgreSQL", "postgres://u:" + password + "@h/x", name, store.Options{}, store.ErrUnreachable},
		{"another database", server.DSN("another"), name, store.Options{}, store.ErrUnreachable},
		{"nobody listens", "u:" + password + "@tcp(127.0.0.1:1)/", name, store.Options{}, store.ErrUnreachable},
		{"wrong password", strings.Replace(login, password, password+"x", 1), name, store.Options{}, store.ErrUnreachable},
		{"no right to create", login, name + "new", store.Options{}, store.ErrReadOnly},
		{"no store", server.DSN(""), name + "none", store.Options{ReadOnly: true}, store.ErrUnreachable},
		{"another version's", server.DSN(""), old, store.Options{}, store.ErrSchema},
		{"held", server.DSN(name), name, store.Options{Busy: time.Millisecond}, store.ErrLocked},
	}
	for _, test := range tests {
		e, err := mysql.At(test.dsn, test.database)
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
	// Others may read while it is held, with the right to read alone, and write
	// nothing.
	for _, dsn := range []string{login, server.DSN("")} {
		e, err := mysql.At(dsn, name)
		if err != nil {
			t.Fatal(err)
		}
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
	}
	// Neither is a store that is held replaced.
	if err := at(t, name).Remove(t.Context(), store.Live); !errors.Is(err, store.ErrLocked) {
		t.Errorf("remove: got %v, want ErrLocked", err)
	}
}

// The schema as it is printed can be run by hand, and tells what it holds.
func TestDDL(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, store.DDL(store.MySQL)...)
	for _, table := range sih.Tables {
		var doc string
		if err := db.QueryRow("SELECT table_comment FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", name, table.Name).Scan(&doc); err != nil || doc != table.Doc {
			t.Errorf("%s: got comment %q, error %v, want %q", table.Name, doc, err, table.Doc)
		}
		for _, c := range table.Columns {
			if err := db.QueryRow("SELECT column_comment FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND column_name = ?", name, table.Name, c.Name).Scan(&doc); err != nil || doc != c.Doc {
				t.Errorf("%s.%s: got comment %q, error %v, want %q", table.Name, c.Name, doc, err, c.Doc)
			}
		}
	}
}

// texts are those that a format of files or statements takes for its own.
const texts = "a\x00b\\c\td\ne\r\\N \\. 'é' \"\" \\' '' %s ? بنعلي 😀\x01\x1a\x7f"

// Texts come back as they were, and keys that differ in a blank at the end are
// two.
func TestTexts(t *testing.T) {
	s, err := at(t, fresh()).Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	holdTexts(t, s)
}

func holdTexts(t *testing.T, s store.Store) {
	t.Helper()
	table := sih.TableByName("observation")
	at := table.Column("value_text")
	e := storetest.Row(table, 1, 5, 10)
	load := func(name string, rows ...sih.Entity) error {
		_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: name, Hash: "h"}, storetest.Seq(rows, nil))
		return err
	}
	e.Values[at] = sih.StrValue(texts)
	if err := load("1", e); err != nil {
		t.Fatal(err)
	}
	for got, err := range s.Rows(t.Context(), table) {
		if err != nil || got.Values[at].String() != texts {
			t.Errorf("got %q, error %v", got.Values[at].String(), err)
		}
	}
	e.Values[at] = sih.StrValue("a\xffb")
	e.Values[table.Column("id")] = sih.IDValue(storetest.ID("observation", 99))
	var row *store.RowError
	if err := load("2", e); !errors.As(err, &row) || row.Column != "value_text" || row.ID != storetest.ID("observation", 99) {
		t.Errorf("got %v, want a *store.RowError for the column", err)
	}
	codes := sih.TableByName("code_map")
	key := codes.Column("source_code")
	var rows []sih.Entity
	for _, text := range []string{"A", "A ", "a", "Á", "A\t", ""} {
		e := storetest.Row(codes, 1, 5, 10)
		e.Values[key] = sih.StrValue(text)
		rows = append(rows, e)
	}
	if err := load("3", rows...); err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range s.Rows(t.Context(), codes) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Values[key].String())
	}
	if diff := cmp.Diff([]string{"", "A", "A\t", "A ", "a", "Á"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// What a server refuses by itself names table, row and column, and no value.
func TestServerRefuses(t *testing.T) {
	db, name := root(t), fresh()
	s, err := at(t, name).Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := sih.TableByName("observation")
	mariadbtest.Exec(t, db, "ALTER TABLE "+name+".observation MODIFY label varchar(3)")
	rows := []sih.Entity{storetest.Row(table, 1, 7, 10), storetest.Row(table, 1, 8, 10)}
	for i, text := range []string{"abc", "Hidden"} {
		rows[i].Values[table.Column("label")] = sih.StrValue(text)
	}
	_, err = s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "1", Hash: "h"}, storetest.Seq(rows, nil))
	var row *store.RowError
	if !errors.As(err, &row) || row.ID != storetest.ID("observation", 8) || row.Column != "label" || strings.Contains(err.Error(), "Hidden") {
		t.Errorf("got %v, want a *store.RowError for the row and its label", err)
	}
	if got := storetest.Contents(t, s); len(got) != 0 {
		t.Errorf("the refused chunk left rows in %d tables", len(got))
	}
}
