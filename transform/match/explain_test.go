package match_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// TestAgainst holds that an explanation names the rule which keeps the clusters
// of two records apart that by themselves would be joined, and none where
// nothing does.
func TestAgainst(t *testing.T) {
	for _, tt := range []struct {
		name          string
		others        string // of the third record, who has the second's number
		joined        bool
		band, against string
	}{
		{"another telephone", "phone=+212622222222", false, "refused", "names-alone"},
		{"the same telephone", "phone=+212611111111", true, "merge", ""},
		{"no telephone", "", true, "merge", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records := newRegion(500, 23).records
			for i, words := range []string{adult + " phone=+212611111111", adult + " cin=BE123456", adult + " cin=BE123456 " + tt.others} {
				records = append(records, patient{sih.ID{byte(i)}, 0, wordsOf(words), 0})
			}
			res := link(t, loadPatient(t), records, match.Options{AsOf: asOf})
			a, b, c := mustRecord(t, res, sih.ID{0}), mustRecord(t, res, sih.ID{1}), mustRecord(t, res, sih.ID{2})
			x := res.Explain(a, b)
			if x.Rule != "names-alone" || x.Verdict != "merge" || x.Strangers <= 0 || x.Strangers > 0.0101 {
				t.Errorf("the pair alone: got rule %q, %s and %.4f strangers, want names-alone, merge and 0.01 at most", x.Rule, x.Verdict, x.Strangers)
			}
			if y := res.Explain(a, c); y.Rule == "names-alone" && tt.band == "refused" && (y.Verdict != "review" || y.Strangers <= x.Strangers) {
				t.Errorf("with another telephone: got %s and %.4f strangers, want review and more than %.4f", y.Verdict, y.Strangers, x.Strangers)
			}
			if x.Joined != tt.joined || x.Band != tt.band || x.Against != tt.against {
				t.Errorf("got joined %v, band %q, against %q, want %v, %q, %q", x.Joined, x.Band, x.Against, tt.joined, tt.band, tt.against)
			}
		})
	}
}
