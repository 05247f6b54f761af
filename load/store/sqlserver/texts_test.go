package sqlserver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlserver"
	"github.com/sihctl/sih/load/store/storetest"
)

// Texts come back as they were, and keys that differ in a blank at the end are
// two.
func TestTexts(t *testing.T) {
	_, dsn := held(t)
	s, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	table := sih.TableByName("observation")
	column := table.Column("value_text")
	load := func(name string, rows ...sih.Entity) error {
		_, err := s.LoadChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: name, Hash: "h"}, storetest.Seq(rows, nil))
		return err
	}
	const texts = "a\x00b\\c\td\ne\r 'é' \"\" '' %s ? @p1 [x] بنعلي 😀\x01\x7f "
	e := storetest.Row(table, 1, 5, 10)
	e.Values[column] = sih.StrValue(texts)
	if err := load("1", e); err != nil {
		t.Fatal(err)
	}
	for got, err := range s.Rows(t.Context(), table) {
		if err != nil || got.Values[column].String() != texts {
			t.Errorf("got %q, error %v", got.Values[column].String(), err)
		}
	}
	for text, why := range map[string]string{"a\xffb": "UTF-8", "a\uFDD0": "FDD0", strings.Repeat("😀", 201): "UTF-16"} {
		e.Values[column] = sih.StrValue(text)
		e.Values[table.Column("id")] = sih.IDValue(storetest.ID("observation", 99))
		var row *store.RowError
		if err := load("2", e); !errors.As(err, &row) || row.Column != "value_text" || row.ID != storetest.ID("observation", 99) || !strings.Contains(row.Error(), why) {
			t.Errorf("got %v, want a *store.RowError for the column with %s", err, why)
		}
	}
	codes := sih.TableByName("code_map")
	key := codes.Column("source_code")
	var rows []sih.Entity
	for _, text := range []string{"A", "A ", "A  ", "a", "Á", "A\t", ""} {
		e := storetest.Row(codes, 1, 5, 10)
		e.Values[key] = sih.StrValue(text)
		rows = append(rows, e)
	}
	for _, name := range []string{"3", "4"} { // the second time they are there
		if err := load(name, rows...); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int{}
	for e, err := range s.Rows(t.Context(), codes) {
		if err != nil {
			t.Fatal(err)
		}
		got[e.Values[key].String()]++
	}
	if diff := cmp.Diff(map[string]int{"": 1, "A": 1, "A ": 1, "A  ": 1, "A\t": 1, "a": 1, "Á": 1}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	gone := storetest.Row(codes, 1, 5, 10)
	gone.Values[key] = sih.StrValue("A ")
	var values []sih.Value
	for _, name := range codes.Key {
		values = append(values, gone.Get(name))
	}
	if _, err := s.ReplaceChunk(t.Context(), store.Chunk{Run: storetest.Run, Name: "5", Hash: "h"}, storetest.Seq(nil, nil), []store.Key{{Table: codes, Values: values}}); err != nil {
		t.Fatal(err)
	}
	if n := len(storetest.Contents(t, s)["code_map"]); n != len(rows)-1 {
		t.Errorf("%d keys after one of %d was removed", n, len(rows))
	}
}

func TestWithin(t *testing.T) {
	tests := []struct{ sql, want string }{
		{"SELECT p.id FROM person p JOIN source_person s ON s.person_id = p.id", "SELECT p.id FROM [x].person p JOIN [x].source_person s ON s.person_id = p.id"},
		{"SELECT source_system, claim FROM claim WHERE source_system = ? AND EXISTS (SELECT 1 FROM source_system WHERE id = ?)", "SELECT source_system, claim FROM [x].claim WHERE source_system = @p1 AND EXISTS (SELECT 1 FROM [x].source_system WHERE id = @p2)"},
		{"SELECT 'from person ?', \"from person\", [from person] FROM other", "SELECT 'from person ?', \"from person\", [from person] FROM other"},
		{"UPDATE t SET a = 1 FROM person AS t JOIN #staged_person AS s ON t.id = s.id", "UPDATE t SET a = 1 FROM [x].person AS t JOIN #staged_person AS s ON t.id = s.id"},
		{"CREATE INDEX a ON bed (id)", "CREATE INDEX a ON [x].bed (id)"},
		{"DROP VIEW IF EXISTS open_stay", "DROP VIEW IF EXISTS [x].open_stay"},
		{"CREATE TABLE bed (a int REFERENCES staff (id))", "CREATE TABLE [x].bed (a int REFERENCES [x].staff (id))"},
		{"SELECT 'it''s FROM person' FROM\n  person", "SELECT 'it''s FROM person' FROM\n  [x].person"},
	}
	for _, test := range tests {
		if got := sqlserver.Within("x", test.sql); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// The schema as it is printed can be run by hand, with its words.
func TestDDL(t *testing.T) {
	server, dsn := held(t)
	s, err := at(t, dsn, "unified").Open(t.Context(), store.Live, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	said, err := server.Descriptions("unified")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range sih.Tables {
		for _, c := range table.Columns {
			if got := said[table.Name+"."+c.Name]; got != c.Doc {
				t.Errorf("%s.%s: got %q, want %q", table.Name, c.Name, got, c.Doc)
			}
		}
		if got := said[table.Name]; got != table.Doc {
			t.Errorf("%s: got %q, want %q", table.Name, got, table.Doc)
		}
		width := 0
		for _, name := range table.Key {
			width += keyBytes(table, name)
		}
		if width > 900 { // a clustered index takes no more
			t.Errorf("the key of %s may be %d bytes long", table.Name, width)
		}
		for _, columns := range table.Index {
			width := 0
			for _, name := range columns {
				width += keyBytes(table, name)
			}
			if width > 1700 {
				t.Errorf("the index of %s over %v may be %d bytes long", table.Name, columns, width)
			}
		}
	}
}

// keyBytes is the most that a column takes of an index's key.
func keyBytes(t *sih.Table, name string) int {
	switch c := t.Columns[t.Column(name)]; c.Kind {
	case sih.KindID:
		return sih.IDLength
	case sih.KindCode:
		return 2 * 64
	case sih.KindStr:
		return 2 * c.Size
	}
	return 8
}
