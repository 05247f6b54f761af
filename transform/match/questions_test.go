package match_test

import (
	"slices"
	"testing"
)

// TestQuestions holds that a reviewer is asked once for two clusters, and last
// about those that other answers may answer.
func TestQuestions(t *testing.T) {
	const name = "given=karim family=alami "
	// All four have one name and telephones of their own; 3 has a birth that
	// is mistyped, so that it is less likely the others' than they each other's.
	res := linkNamesakes(t, name+"born=1980-05-12 phone=1", name+"born=1980-05-12 phone=2", name+"born=1980-05-12 phone=3", name+"born=1980-05-27 phone=4")
	var got [][2]uint32
	for _, p := range res.Doubtful() {
		got = append(got, [2]uint32{p.A, p.B})
	}
	want := [][2]uint32{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
