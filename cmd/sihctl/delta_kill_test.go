//go:build unix

package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/load/store"
)

// killsOf is how many times runs are killed on each engine. SIH_TEST_KILLS asks
// for another number: of 17 it takes twice the time.
const killsOf = 8

// TestKilledRuns kills loads, deltas and the taking back of deltas at random
// moments, on every engine, and holds that whatever comes after finds its way:
// gone on with, the store is that of an undisturbed run; taken back, it is as it
// was before.
func TestKilledRuns(t *testing.T) {
	unraced(t)
	kills := killsOf
	if n, err := strconv.Atoi(os.Getenv("SIH_TEST_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	for i, at := range append([]target{embedded}, servers(t)...) {
		t.Run(at.name, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			}()
			s := sharedRegion(t).whole(t)
			s.t = t
			s.into(at)
			k := &killer{site: s, at: at, random: rand.New(rand.NewPCG(seed, uint64(i))), left: kills, took: map[string]time.Duration{}}
			k.load()
			k.delta()
			t.Logf("%d runs were killed", kills-k.left)
			if k.left > 0 {
				t.Errorf("%d of %d kills met no run", k.left, kills)
			}
		})
	}
}

// A killer runs a site's commands and kills them.
type killer struct {
	*site
	at     target
	random *rand.Rand
	left   int                      // kills
	took   map[string]time.Duration // by command, undisturbed
}

// timed runs a command undisturbed and notes how long it took.
func (k *killer) timed(args ...string) ended {
	k.t.Helper()
	begin := time.Now()
	e := k.must(exitDone, args...)
	k.took[args[0]] = time.Since(begin)
	return e
}

// kill kills a command n times within the time that it takes, unless it comes to
// its end before: then it is known to take less.
func (k *killer) kill(n int, args ...string) {
	k.t.Helper()
	for range min(n, k.left) {
		begin := time.Now()
		late := time.Duration(k.random.Int64N(int64(k.took[args[0]])))
		hit, e := killWhen(k.t, atOnce, late, append(args, "--project", k.dir)...)
		switch {
		case hit:
			k.left--
		case e.code == exitDone:
			k.took[args[0]] = min(k.took[args[0]], time.Since(begin))
			return
		case e.code == exitUsage && args[0] == "rollback": // what was killed had done it
			return
		case e.code != exitUnreachable:
			k.t.Fatalf("%s after kills ended with %d:\n%s", args[0], e.code, e.stderr)
		}
	}
}

// settle runs a command to its end. A server may take a moment to see that the
// session before was killed.
func (k *killer) settle(args ...string) ended {
	k.t.Helper()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		e := k.run(args...)
		if e.code != exitUnreachable || time.Since(begin) > 30*time.Second {
			return e
		}
	}
}

// same holds that the store is as it should be.
func (k *killer) same(what string, want map[string][][]string) {
	k.t.Helper()
	if diff := cmp.Diff(want, k.contents(k.at)); diff != "" {
		k.t.Fatalf("%s (-undisturbed +got):\n%.2000s", what, diff)
	}
}

// load kills the first load.
func (k *killer) load() {
	k.t.Helper()
	k.must(exitDone, "transform")
	k.must(exitDone, "match")
	k.timed("load")
	want := k.contents(k.at)
	engine, err := k.at.engine(k.site)
	k.check(err)
	k.check(engine.Remove(k.t.Context(), store.Live))
	k.check(engine.Close())
	k.remove("load", "runs")
	k.kill(k.left/4, "load")
	if e := k.settle("load"); e.code != exitDone {
		k.t.Fatalf("a load after kills ended with %d:\n%s", e.code, e.stderr)
	}
	k.same("loaded after kills", want)
}

// delta kills a delta, and the taking back of it.
func (k *killer) delta() {
	k.t.Helper()
	before := k.contents(k.at)
	k.daysLater()
	k.edit("sihctl.yaml", "mode: final", "mode: delta")
	k.must(exitDone, "extract", "dedalus", "--again")
	k.must(exitDone, "transform")
	k.must(exitDone, "match")
	k.timed("load")
	after := k.contents(k.at)
	var undone pipeline.RollbackReport
	k.check(json.Unmarshal([]byte(k.timed("rollback", "--output", "json").stdout), &undone))
	k.same("taken back", before)
	for round := 0; k.left > 0 && round < killsOf+k.left; round++ {
		k.kill(4, "load")
		if round%2 == 0 {
			if e := k.settle("load"); e.code != exitDone {
				k.t.Fatalf("a delta after kills ended with %d:\n%s", e.code, e.stderr)
			}
			k.same("gone on with after kills", after)
			k.kill(3, "rollback", undone.Run)
		}
		// There may be nothing to take back any more, or not yet.
		if e := k.settle("rollback", undone.Run); e.code != exitDone && e.code != exitUsage {
			k.t.Fatalf("going back after kills ended with %d:\n%s", e.code, e.stderr)
		}
		k.same("taken back after kills", before)
	}
	k.must(exitDone, "load")
	k.same("in the end", after)
	k.must(exitDone, "verify")
}
