package match_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sihctl/sih/transform/match"
)

func TestJaroWinkler(t *testing.T) {
	// The Latin pairs and their figures are Winkler's own (1990, table 1).
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"MARTHA", "MARHTA", 9611},
		{"DIXON", "DICKSONX", 8133},
		{"DWAYNE", "DUANE", 8400},
		{"SHACKLEFORD", "SHACKELFORD", 9818},
		{"", "", 0},
		{"A", "", 0},
		{"A", "A", 10000},
		{"AB", "CD", 0},
		{"محمد", "محمد", 10000},
		{"محمد", "محمود", 9533},
		{"فاطمة", "فاطنة", 9067},
	} {
		if got := match.JaroWinkler(tt.a, tt.b); got != tt.want {
			t.Errorf("JaroWinkler(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"MARTHA", "MARHTA", 1},
		{"DIXON", "DICKSONX", 4},
		{"ca", "abc", 3}, // 2 if a letter could be touched twice
		{"BE123456", "BE12345", 1},
		{"BE123456", "BE132456", 1},
		{"kitten", "sitting", 3},
		{"محمد", "محمود", 1},
	} {
		if got := match.Edits(tt.a, tt.b); got != tt.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// plainJaroWinkler is the definition, letter by letter, as slow as it is
// plain.
func plainJaroWinkler(a, b []rune) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if c := cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)); c > 0 {
		a, b = b, a
	}
	reach := max(max(len(a), len(b))/2-1, 0)
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	m := 0
	for j, c := range b {
		for i := max(0, j-reach); i < min(len(a), j+reach+1); i++ {
			if !usedA[i] && a[i] == c {
				usedA[i], usedB[j] = true, true
				m++
				break
			}
		}
	}
	if m == 0 {
		return 0
	}
	odd, j := 0, 0
	for i, c := range a {
		if !usedA[i] {
			continue
		}
		for !usedB[j] {
			j++
		}
		if b[j] != c {
			odd++
		}
		j++
	}
	num := m*m*len(b) + m*m*len(a) + (m-odd/2)*len(a)*len(b)
	den := 3 * len(a) * len(b) * m
	if 10*num > 7*den {
		prefix := 0
		for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
			prefix++
		}
		num, den = 10*num+prefix*(den-num), 10*den
	}
	return (20000*num + den) / (2 * den)
}

// plainEdits is the table of the definition of optimal string alignment.
func plainEdits(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func FuzzTextDistances(f *testing.F) {
	for _, s := range [][2]string{
		{"MARTHA", "MARHTA"}, {"DIXON", "DICKSONX"}, {"محمد", "محمود"}, {"ca", "abc"}, {"", "x"}, {"aaaaaaa", "aa"},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", "lkjihgfedcbazyxwvutsrqponmlkjihgfedcbazyxwvutsrqponmlkjihgfedcba"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := []rune(a), []rune(b)
		x, y = x[:min(len(x), 64)], y[:min(len(y), 64)]
		if got, want := match.JaroWinkler(a, b), plainJaroWinkler(x, y); got != want {
			t.Errorf("JaroWinkler(%q, %q) = %d, want %d", a, b, got, want)
		}
		if got, back := match.JaroWinkler(a, b), match.JaroWinkler(b, a); got != back {
			t.Errorf("JaroWinkler(%q, %q) = %d, the other way %d", a, b, got, back)
		}
		if got, want := match.Edits(a, b), plainEdits(x, y); got != want {
			t.Errorf("Edits(%q, %q) = %d, want %d", a, b, got, want)
		}
		if got, back := match.Edits(a, b), match.Edits(b, a); got != back {
			t.Errorf("Edits(%q, %q) = %d, the other way %d", a, b, got, back)
		}
	})
}

// TestMayReach holds that the filter by letters never refuses a pair that is
// similar enough.
func TestMayReach(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	text := func() []byte {
		b := make([]byte, rng.IntN(9))
		for i := range b {
			b[i] = "ABCDE"[rng.IntN(5)]
		}
		return b
	}
	refused := 0
	for range 200_000 {
		a, b := text(), text()
		least := 5000 + rng.IntN(5000)
		may, similar := match.MayReach(a, b, least), match.JaroWinkler(string(a), string(b)) >= least
		if similar && !may && len(a) > 0 {
			t.Fatalf("%q and %q are refused at %d", a, b, least)
		}
		if !may {
			refused++
		}
	}
	if refused < 50_000 {
		t.Errorf("only %d pairs were refused", refused)
	}
}

// TestMayBeWithin holds that the filter of edits never refuses a pair that is
// so few edits apart.
func TestMayBeWithin(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	refused := 0
	for range 200_000 {
		a := make([]byte, 1+rng.IntN(8))
		for i := range a {
			a[i] = "ABCDE"[rng.IntN(5)]
		}
		b := slices.Clone(a)
		for range rng.IntN(3) {
			switch i := rng.IntN(len(b)); rng.IntN(4) {
			case 0:
				b[i] = "ABCDE"[rng.IntN(5)]
			case 1:
				b = slices.Insert(b, i, "ABCDE"[rng.IntN(5)])
			case 2:
				if len(b) > 1 {
					b = slices.Delete(b, i, i+1)
				}
			case 3:
				b[i], b[0] = b[0], b[i]
			}
		}
		edits := rng.IntN(3)
		may, within := match.MayBeWithin(a, b, edits), match.Edits(string(a), string(b)) <= edits
		if within && !may {
			t.Fatalf("%q and %q are refused at %d", a, b, edits)
		}
		if !may {
			refused++
		}
	}
	if refused < 20_000 {
		t.Errorf("only %d pairs were refused", refused)
	}
}
