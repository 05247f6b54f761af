package pipeline

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/transform/stage"
)

const regionConfig = `project: accuracy
sources:
  enova: {system: enova, driver: snapshot, path: snapshots/enova}
  hosix: {system: hosix, driver: snapshot, path: snapshots/hosix}
  bilmed: {system: bilmed, driver: snapshot, path: snapshots/bilmed}
  dedalus: {system: dedalus, driver: csv, path: incoming/dedalus, separator: ";", encoding: windows-1252}
  essp: {system: essp, driver: xlsx, path: incoming/essp}
facilities: facilities.csv
`

// simulated makes a region and its project.
func simulated(t *testing.T, patients int, seed uint64) Options {
	t.Helper()
	dir := t.TempDir()
	if _, err := simulate.Write(t.Context(), dir, simulate.Config{Patients: patients, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sihctl.yaml"), []byte(regionConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Project: p, Now: simulate.Clock}
}

// TestAccuracy holds the automatic merges against the region's truth. They
// are taken from what match leaves for load, and counted pair by pair: by
// other means than Truth counts them.
func TestAccuracy(t *testing.T) {
	o := simulated(t, 4000, 3)
	if _, err := Extract(t.Context(), o, nil); err != nil {
		t.Fatal(err)
	}
	p, err := plan(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := transform(t.Context(), o, p); err != nil {
		t.Fatal(err)
	}
	m, err := matchAll(t.Context(), o, p)
	if err != nil {
		t.Fatal(err)
	}

	type record struct{ source, table, key string }
	type known struct{ person, trap string }
	truth := map[record]known{}
	f, err := os.Open(o.Project.Path("truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		truth[record{l[0], l[1], l[2]}] = known{l[3], l[4]}
	}
	clusters, people := map[sih.ID][]known{}, map[string]int{}
	err = eachPerson(t.Context(), p, m.Faults, func(e *stage.Entity) error {
		l, ok := m.person(e.Values[0].ID())
		k, known := truth[record{e.Get("source_system").String(), e.Get("source_table").String(), e.Get("source_key").String()}]
		if !ok || !known {
			t.Errorf("a record of %s is matched: %v, in the truth: %v", e.Get("source_system"), ok, known)
		}
		clusters[l.Person] = append(clusters[l.Person], k)
		people[k.person]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	joined, right, same := 0, 0, 0
	records, wrong := map[string]int{}, map[string]int{} // by trap
	for _, list := range clusters {
		for i, a := range list {
			alone := true
			for j, b := range list {
				if i < j {
					joined++
					if a.person == b.person {
						right++
					}
				}
				alone = alone && a.person == b.person
			}
			records[a.trap]++
			if !alone {
				wrong[a.trap]++
			}
		}
	}
	for _, n := range people {
		same += n * (n - 1) / 2
	}
	precision, recall := float64(right)/float64(joined), float64(right)/float64(same)
	t.Logf("%d pairs joined, %d of them right, of %d: precision %.4f, recall %.4f", joined, right, same, precision, recall)
	if joined < 1000 || same < 1000 {
		t.Errorf("got %d pairs joined and %d true: too few to tell", joined, same)
	}
	if precision < 0.999 {
		t.Errorf("got precision %.4f, want 0.999 at least", precision)
	}
	if recall < 0.90 {
		t.Errorf("got recall %.4f, want 0.90 at least", recall)
	}
	// The records that were made to be mistaken for others.
	for _, trap := range []string{"twin", "father-son", "guardian-cin", "spouse-cin", "adjacent-cin", "leftover-cin", "household-phone", "placeholder", "test"} {
		t.Logf("%s: %d of %d records joined with somebody else's", trap, wrong[trap], records[trap])
		if records[trap] == 0 {
			t.Errorf("the region has no %s", trap)
		}
		if limit := float64(records[trap]) * 0.005; float64(wrong[trap]) > limit {
			t.Errorf("%s: %d records are joined with somebody else's, %.1f at most are accepted", trap, wrong[trap], limit)
		}
	}
	if int(m.Report.Persons) != len(clusters) || int(m.Report.Records) != len(m.Links) {
		t.Errorf("the report tells of %d records and %d persons, of %d and %d", m.Report.Records, m.Report.Persons, len(m.Links), len(clusters))
	}
}
