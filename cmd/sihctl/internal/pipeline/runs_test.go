package pipeline

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
)

// members makes a list of who is whose record, as a run keeps it.
func members(pairs ...string) (out []membership) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, membership{id(pairs[i]), id(pairs[i+1])})
	}
	slices.SortFunc(out, func(a, b membership) int { return bytes.Compare(a.record[:], b.record[:]) })
	return out
}

func TestPersonsChange(t *testing.T) {
	before := members("a", "A", "b", "A", "c", "C", "d", "D", "gone", "G")
	for _, tt := range []struct {
		name  string
		after []membership
		want  PersonsChange
	}{
		{"nothing", before, PersonsChange{Before: 4, After: 4, Records: 5}},
		{"two are one", members("a", "A", "b", "A", "c", "C", "d", "C", "gone", "G"), PersonsChange{Before: 4, After: 3, Joined: 1, Records: 5, JoinedIDs: []string{id("C").String()}}},
		{"one is two", members("a", "A", "b", "B", "c", "C", "d", "D", "gone", "G"), PersonsChange{Before: 4, After: 5, Parted: 1, Records: 5, PartedIDs: []string{id("A").String()}}},
		{"one comes and one goes", members("a", "A", "b", "A", "c", "C", "d", "D", "new", "D"), PersonsChange{Before: 4, After: 3, New: 1, Gone: 1, Records: 5}},
		{"another founder is no change", members("a", "B", "b", "B", "c", "C", "d", "D", "gone", "G"), PersonsChange{Before: 4, After: 4, Records: 5}},
	} {
		if diff := cmp.Diff(tt.want, personsChange(before, tt.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestGroupCauses holds that what hangs on a rejected entity counts for what
// that was rejected for, at any depth's root.
func TestGroupCauses(t *testing.T) {
	all := []cause{
		{Table: "claim_line", Reason: sih.R16, Entity: id("line"), Root: id("stay"), RootIsSomebody: true, Amount: 5},
		{Table: "encounter", Field: "class", Reason: sih.R03, Entity: id("stay")},
		{Table: "encounter", Field: "class", Reason: sih.R03, Entity: id("other")},
		{Table: "claim", Reason: sih.R16, Entity: id("bill"), Root: id("stay"), RootIsSomebody: true, Amount: 7},
		{Table: "observation", Reason: sih.R16, Root: id("a row that was none"), RootIsSomebody: true},
		{Table: "encounter", Reason: sih.R11, Warning: true},
	}
	r := groupCauses(all, []string{"reason", "field"}, false)
	want := []RejectGroup{
		{By: map[string]string{"reason": "R03", "field": "class"}, Meaning: "code unknown", Rejected: 2, Hanging: 2, HangingBy: map[string]int64{"claim": 1, "claim_line": 1}, Amount: 12},
		{By: map[string]string{"reason": "R16", "field": ""}, Meaning: sih.R16.Meaning(), Rejected: 1, HangingBy: map[string]int64{}},
	}
	if diff := cmp.Diff(want, r.Groups); diff != "" || r.Rejected != 3 || r.Hanging != 2 {
		t.Errorf("%d rejected, %d hanging (-want +got):\n%s", r.Rejected, r.Hanging, diff)
	}
	if w := groupCauses(all, []string{"reason"}, true); len(w.Groups) != 1 || w.Groups[0].Rejected != 1 {
		t.Errorf("warnings are %v", w.Groups)
	}
}

func TestTotalChanges(t *testing.T) {
	got := totalChanges(map[string]int64{"rows|s|T|accepted": 3, "amounts|s|billed|left out": 5, "rows|s|T|rejected": 1},
		map[string]int64{"rows|s|T|accepted": 4, "rows|s|T|rejected": 1, "entities|s|claim|loaded": 2})
	want := []TotalChange{{"rows", "s", "T", "accepted", 3, 4}, {"entities", "s", "claim", "loaded", 0, 2}, {"amounts", "s", "billed", "left out", 5, 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
