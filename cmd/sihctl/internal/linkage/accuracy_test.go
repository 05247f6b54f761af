package linkage_test

import (
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
)

// TestAccuracy holds what a simulated list of patients is linked with: the
// automatic merges, what a review of three in a hundred adds, the best that a
// threshold alone would do, what the model says of its own errors, and the
// records that were made to be mistaken for others.
func TestAccuracy(t *testing.T) {
	dir := t.TempDir()
	if _, err := simulate.WritePatients(t.Context(), dir, simulate.Config{Patients: 15000, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	f, err := models.FS.Open(models.MaPatient)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := match.LoadModel(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := linkage.Read(t.Context(), linkage.Config{Files: []string{filepath.Join(dir, "patients.csv")}, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	asOf, _ := sih.DateOf(2026, 1, 31)
	res, err := r.Table.Run(t.Context(), match.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	truth, err := linkage.ReadTruth(t.Context(), linkage.Truths{Files: []string{filepath.Join(dir, "truth.csv")}})
	if err != nil {
		t.Fatal(err)
	}
	clusters := r.Clusters(res)
	atLeast := func(what string, got, want float64) {
		t.Logf("%s: %.5f", what, got)
		if got < want {
			t.Errorf("%s: got %.5f, want %.4f at least", what, got, want)
		}
	}
	merged := clusters.Score(truth)
	atLeast("precision of the merges", merged.Precision, 0.9995)
	atLeast("recall of the merges", merged.Recall, 0.95)
	reviewed, _ := clusters.Reviewed(res, truth, 3*r.Len()/100)
	atLeast("recall with a review", reviewed.Recall, 0.995)
	best, err := res.At(t.Context(), 0.99, true)
	if err != nil {
		t.Fatal(err)
	}
	atLeast("F1 of a threshold alone", r.Clusters(best).Score(truth).F1, 0.99)
	if wrong := float64(merged.Pairs - merged.Right); wrong > 2*res.Stats.ExpectedWrong+3 {
		t.Errorf("%.0f merges are wrong, of which the model expects %.1f", wrong, res.Stats.ExpectedWrong)
	}
	records, apart := 0, 0
	for _, x := range clusters.Traps(truth) {
		records, apart = records+x.Records, apart+x.Records-x.Joined
		if x.Records >= 400 { // of fewer, one record is too large a share
			atLeast("apart of "+x.Trap, x.Apart, 0.99)
		}
	}
	atLeast("apart of all traps", float64(apart)/float64(records), 0.9985)
}
