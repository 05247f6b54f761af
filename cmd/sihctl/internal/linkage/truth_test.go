package linkage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
)

// written writes a file of a test.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// linked links a file by a built-in model.
func linked(t *testing.T, model, path string) (*linkage.Records, *match.Result) {
	t.Helper()
	text, err := models.FS.ReadFile(model + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := match.ParseModel(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := linkage.Read(t.Context(), linkage.Config{Files: []string{path}, Model: m})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Table.Run(t.Context(), match.Options{Train: m.Weightless()})
	if err != nil {
		t.Fatal(err)
	}
	return r, res
}

// TestColumns holds that columns are found whatever their names' capitals,
// blanks and signs, and the id and the truth under their usual names.
func TestColumns(t *testing.T) {
	for _, tt := range []struct {
		name, model, text, entity string
		right, pairs              int64 // pairs that are one entity and joined; those that are one
	}{
		{"capitals and blanks", "people", "Unique ID,First Name,SURNAME,D.O.B.,postcode_fake,Cluster\na,Ada,Ashton,1990-01-02,AB1,x\nb,Ada,Ashton,1990-01-02,AB1,x\nc,Carl,Denford,1985-03-04,CD2,y\n", "", 1, 1},
		{"another column of the truth", "people", "id,first_name,surname,dob,who\na,Ada,Ashton,1990-01-02,x\nb,Ada,Ashton,1990-01-02,x\nc,Carl,Denford,1985-03-04,x\n", "who", 1, 3},
		{"the truth in the id", "febrl", "rec_id, given_name, surname, date_of_birth, soc_sec_id\nrec-1-org, ada, ashton, 19900102, 1234567\nrec-1-dup-0, ada, ashton, 19900102, 1234567\nrec-10-org, carl, denford, 19850304, 7654321\n", "rec_id=rec-[0-9]+", 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := written(t, "records.csv", tt.text)
			r, res := linked(t, tt.model, path)
			truth, err := linkage.ReadTruth(t.Context(), linkage.Truths{Files: []string{path}, Entity: tt.entity})
			if err != nil {
				t.Fatal(err)
			}
			s := r.Clusters(res).Score(truth)
			if s.Right != tt.right || s.TruePairs != tt.pairs || s.Pairs != s.Right {
				t.Errorf("%d pairs joined, %d right, of %d; want %d of %d", s.Pairs, s.Right, s.TruePairs, tt.right, tt.pairs)
			}
		})
	}
}

// TestTruthFaults holds that a file without the truth is refused in words.
func TestTruthFaults(t *testing.T) {
	path := written(t, "records.csv", "id,first_name\na,Ada\n")
	for _, entity := range []string{"", "who", "id=["} {
		if _, err := linkage.ReadTruth(t.Context(), linkage.Truths{Files: []string{path}, Entity: entity}); err == nil {
			t.Errorf("entity %q: no error", entity)
		}
	}
}
