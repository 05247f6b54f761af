package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// TestSameRun holds that what a config says besides the rows may change: the run
// stays the same, nothing is loaded again, and the store is still as it should
// be. What decides about rows makes another run.
func TestSameRun(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.write("scope.csv", "table,migrated,why,accepted_by,accepted_on\n*,yes,,Dr A. B.,2026-01-05\n")
	s.edit("sihctl.yaml", "facilities: facilities.csv", "facilities: facilities.csv\nscope: scope.csv\nsample: {confidence: 90%, tolerable: 2%}")
	s.edit("sihctl.yaml", "source_person: {rejected: 1%}", "source_person: {rejected: 2%}")
	load := func() (r pipeline.LoadReport) {
		s.check(json.Unmarshal([]byte(s.must(exitDone, "load", "--output", "json").stdout), &r))
		return r
	}
	if r := load(); r.Skipped == 0 || r.Skipped != r.Chunks {
		t.Errorf("loaded again: %+v", r)
	}
	s.must(exitDone, "reconcile")
	s.must(exitDone, "verify")
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	if !strings.Contains(strings.Join(cells["Scope"], "\n"), "Dr A. B.") {
		t.Error("the scope is not in the workbook")
	}
	s.edit("sihctl.yaml", "separator: \";\"", "separator: \";\"\n    encodings: [utf-8, windows-1252]")
	s.must(exitDone, "transform")
	s.must(exitDone, "match")
	if r := load(); r.Skipped == r.Chunks {
		t.Error("with other code pages it is the same run")
	}
}
