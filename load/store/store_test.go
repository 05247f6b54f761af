package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

var update = flag.Bool("update", false, "write docs/schema.md again")

func TestDocumentIsUpToDate(t *testing.T) {
	var b bytes.Buffer
	if err := store.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "docs", "schema.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("docs/schema.md is not what the schema gives; -update writes it again (-file +schema):\n%s", d)
	}
	for _, table := range sih.Tables {
		if !strings.Contains(b.String(), "\n### "+table.Name+"\n") {
			t.Errorf("the document lacks %s", table.Name)
		}
	}
}

func TestDialectsKnowEveryKind(t *testing.T) {
	for _, d := range store.Dialects {
		for k := sih.KindID; k <= sih.KindBool; k++ {
			if (d.Types[k] == "") != (k == sih.KindPDate) {
				t.Errorf("%s has type %q for %v", d.Name, d.Types[k], k)
			}
		}
	}
}

func TestDDL(t *testing.T) {
	ddl := store.DDL(store.SQLite)
	indexes := 0
	for i, table := range sih.Tables {
		if !strings.HasPrefix(ddl[i], "CREATE TABLE "+table.Name+" (") {
			t.Errorf("statement %d does not create %s", i, table.Name)
		}
		indexes += len(table.Index)
	}
	// The store's own table is one more.
	if want := len(sih.Tables) + 1 + indexes + len(store.Views()); len(ddl) != want {
		t.Errorf("%d statements, want %d", len(ddl), want)
	}
	got := ddl[sih.TableByName("person_relation").Rank()]
	for _, want := range []string{
		"\n  id TEXT NOT NULL,\n",
		"\n  person_id TEXT NOT NULL REFERENCES person (id),\n",
		"\n  relation TEXT NOT NULL CHECK (relation IN ('mother', ",
		"\n  birth_order INTEGER,\n",
		"\n  PRIMARY KEY (id)\n) STRICT",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("person_relation lacks %q in\n%s", want, got)
		}
	}
}

// Where references are declared apart, each has a name of its own that every
// engine takes, and no table declares one.
func TestReferencesApart(t *testing.T) {
	list, seen := store.References(), map[string]bool{}
	ddl := store.DDL(store.Postgres)
	for _, r := range list {
		if seen[r.Name()] || len(r.Name()) > 63 {
			t.Errorf("reference name %s", r.Name())
		}
		seen[r.Name()] = true
	}
	if len(list) == 0 {
		t.Fatal("the schema has no references")
	}
	end := len(ddl) - len(store.Views())
	for i, statement := range ddl {
		if strings.Contains(statement, "REFERENCES") != (end-len(list) <= i && i < end) {
			t.Errorf("statement %d: %.80s", i, statement)
		}
	}
}

// Where references are not declared no statement has one. Words about a column
// are no part of what a schema is.
func TestCommented(t *testing.T) {
	for i, statement := range store.DDL(store.MySQL) {
		if strings.Contains(statement, "REFERENCES") || i < len(sih.Tables) && !strings.Contains(statement, " COMMENT='") {
			t.Errorf("statement %d: %.80s", i, statement)
		}
	}
	plain, latest := *store.MySQL, store.SchemaAt(store.Latest())
	plain.Comments = store.Undeclared
	if store.DDL(&plain)[0] == store.DDL(store.MySQL)[0] || latest.Fingerprint(&plain) != latest.Fingerprint(store.MySQL) {
		t.Error("the fingerprint hangs on the comments, or there are none")
	}
}

func TestIndexNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range sih.Tables {
		for _, columns := range table.Index {
			name := store.IndexName(table, columns)
			// 63 characters is PostgreSQL's limit, the least of the engines'.
			if seen[name] || len(name) > 63 {
				t.Errorf("index name %s", name)
			}
			seen[name] = true
		}
	}
}

// TestRowHashIsAsDocumented computes the hash a second time, from the words of
// docs/schema.md.
func TestRowHashIsAsDocumented(t *testing.T) {
	storetest.Pretend(t) // that more columns came later
	var hasher store.Hasher
	field := func(v sih.Value) []byte {
		if v.IsNull() {
			return []byte{0}
		}
		text := v.String()
		return append(binary.AppendUvarint(nil, uint64(len(text)+1)), text...)
	}
	for _, e := range storetest.Rows(1, 20) {
		h := sha256.New()
		first := store.SchemaAt(1).Tables
		at := slices.IndexFunc(first, func(t *sih.Table) bool { return t.Name == e.Table.Name })
		var rest []byte
		for i, c := range e.Table.Columns {
			switch {
			case c.Volatile:
			case at < 0 || slices.ContainsFunc(first[at].Columns, func(o sih.Column) bool { return o.Name == c.Name }):
				h.Write(field(e.Values[i]))
			case !e.Values[i].IsNull():
				rest = append(append(rest, c.Name...), field(e.Values[i])...)
			}
		}
		h.Write(rest)
		if got, want := hasher.Row(e), sih.ID(h.Sum(nil)[:16]); got != want {
			t.Fatalf("%s: hash %v, want %v", e.Table.Name, got, want)
		}
	}
}

// A record that was left out before the schema had its amount says the same when
// the store has been brought to the version that has it: a delta does not take
// it for one that somebody else has changed.
func TestOlderRowsSayTheSame(t *testing.T) {
	table := sih.TableByName("source_record")
	e := storetest.Row(table, 1, 9, 10)
	at := table.Column("amount")
	e.Values[at] = sih.Value{}
	then := *table
	then.Columns = slices.Delete(slices.Clone(table.Columns), at, at+1)
	before := sih.Entity{Table: &then, Values: slices.Delete(slices.Clone(e.Values), at, at+1)}
	var hasher store.Hasher
	if got, want := hasher.Sum(e), hasher.Sum(before); got != want {
		t.Errorf("an empty amount changes the sum: %v, before %v", got, want)
	}
	e.Values[at] = sih.MoneyValue(1)
	if got := hasher.Sum(e); got == hasher.Sum(before) {
		t.Error("a centime does not change the sum")
	}
}

func TestRowHashCoversContentOnly(t *testing.T) {
	table := sih.TableByName("source_person")
	e := storetest.Row(table, 1, 9, 10)
	var hasher store.Hasher
	before := hasher.Row(e)
	for i := range table.Columns {
		c := &table.Columns[i]
		old := e.Values[i]
		for _, v := range storetest.Extremes(c) {
			if v == old {
				continue
			}
			e.Values[i] = v
			if changed := hasher.Row(e) != before; changed == c.Volatile {
				t.Errorf("%s: hash changed: %v, volatile: %v", c.Name, changed, c.Volatile)
			}
		}
		e.Values[i] = old
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("the engine's words")
	err := error(&store.Error{Op: "open", Path: "unified.db", Why: store.ErrFull, Err: cause})
	if !errors.Is(err, store.ErrFull) || !errors.Is(err, cause) || errors.Is(err, store.ErrLocked) {
		t.Errorf("%v does not unwrap to its reasons", err)
	}
	if got, want := err.Error(), "open: unified.db: no space left: the engine's words"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkRowHash(b *testing.B) {
	e := storetest.Row(sih.TableByName("observation"), 1, 50, 100)
	var hasher store.Hasher
	b.ReportAllocs()
	for b.Loop() {
		hasher.Row(e)
	}
}

func BenchmarkCheck(b *testing.B) {
	table := sih.TableByName("observation")
	e := storetest.Row(table, 1, 50, 100)
	c := store.NewChecker(table)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(e); err != nil {
			b.Fatal(err)
		}
	}
}
