package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// now is the clock of the tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC) }

func TestContract(t *testing.T) {
	dir := t.TempDir()
	storetest.Suite(t, func(t *testing.T, name string) store.Store {
		s, err := sqlite.Open(filepath.Join(dir, name+".db"), sqlite.Options{Options: store.Options{Now: now}})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
