package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// wave splits a region in two: a site that has loaded all its sources but one,
// and one that is to bring that one into the same store.
func (r *province) wave(t *testing.T) (first, second *site) {
	t.Helper()
	first, second = r.fresh(t), r.fresh(t)
	config := first.content("sihctl.yaml")
	at, end := strings.Index(config, "  dedalus:"), strings.Index(config, "  essp:")
	later := strings.Index(config, "facilities:")
	first.write("sihctl.yaml", strings.Replace(config[:at]+config[end:], "project:", "mode: final\nproject:", 1))
	second.write("sihctl.yaml", strings.Replace(config[:strings.Index(config, "  enova:")]+config[at:end]+config[later:], "project:", "mode: wave\nwave: second\nproject:", 1))
	second.edit("sihctl.yaml", "path: unified.db", "path: "+first.path("unified.db"))
	return first, second
}

// TestWave holds that a later region joins a store that is live: people known in
// both are one, with the id that they have; all other rows of the first stay as
// they were to the clock; each project verifies and reconciles its own; and the
// wave can be taken back alone.
func TestWave(t *testing.T) {
	first, second := sharedRegion(t).wave(t)
	e := second.run("migrate")
	if e.code != exitUsage {
		t.Errorf("without a store to join: exit code %d", e.code)
	}
	first.must(exitDone, "extract")
	first.stages()
	before, err := readTables(first.path("unified.db"))
	first.check(err)
	was := identities(t, first.path("unified.db"))
	people := first.count("SELECT count(*) FROM person")

	var report struct{ Load pipeline.LoadReport }
	second.json(&report, "migrate")
	if report.Load.Delta == nil || len(report.Load.Delta.Kept) > 0 || report.Load.Inserted == 0 {
		t.Fatalf("the wave came to %+v", report.Load)
	}
	second.must(exitDone, "verify")
	first.must(exitDone, "verify")
	after := identities(t, first.path("unified.db"))
	joined := 0
	for record, person := range after {
		switch p, old := was[record]; {
		case old && p != person:
			t.Errorf("record %s was %s and is %s", record, p, person)
		case !old && slices.Contains(values(was), person):
			joined++
		}
	}
	if joined < 10 {
		t.Errorf("only %d records of the wave joined people of the store", joined)
	}
	if fresh := first.count("SELECT count(*) FROM person") - people; fresh < 1 || fresh+int64(joined) > int64(len(after)-len(was)) {
		t.Errorf("%d people are new, %d of %d records joined others", fresh, joined, len(after)-len(was))
	}
	rows, err := readTables(first.path("unified.db"))
	first.check(err)
	for table, list := range before {
		if table == "person" || table == "field_provenance" {
			continue
		}
		for _, row := range list {
			if _, found := slices.BinarySearch(slices.Sorted(slices.Values(rows[table])), row); !found {
				t.Fatalf("a row of %s is not as it was: %.200s", table, row)
			}
		}
	}

	// All in one project comes to the same people.
	whole := sharedRegion(t).whole(t)
	if got, want := first.count("SELECT count(*) FROM person"), whole.count("SELECT count(*) FROM person"); got < want || got > want+want/50+1 {
		t.Errorf("%d people in two waves, %d in one", got, want)
	}

	// Pairs with records of the first region are asked for with what they say.
	var out pipeline.ReviewExportReport
	second.json(&out, "review", "export", "--lang", "en", "--out", second.path("review.xlsx"))
	if out.Pairs == 0 {
		t.Error("no pair is in doubt: the region is too small to tell")
	}

	// Again there is nothing to do; taken back, the first region is as it was.
	var again pipeline.LoadReport
	second.json(&again, "load")
	if again.Skipped != again.Chunks {
		t.Errorf("loaded again: %+v", again)
	}
	second.must(exitDone, "rollback")
	back, err := readTables(first.path("unified.db"))
	first.check(err)
	compare(t, "the wave taken back", before, back)
	first.must(exitDone, "verify")

	// Both go on, each with deltas of its own; sources that are there are no wave.
	second.stages()
	second.must(exitDone, "reconcile")
	third, err := readTables(first.path("unified.db"))
	first.check(err)
	compare(t, "the wave again", withoutClocks(rows), withoutClocks(third))
	second.daysLater()
	second.edit("sihctl.yaml", "mode: wave", "mode: delta")
	second.edit("sihctl.yaml", `"*": {rejected: 2%}`, `"*": {rejected: 30%}`) // it is small, and a patient is gone
	second.edit("sihctl.yaml", "source_person: {rejected: 1%}", "source_person: {rejected: 10%}")
	second.must(exitDone, "extract", "--again")
	second.must(exitDone, "migrate")
	second.must(exitDone, "verify")
	first.must(exitDone, "verify")
	// A decision about records of both changes nobody of the first.
	held := identities(t, first.path("unified.db"))
	second.fill("review.xlsx", "decided.xlsx", "vigilance", slices.Repeat([]string{"same"}, out.Pairs)...)
	second.must(exitDone, "review", "import", second.path("decided.xlsx"))
	second.stages()
	second.must(exitDone, "verify")
	first.must(exitDone, "verify")
	for record, person := range identities(t, first.path("unified.db")) {
		if _, theirs := was[record]; theirs && held[record] != person {
			t.Errorf("record %s of the first region was %s and is %s", record, held[record], person)
		}
	}
	if n := first.count("SELECT count(*) FROM merge_decision WHERE method = 'human' AND decision = 'merge'"); n == 0 {
		t.Error("no decision was done in the store")
	}
	second.edit("sihctl.yaml", "mode: delta\nwave: second", "mode: wave\nwave: third")
	second.must(exitUsage, "migrate").oneSentence(t, "source dedalus is in", "already")
}

func values(m map[string]string) (list []string) {
	for _, v := range m {
		list = append(list, v)
	}
	return list
}
