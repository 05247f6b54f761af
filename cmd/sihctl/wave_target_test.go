//go:build unix

package main

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// TestWaveTargets holds that a wave into a store on a server, killed on its way,
// comes to what it comes to in a file undisturbed, and is taken back.
func TestWaveTargets(t *testing.T) {
	unraced(t)
	type contents = map[string][][]string
	join := func(t *testing.T, at target) (before, after contents) {
		first, second := sharedRegion(t).wave(t)
		for _, s := range []*site{first, second} {
			s.t = t
			if at.dsn != "" {
				s.write("target.dsn", at.dsn+"\n")
				s.edit("sihctl.yaml", "target: {driver: sqlite, path: ", "target: "+at.config+" # ")
			}
		}
		first.must(exitDone, "extract")
		first.stages()
		before = first.contents(at)
		second.must(exitDone, "extract")
		second.must(exitDone, "transform")
		second.must(exitDone, "match")
		if at.dsn == "" {
			second.must(exitDone, "load")
			return before, first.contents(at)
		}
		// Killed as it begins, and in the midst of what it brings.
		was, killed := first.loaded(at), 0
		for _, seen := range []func() bool{
			func() bool { _, err := os.Stat(second.path("load")); return err == nil },
			func() bool { return first.loaded(at) > was },
			func() bool { return first.loaded(at) > was+3 },
		} {
			hit, e := killWhen(t, seen, 0, "load", "--project", second.dir)
			for begin := time.Now(); e.code == exitUnreachable && time.Since(begin) < 30*time.Second; {
				hit, e = killWhen(t, seen, 0, "load", "--project", second.dir)
			}
			if hit {
				killed++
			}
		}
		if killed == 0 {
			t.Error("no wave was killed")
		}
		for begin := time.Now(); second.run("load").code == exitUnreachable && time.Since(begin) < 30*time.Second; {
			time.Sleep(100 * time.Millisecond) // the server has not seen it yet
		}
		second.must(exitDone, "verify")
		first.must(exitDone, "verify")
		after = first.contents(at)
		second.must(exitDone, "rollback")
		if diff := cmp.Diff(before, first.contents(at)); diff != "" {
			t.Errorf("the wave taken back (-before +got):\n%.2000s", diff)
		}
		return before, after
	}
	// Each config names another target, and so has another hash.
	config := sih.TableByName("migration_run").Column("config_hash")
	without := func(c contents) contents {
		for _, row := range c["migration_run"] {
			row[config] = ""
		}
		return c
	}
	before, after := join(t, embedded)
	for _, at := range servers(t) {
		t.Run(at.name, func(t *testing.T) {
			b, a := join(t, at)
			if diff := cmp.Diff(without(before), without(b)); diff != "" {
				t.Errorf("before the wave (-SQLite +got):\n%.2000s", diff)
			}
			if diff := cmp.Diff(without(after), without(a)); diff != "" {
				t.Errorf("with the wave (-SQLite +got):\n%.2000s", diff)
			}
		})
	}
}

// loaded counts the chunks that a live store holds.
func (s *site) loaded(at target) (n int64) {
	s.t.Helper()
	s.reading(at, func(live store.Store) {
		s.check(live.Query(s.t.Context(), "SELECT count(*) FROM load_chunk", nil, func(r store.Row) error { n = r.Int(0); return nil }))
	})
	return n
}
