package rule_test

import (
	"testing"

	"github.com/sihctl/sih"
)

func TestNumbersAndCodes(t *testing.T) {
	set := newSet("ma")
	for _, tt := range []struct {
		step, arg, in, want string
		reason              sih.Reason
	}{
		{"money", "", "0", "0", ""},
		{"money", "", "1,234,567.89", "123456789", ""},
		{"money", "", "1.234.567,89", "123456789", ""},
		{"money", "", "1.234.567", "123456700", ""},
		{"money", "", "1\u202f234,5", "123450", ""},
		{"money", "", "1.2.3", "", sih.R08},
		{"money", "", "12-", "", sih.R08},
		{"money", "", "--12", "", sih.R08},
		{"money", "", "150 DHS", "15000", ""},
		{"money", "", "150 درهم", "15000", ""},
		{"money", "", "0.005", "", sih.R08},
		{"money", "", "99999999999999999999", "", sih.R08},
		{"money", "", "١٢,٥", "1250", ""},
		{"decimal", "", "-0", "0", ""},
		{"decimal", "", "1.23456", "", sih.R08},
		{"decimal", "", ".5", "0.5", ""},
		{"int", "", "-3", "-3", ""},
		{"blood", "", "o positif", "O+", ""},
		{"blood", "", "AB Rh -", "AB-", ""},
		{"blood", "", "A+B", "", sih.R03},
		{"sex", "es", "F", "female", ""},
		{"sex", "digits", "1", "male", ""},
		{"sex", "fr", "ذكر", "male", ""},
		{"sex", "fr", "?", "unknown", sih.R03},
		{"allergy_kind", "", "Aucune allergie médicamenteuse connue", "none-known", ""},
		{"allergy_kind", "", "inconnu", "", ""},
		{"allergy_kind", "", "allergie à la pénicilline", "medication", ""},
		{"allergy_kind", "", "polen", "environment", ""},
		{"unit", "", "µmol/L", "umol/L", ""},
		{"unit", "", "UI / ml", "[IU]/mL", ""},
		{"unit", "", "mm[Hg]", "mm[Hg]", ""},
		{"icd10", "", "C7A", "C7A", ""},
		{"icd10", "", "S72.001A", "S72.001A", ""},
		{"icd10", "", "E1", "E1", sih.R03},
		{"nationality", "", "Espagnole", "ESP", ""},
		{"nationality", "", "Française", "FRA", ""},
		{"bool", "", "Evet", "true", ""},
		{"bool", "", "Hayır", "false", ""},
	} {
		step, err := set.Step(tt.step, tt.arg)
		if err != nil {
			t.Error(err)
			continue
		}
		got, f := step(tt.in)
		if got != tt.want || f.Reason != tt.reason {
			t.Errorf("%s %s(%q): got %q %v, want %q %q", tt.step, tt.arg, tt.in, got, f, tt.want, tt.reason)
		}
	}
}
