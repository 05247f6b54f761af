package workbook

import "testing"

func TestLanguagesHaveTheSameWords(t *testing.T) {
	for a, words := range languages {
		for key, word := range words {
			if word == "" {
				t.Errorf("%s: %s is empty", a, key)
			}
			for b, others := range languages {
				if _, ok := others[key]; !ok {
					t.Errorf("%s has %s and %s does not", a, key, b)
				}
			}
		}
	}
	if len(languages) != len(Languages()) {
		t.Errorf("%d languages, %d listed", len(languages), len(Languages()))
	}
}

// Excel refuses sheet names that are longer or alike but for their case.
func TestSheetNames(t *testing.T) {
	for lang, words := range languages {
		seen := map[string]bool{}
		for _, tab := range tabs {
			name := words["tab."+tab]
			if name == "" || len([]rune(name)) > 31 || seen[name] {
				t.Errorf("%s: bad name %q of sheet %s", lang, name, tab)
			}
			seen[name] = true
		}
	}
}

// No probability is rounded up, and those of a few places stay as they are.
func TestLikely(t *testing.T) {
	for k := range 10_000 {
		if p := float64(k) / 1e4; likely(p) != p {
			t.Fatalf("likely(%v) = %v", p, likely(p))
		}
	}
	for _, test := range []struct{ p, want float64 }{{0.99999949, 0.999999}, {1 - 1e-12, 0.999999}, {0.1234567, 0.123456}, {1, 1}} {
		if got := likely(test.p); got != test.want {
			t.Errorf("likely(%v) = %v, want %v", test.p, got, test.want)
		}
	}
}

func TestSayDetail(t *testing.T) {
	for _, test := range []struct{ lang, detail, want string }{
		{"", "malformed", "mal formé"},
		{"fr", "of source_person", "de source_person"},
		{"ar", "malformed", "غير سليم الصيغة"},
		{"en", "malformed", "malformed"},
		{"fr", "a model's own", "a model's own"},
		{"fr", "beside the table: a single cell is filled", "hors du tableau : une seule cellule remplie"},
		{"fr", "stays.csv line 12: 16 fields where the header has 14", "stays.csv line 12: 16 champs au lieu des 14 de l'en-tête"},
		{"fr", "a mapping's own: of its kind", "a mapping's own: of its kind"},
	} {
		if got, _ := SayDetail(test.lang, test.detail); got != test.want {
			t.Errorf("%s: got %q, want %q", test.lang, got, test.want)
		}
	}
}
