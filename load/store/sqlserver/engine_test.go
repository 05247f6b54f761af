package sqlserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlserver"
	"github.com/sihctl/sih/load/store/storetest"
)

func TestPlaces(t *testing.T) {
	unraced(t)
	_, dsn := held(t)
	e := at(t, dsn, "unified")
	defer e.Close()
	storetest.Places(t, e)
}

// An older store becomes what a new one is.
func TestUpgrades(t *testing.T) {
	unraced(t)
	server, dsn := held(t)
	storetest.Upgrades(t, storetest.Upgradable{
		First: 2, // of which there was a store on SQL Server
		Old: func(t *testing.T, name string, s store.Schema) {
			statements := append([]string{"CREATE SCHEMA [" + name + "]"}, s.DDL(store.SQLServer)...)
			for i, statement := range statements {
				statement = strings.Replace(statement, " ADD CONSTRAINT ", " WITH CHECK ADD CONSTRAINT ", 1)
				statements[i] = strings.Replace(sqlserver.Within(name, statement), "SCHEMA_NAME()", "N'"+name+"'", 1)
			}
			if err := server.Run(append(statements, sqlserver.Within(name, store.Log(store.SQLServer, s.Version, 0)))...); err != nil {
				t.Fatal(err)
			}
		},
		Open: func(t *testing.T, name string, o store.Options) (store.Store, error) {
			return at(t, dsn, name).Open(t.Context(), store.Live, o)
		},
		Shape: func(t *testing.T, name string) []string {
			list, err := server.Shape(name)
			if err != nil {
				t.Fatal(err)
			}
			return list
		},
	})
}

// What sihctl has not made is neither taken for a store nor removed.
func TestForeign(t *testing.T) {
	server, dsn := held(t)
	e := at(t, dsn, "unified")
	if err := server.Run("CREATE SCHEMA [unified]", "CREATE SCHEMA [unified_building]", "CREATE TABLE [unified_building].[schema_version] (version bigint)"); err != nil {
		t.Fatal(err)
	}
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 2)) // an empty schema is taken
	if there, err := e.Exists(t.Context(), store.Building); err != nil || !there {
		t.Errorf("a foreign schema: got %v, %v", there, err)
	}
	_, opened := e.Open(t.Context(), store.Building, store.Options{})
	for name, err := range map[string]error{
		"open": opened, "remove": e.Remove(t.Context(), store.Building), "move": e.Move(t.Context(), store.Building, store.Live), "replace": e.Move(t.Context(), store.Live, store.Building),
	} {
		storetest.Refused(t, name+" what is foreign", err, store.ErrForeign, "s3cr3t")
	}
	if err := server.Run("SELECT version FROM [unified_building].[schema_version]"); err != nil {
		t.Error(err)
	}
}

// What cannot be had is told with its reason and what may help.
func TestRefusals(t *testing.T) {
	server, dsn := held(t)
	storetest.Put(t, at(t, dsn, "unified"), store.Live, "1", storetest.Rows(1, 2))
	storetest.Put(t, at(t, dsn, "newer"), store.Live, "1", storetest.Rows(1, 2))
	if err := server.Run(fmt.Sprintf("INSERT INTO [newer].[schema_version] (version, applied_at, what) VALUES (%d, '2026-01-02 00:00:00.000', 'later')", store.Latest()+1)); err != nil {
		t.Fatal(err)
	}
	first, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	tests := []struct {
		name, dsn, schema string
		options           store.Options
		want              error
	}{
		{"no DSN", "", "unified", store.Options{}, store.ErrUnreachable},
		{"a DSN of PostgreSQL", "postgres://u:s3cr3t@h/x", "unified", store.Options{}, store.ErrUnreachable},
		{"no database", "sqlserver://u:s3cr3t@h:1433", "unified", store.Options{}, store.ErrUnreachable},
		{"a DSN that no driver takes", "sqlserver://u:s3cr3t@h:x?database=d", "unified", store.Options{}, store.ErrUnreachable},
		{"nobody listens", "sqlserver://u:s3cr3t@127.0.0.1:1?database=d", "unified", store.Options{}, store.ErrUnreachable},
		{"wrong password", strings.Replace(dsn, "s3cr3t", "s3cr3tt", 1), "unified", store.Options{}, store.ErrUnreachable},
		{"another database", strings.Replace(dsn, "database=region", "database=other", 1), "unified", store.Options{}, store.ErrUnreachable},
		{"a server that does not encrypt", strings.Replace(dsn, "&encrypt=disable", "", 1), "unified", store.Options{}, store.ErrUnreachable},
		{"no store", dsn, "none", store.Options{ReadOnly: true}, store.ErrUnreachable},
		{"a newer one", dsn, "newer", store.Options{}, store.ErrSchema},
		{"held", dsn, "unified", store.Options{Busy: time.Millisecond}, store.ErrLocked},
	}
	for _, test := range tests {
		e, err := sqlserver.At(test.dsn, test.schema)
		if err == nil {
			_, err = e.Open(t.Context(), store.Live, test.options)
		}
		storetest.Refused(t, test.name, err, test.want, "s3cr3t")
	}
	storetest.Refused(t, "remove what is held", at(t, dsn, "unified").Remove(t.Context(), store.Live), store.ErrLocked, "s3cr3t")
	// Others may read while it is held, and write nothing.
	s, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := storetest.Contents(t, s); len(got["person"]) != 2 {
		t.Errorf("got %d persons, want 2", len(got["person"]))
	}
	_, err = s.LoadChunk(t.Context(), store.Chunk{}, storetest.Seq(nil, nil))
	storetest.Refused(t, "load", err, store.ErrReadOnly, "s3cr3t")
	storetest.Refused(t, "finish", s.Finish(t.Context()), store.ErrReadOnly, "s3cr3t")
}

// Whoever yields a chunk's rows may ask the store, of tables too that the chunk
// has written to.
func TestQueryWithinLoad(t *testing.T) {
	_, dsn := held(t)
	e := at(t, dsn, "unified")
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 4)) // with references, which the load takes away
	s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.(*sqlserver.Store).Hold(1) // every row is sent at once
	var seen []int64
	rows := func(yield func(sih.Entity, error) bool) {
		for i := 4; i < 7; i++ {
			if err := s.Query(t.Context(), "SELECT count(*) FROM staff", nil, func(r store.Row) error { seen = append(seen, r.Int(0)); return nil }); err != nil {
				t.Fatal(err)
			}
			if !yield(storetest.Row(sih.TableByName("staff"), 1, i, 4), nil) {
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
