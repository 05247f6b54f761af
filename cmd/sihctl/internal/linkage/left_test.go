package linkage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
)

// TestLeft holds that what is not joined is counted by what stands in the way,
// and traps by what became of them.
func TestLeft(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	records := write("patients.csv", `record_id,given_name,family_name,sex,birth_date,cin,phone
a1,Souhaib,Zemmouri,M,1980-05-12,BE123456,0661234567
a2,SOUHAIB,ZEMMOURI,M,1980-05-12,BE123456,0661234567
a3,Souhaib,Zemmouri,M,12/05/1980,,0662345678
b1,Ghizlane,Oudghiri,F,1990-02-03,,0663456789
c1,Ghizlane,Oudghiri,F,1990-02-03,,0663456789
d1,Kawtar,Oudghiri,F,1990-02-03,,0663456789
e1,Itto,Filali,F,1970-01-02,,
e2,Tamou,Filali,F,1971-03-04,,
`)
	path := write("truth.csv", `record_id,entity_id,trap
a1,a,
a2,a,
a3,a,
b1,b,left-over
c1,c,
d1,d,twin
e1,e,
e2,e,
`)
	f, err := models.FS.Open(models.MaPatient)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := match.LoadModel(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := linkage.Read(t.Context(), linkage.Config{Files: []string{records}, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	asOf, _ := sih.DateOf(2026, 1, 31)
	res, err := r.Table.Run(t.Context(), match.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	truth, err := linkage.ReadTruth(t.Context(), linkage.Truths{Files: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	clusters := r.Clusters(res)
	score := clusters.Score(truth)
	if score.TruePairs != 4 || score.Right != 1 || score.Pairs != 2 {
		t.Errorf("got %d true pairs, %d right of %d joined, want 4, 1 of 2", score.TruePairs, score.Right, score.Pairs)
	}
	left := []linkage.Reason{{Rule: "names-alone", Pairs: 2, Same: 2}, {Rule: "not shown", Pairs: 1, Same: 1}}
	if diff := cmp.Diff(left, clusters.Left(res, truth, score)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]linkage.Reason{{Rule: "names-alone", Pairs: 2}}, clusters.Left(res, nil, nil)); diff != "" {
		t.Errorf("left without a truth (-want +got):\n%s", diff)
	}
	traps := []linkage.Trap{{Trap: "left-over", Records: 1, Joined: 1, Apart: 0}, {Trap: "twin", Records: 1, Joined: 0, Apart: 1}}
	if diff := cmp.Diff(traps, clusters.Traps(truth)); diff != "" {
		t.Errorf("traps (-want +got):\n%s", diff)
	}
}

// TestCompletion holds that two family names in one cell are two, that a cell
// that says that it is empty is, and that one cell may hold both names.
func TestCompletion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "patients.csv")
	text := `record_id,given_name,family_name,birth_date,phone
a,Zineb,ALAMI ép. TAZI,1980-05-12,NULL
b,Zineb,Tazi,1980-05-12,null
c,\N,Tazi Zineb,1980-05-12,0661234567
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
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
	r, err := linkage.Read(t.Context(), linkage.Config{Files: []string{path}, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Table.Run(t.Context(), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	levels := func(a, b string) string {
		x, _ := r.Find(res, a)
		y, _ := r.Find(res, b)
		return res.Levels(res.Pair(x, y))
	}
	if got, want := levels("a", "b"), "given=same birth=same family=other flags=none"; got != want {
		t.Errorf("a wife under two names: got %s, want %s", got, want)
	}
	if got, want := levels("b", "c"), "given=same birth=same family=same flags=none"; got != want {
		t.Errorf("both names in one cell: got %s, want %s", got, want)
	}
}
