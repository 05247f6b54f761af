package sqlite_test

import (
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	engine "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// BenchmarkStore measures the store, against a loop over one prepared statement
// that is fed with ready rows, under the same settings.
func BenchmarkStore(b *testing.B) {
	dir := b.TempDir()
	at := func(name string) string { return filepath.Join(dir, name+".db") }
	var rows [][]any
	storetest.Benchmarks(b, storetest.Benched{
		Open: func(b *testing.B, name string, o store.Options) store.Store {
			s, err := sqlite.Open(at(name), sqlite.Options{Options: o})
			if err != nil {
				b.Fatal(err)
			}
			return s
		},
		Ready: func(b *testing.B, name string) { rows = ready(b, at(name)) },
		Bulk:  func(b *testing.B, name string) { insert(b, at(name), rows) },
	})
}

// ready reads the results of a file as values that SQLite can be given.
func ready(b *testing.B, path string) (rows [][]any) {
	conn, err := engine.OpenConn(path, engine.OpenReadWrite)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.Execute(conn, "SELECT * FROM observation ORDER BY effective_ts", &sqlitex.ExecOptions{ResultFunc: func(stmt *engine.Stmt) error {
		row := make([]any, stmt.ColumnCount())
		for i := range row {
			switch stmt.ColumnType(i) {
			case engine.TypeText:
				row[i] = stmt.ColumnText(i)
			case engine.TypeInteger:
				row[i] = stmt.ColumnInt64(i)
			case engine.TypeFloat:
				row[i] = stmt.ColumnFloat(i)
			}
		}
		rows = append(rows, row)
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

// insert puts ready rows into the table of an empty store.
func insert(b *testing.B, path string, rows [][]any) {
	conn, err := engine.OpenConn(path, engine.OpenReadWrite)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	run := func(statement string) {
		if err := sqlitex.ExecuteTransient(conn, statement, nil); err != nil {
			b.Fatal(err)
		}
	}
	for _, pragma := range []string{"locking_mode = EXCLUSIVE", "cache_size = -131072", "foreign_keys = OFF", "ignore_check_constraints = ON", "journal_mode = WAL", "synchronous = NORMAL", "wal_autocheckpoint = 32768"} {
		run("PRAGMA " + pragma)
	}
	stmt, err := conn.Prepare("INSERT INTO observation VALUES (?" + strings.Repeat(", ?", len(rows[0])-1) + ")")
	if err != nil {
		b.Fatal(err)
	}
	for some := range slices.Chunk(rows, storetest.PerChunk) {
		run("BEGIN")
		for _, row := range some {
			for i, v := range row {
				switch v := v.(type) {
				case nil:
					stmt.BindNull(i + 1)
				case string:
					stmt.BindText(i+1, v)
				case int64:
					stmt.BindInt64(i+1, v)
				case float64:
					stmt.BindFloat(i+1, v)
				}
			}
			if _, err := stmt.Step(); err != nil {
				b.Fatal(err)
			}
			if err := stmt.Reset(); err != nil {
				b.Fatal(err)
			}
		}
		run("COMMIT")
	}
}

// BenchmarkFinish makes the indexes and checks the references of as many
// results; an iteration is a row.
func BenchmarkFinish(b *testing.B) {
	s, err := sqlite.Open(filepath.Join(b.TempDir(), "unified.db"), sqlite.Options{Options: store.Options{Now: now}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	run := storetest.ID("migration_run", 0)
	load := func(name string, rows iter.Seq2[sih.Entity, error]) {
		if _, err := s.LoadChunk(b.Context(), store.Chunk{Run: run, Name: name, Hash: "h"}, rows); err != nil {
			b.Fatal(err)
		}
	}
	load("people", people(b.N))
	for from := 0; from < b.N; from += 65_536 {
		load(fmt.Sprint(from), storetest.Results(from, min(from+65_536, b.N)))
	}
	b.ResetTimer()
	if err := s.Finish(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// people yields whom and what the first n results point at.
func people(n int) iter.Seq2[sih.Entity, error] {
	run := storetest.Row(sih.TableByName("migration_run"), 1, 0, 1)
	place := storetest.Row(sih.TableByName("organisation"), 1, 0, 1)
	return func(yield func(sih.Entity, error) bool) {
		if !yield(run, nil) || !yield(place, nil) {
			return
		}
		for i := range n/150 + 1 {
			id := sih.IDValue(storetest.ID("source_person", i))
			record := storetest.Row(sih.TableByName("source_person"), 1, 0, 1)
			human := storetest.Row(sih.TableByName("person"), 1, 0, 1)
			record.Values[record.Table.Column("id")] = id
			record.Values[record.Table.Column("person_id")] = id
			human.Values[human.Table.Column("id")] = id
			human.Values[human.Table.Column("founder")] = id
			if !yield(record, nil) || !yield(human, nil) {
				return
			}
		}
		for i := range n/12 + 1 {
			stay := storetest.Row(sih.TableByName("encounter"), 1, 0, 1)
			person := sih.IDValue(storetest.ID("source_person", i*12/150))
			stay.Values[stay.Table.Column("id")] = sih.IDValue(storetest.ID("encounter", i))
			stay.Values[stay.Table.Column("source_person_id")] = person
			stay.Values[stay.Table.Column("person_id")] = person
			if !yield(stay, nil) {
				return
			}
		}
	}
}
