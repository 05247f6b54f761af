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

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// TestDeltaKilled kills a delta, and the taking back of one, at random moments,
// and holds that whatever comes after finds its way: gone on with, the store is
// that of an undisturbed delta; taken back, it is as before. SIH_TEST_KILLS asks
// for more kills than a few.
func TestDeltaKilled(t *testing.T) {
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("SIH_TEST_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 2))
	s := deltaUpon(t, sharedRegion(t))
	s.must(exitDone, "transform")
	s.must(exitDone, "match")
	before, err := readTables(s.path("unified.db"))
	s.check(err)
	begin := time.Now()
	s.must(exitDone, "load")
	took := time.Since(begin)
	want := lively(t, s.path("unified.db"))
	var undone pipeline.RollbackReport
	s.check(json.Unmarshal([]byte(s.must(exitDone, "rollback", "--output", "json").stdout), &undone))

	back := func(what string) {
		t.Helper()
		s.must(exitDone, "rollback", undone.Run)
		got, err := readTables(s.path("unified.db"))
		s.check(err)
		compare(t, what, before, got)
	}
	landed := 0
	for range kills {
		command := []string{"load"}
		if random.IntN(4) == 0 {
			s.must(exitDone, "load")
			command = []string{"rollback", undone.Run}
		}
		late := time.Duration(random.Int64N(int64(took * 3 / 2)))
		cmd := exec.Command("sihctl", append(command, "--project", s.dir)...)
		s.check(cmd.Start())
		time.AfterFunc(late, func() { _ = cmd.Process.Kill() })
		if cmd.Wait() != nil {
			landed++
		}
		switch random.IntN(3) {
		case 0: // killed again
		case 1:
			if c := s.run("rollback", undone.Run).code; c != exitDone && c != exitUsage {
				t.Fatalf("the rollback after a kill ended with %d", c)
			}
			got, err := readTables(s.path("unified.db"))
			s.check(err)
			compare(t, "taken back after a kill", before, got)
		default:
			s.must(exitDone, "load")
			compare(t, "gone on with after a kill", want, lively(t, s.path("unified.db")))
			s.must(exitDone, "verify")
			back("taken back")
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if landed < kills/3 {
		t.Errorf("only %d of %d kills met a run", landed, kills)
	}
	s.must(exitDone, "load")
	compare(t, "in the end", want, lively(t, s.path("unified.db")))
	t.Logf("%d kills of %d, seed %d", landed, kills, seed)
}
