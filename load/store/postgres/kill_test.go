package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A server that dies at any moment of a load leaves whole chunks. The load goes
// on once it runs again, and comes to the same store as an undisturbed one.
func TestServerKilled(t *testing.T) {
	private, err := postgrestest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(private.Stop)
	database, db := private.Create(t)
	postgrestest.Exec(t, db, "CHECKPOINT")
	const chunks = 8
	load := func(schema string, kill func(chunk, row int)) error {
		e := atServer(t, private, database, schema)
		s, err := e.Open(t.Context(), store.Live, store.Options{Now: now})
		if err != nil {
			return err
		}
		defer s.Close()
		for i := range chunks {
			row := 0
			rows := func(yield func(sih.Entity, error) bool) {
				for _, e := range storetest.Part(i) {
					kill(i, row)
					row++
					if !yield(e, nil) {
						return
					}
				}
			}
			c := store.Chunk{Run: storetest.ID("migration_run", 0), Name: fmt.Sprint(i), Hash: "h"}
			if _, err := s.LoadChunk(t.Context(), c, rows); err != nil {
				return err
			}
			kill(i, -1)
		}
		kill(chunks, 0)
		return s.Finish(t.Context())
	}
	if err := load("calm", func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, moment := range [][2]int{{0, 5}, {2, 79}, {4, -1}, {8, 0}} {
		killed := false
		err := load("killed", func(chunk, row int) {
			if !killed && chunk == moment[0] && row == moment[1] {
				killed = true
				private.Kill()
			}
		})
		var fault *store.Error
		if !errors.Is(err, store.ErrUnreachable) || !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("killed at chunk %d, row %d: got %v, want ErrUnreachable and a hint", moment[0], moment[1], err)
		}
		if err := private.Begin(); err != nil {
			t.Fatal(err)
		}
	}
	if err := load("killed", func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	contents := func(schema string) map[string][][]string {
		s, err := atServer(t, private, database, schema).Open(t.Context(), store.Live, store.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return storetest.Contents(t, s)
	}
	if diff := cmp.Diff(contents("calm"), contents("killed")); diff != "" {
		t.Errorf("the killed load differs from the calm one (-calm +killed):\n%.2000s", diff)
	}
}
