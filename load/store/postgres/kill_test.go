package postgres_test

import (
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A server that dies amid a load: see storetest.Killed.
func TestServerKilled(t *testing.T) {
	private, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	database, db := private.Create(t)
	postgrestest.Exec(t, db, "CHECKPOINT")
	load := func(schema string, before func(chunk, row int)) error {
		s, err := atServer(t, private, database, schema).Open(t.Context(), store.Live, store.Options{Now: now})
		if err != nil {
			return err
		}
		defer s.Close()
		return storetest.LoadParts(t.Context(), s, before)
	}
	contents := func(schema string) map[string][][]string {
		s, err := atServer(t, private, database, schema).Open(t.Context(), store.Live, store.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return storetest.Contents(t, s)
	}
	storetest.Killed(t, load, private.Kill, func() error { return private.Begin() }, contents)
}
