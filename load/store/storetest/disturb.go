package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Refused holds that err is a *store.Error of a reason, with a hint, that shows
// none of the secrets.
func Refused(t testing.TB, what string, err, why error, secrets ...string) {
	t.Helper()
	var fault *store.Error
	if !errors.Is(err, why) || !errors.As(err, &fault) || fault.Hint == "" {
		t.Errorf("%s: got %v, want %v and a hint", what, err, why)
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error()+fault.Hint, secret) {
			t.Errorf("%s: it shows what it must not: %v", what, err)
		}
	}
}

// parts is how many chunks a load has which is to be disturbed.
const parts = 8

// LoadParts loads by chunks and finishes the store; those that are in it are
// passed over. It tells of each row before it is given; row -1 is the end of a
// chunk, and a chunk beyond the last the end of them all.
func LoadParts(ctx context.Context, s store.Store, before func(chunk, row int)) error {
	for i := range parts {
		row := 0
		rows := func(yield func(sih.Entity, error) bool) {
			for _, e := range Part(i) {
				before(i, row)
				row++
				if !yield(e, nil) {
					return
				}
			}
		}
		if _, err := s.LoadChunk(ctx, store.Chunk{Run: ID("migration_run", 0), Name: fmt.Sprint(i), Hash: "h"}, rows); err != nil {
			return err
		}
		before(i, -1)
	}
	before(parts, 0)
	return s.Finish(ctx)
}

// Killed holds that a server which dies at any moment of a load leaves whole
// chunks, and that the load, gone on with once it runs again, comes to the store
// of an undisturbed one. Load opens the store of a name and calls LoadParts.
func Killed(t *testing.T, load func(name string, before func(chunk, row int)) error, kill func(), restart func() error, contents func(name string) map[string][][]string) {
	t.Helper()
	calmly := func(int, int) {}
	if err := load("calm", calmly); err != nil {
		t.Fatal(err)
	}
	for _, moment := range [][2]int{{0, 5}, {2, 79}, {4, -1}, {parts, 0}} {
		killed := false
		err := load("killed", func(chunk, row int) {
			if !killed && chunk == moment[0] && row == moment[1] {
				killed = true
				kill()
			}
		})
		Refused(t, fmt.Sprintf("killed at chunk %d, row %d", moment[0], moment[1]), err, store.ErrUnreachable)
		if err := restart(); err != nil {
			t.Fatal(err)
		}
	}
	if err := load("killed", calmly); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contents("calm"), contents("killed")); diff != "" {
		t.Errorf("the killed load differs from the calm one (-calm +killed):\n%.2000s", diff)
	}
}
