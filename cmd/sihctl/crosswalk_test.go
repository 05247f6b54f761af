package main

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

// TestCrosswalk holds that every patient number leads to its person, in an
// order that does not change.
func TestCrosswalk(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.must(exitDone, "export", "crosswalk", "--out", s.path("x.csv"))
	lines, err := csv.NewReader(strings.NewReader(s.content("x.csv"))).ReadAll()
	s.check(err)
	if want := "source,facility,local_id,person_id,valid_from"; strings.Join(lines[0], ",") != want {
		t.Errorf("the header is %v", lines[0])
	}
	if got, want := int64(len(lines)-1), s.count("SELECT count(*) FROM (SELECT DISTINCT source_system, facility_id, local_id, person_id FROM source_person)"); got != want || want == 0 {
		t.Errorf("%d lines, want %d", got, want)
	}
	for _, l := range lines[1:] {
		if n := s.count("SELECT count(*) FROM source_person WHERE source_system = '" + l[0] + "' AND local_id = '" + l[2] + "' AND person_id = '" + l[3] + "'"); n == 0 {
			t.Fatal("a line is of no record")
		}
	}
	if !slices.IsSortedFunc(lines[1:], func(a, b []string) int { return slices.Compare(a[:4], b[:4]) }) {
		t.Error("the lines are in no order")
	}
	// A person who was replaced is not named, but who is there for them.
	first, second := lines[1][3], lines[len(lines)-1][3]
	s.execute("unified.db", "UPDATE person SET active = 0, replaced_by = '"+second+"' WHERE id = '"+first+"'")
	s.must(exitDone, "export", "crosswalk", "--out", s.path("x.csv"))
	if text := s.content("x.csv"); strings.Contains(text, first) || !strings.Contains(text, strings.Join(lines[1][:3], ",")+","+second) {
		t.Error("a number leads to a person who was replaced")
	}
	s.must(exitUnreachable, "export", "crosswalk", "--out", s.path("nowhere/x.csv"))
}
