//go:build unix

package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/load/store"
)

// killsOf is how many times runs are killed on each engine, so that 50 in all meet
// one.
// SIH_TEST_KILLS asks for another number.
const killsOf = 19

// TestKilledRuns kills loads, deltas and the taking back of deltas at random
// moments, on every engine, and holds that whatever comes after finds its way:
// gone on with, the store is that of an undisturbed run; taken back, it is as it
// was before.
func TestKilledRuns(t *testing.T) {
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
			k := &killer{site: s, at: at, random: rand.New(rand.NewPCG(seed, uint64(i))), left: kills}
			k.load()
			k.delta()
			t.Logf("%d of %d kills met a run", k.landed, kills)
			if k.landed < kills/2 {
				t.Errorf("only %d of %d kills met a run", k.landed, kills)
			}
		})
	}
}

// A killer runs a site's commands and kills them.
type killer struct {
	*site
	at           target
	random       *rand.Rand
	left, landed int // kills
}

// timed runs a command undisturbed and tells how long it took.
func (k *killer) timed(args ...string) time.Duration {
	k.t.Helper()
	begin := time.Now()
	k.must(exitDone, args...)
	return time.Since(begin)
}

// kill starts a command up to n times and kills it within the time that it
// takes.
func (k *killer) kill(n int, took time.Duration, args ...string) {
	k.t.Helper()
	for range min(n, k.left) {
		k.left--
		cmd := exec.Command("sihctl", append(args, "--project", k.dir)...)
		k.check(cmd.Start())
		stop := time.AfterFunc(time.Duration(k.random.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
		if cmd.Wait() != nil {
			k.landed++
		}
		stop.Stop()
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
	took := k.timed("load")
	want := k.contents(k.at)
	engine, err := k.at.engine(k.site)
	k.check(err)
	k.check(engine.Remove(k.t.Context(), store.Live))
	k.check(engine.Close())
	k.remove("load", "runs")
	k.kill(k.left/4, took, "load")
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
	took := k.timed("load")
	after := k.contents(k.at)
	begin := time.Now()
	var undone pipeline.RollbackReport
	k.check(json.Unmarshal([]byte(k.must(exitDone, "rollback", "--output", "json").stdout), &undone))
	back := time.Since(begin)
	k.same("taken back", before)
	for goOn := true; k.left > 0; goOn = !goOn {
		k.kill(4, took, "load")
		if goOn {
			if e := k.settle("load"); e.code != exitDone {
				k.t.Fatalf("a delta after kills ended with %d:\n%s", e.code, e.stderr)
			}
			k.same("gone on with after kills", after)
			k.kill(3, back, "rollback", undone.Run)
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
