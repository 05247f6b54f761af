package rule_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

func TestCIN(t *testing.T) {
	for _, tt := range []struct{ in, norm, grade string }{
		{"A123456", "A123456", rule.Valid},
		{"AB12345", "AB12345", rule.Valid},
		{"AB123456", "AB123456", rule.Valid},
		{" ab-123.456 ", "AB123456", rule.Valid},
		{"K1O45S7", "K104557", rule.Valid},
		{"AB12B456", "AB128456", rule.Valid},
		{"IB123456", "IB123456", rule.Valid}, // I is an office's letter
		{"BO123456", "BO123456", rule.Valid}, // and so is O
		{"ABO12345", "AB012345", rule.Valid}, // the third is a digit
		{"A00123", "A00123", rule.Atypical},  // zeros stay
		{"AB123", "AB123", rule.Atypical},    // few digits
		{"A1234567", "A1234567", rule.Atypical},
		{"AB1234567", "AB1234567", rule.Invalid},
		{"123456", "123456", rule.Invalid},
		{"ABCDEF", "ABCDEF", rule.Invalid},
		{"AB12X456", "AB12X456", rule.Invalid},
		{"A١٢٣٤٥٦", "A123456", rule.Valid},
		{"AA111111", "AA111111", rule.Filler},
		{"0000", "0000", rule.Filler},
		{"999999", "999999", rule.Filler},
		{"X", "", rule.Filler},
		{"Néant", "", rule.Filler},
		{"sans", "", rule.Filler},
		{"INCONNU", "", rule.Filler},
		{"بدون", "", rule.Filler},
		{"", "", rule.Filler},
	} {
		norm, grade := rule.CIN(tt.in)
		if norm != tt.norm || grade != tt.grade {
			t.Errorf("CIN(%q): got %q %s, want %q %s", tt.in, norm, grade, tt.norm, tt.grade)
		}
	}
}

func TestCINKey(t *testing.T) {
	for in, want := range map[string]string{"AB001234": "AB1234", "AB1234": "AB1234", "A0": "A0", "A000": "A0", "": "", "AB": "AB"} {
		if got := rule.CINKey(in); got != want {
			t.Errorf("CINKey(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestGuardian(t *testing.T) {
	asOf, _ := sih.DateOf(2024, 6, 15)
	for birth, want := range map[string]bool{
		"2008-06-16": true, "2008-06-15": false, "2020": true, "2008": false, "2008-05": false, "2009": true, "1980-01-01": false, "": false,
	} {
		p, err := sih.ParsePartialDate(birth)
		if err != nil {
			t.Fatal(err)
		}
		if got := rule.Guardian(p, asOf); got != want {
			t.Errorf("Guardian(%s): got %v, want %v", birth, got, want)
		}
	}
	leap, _ := sih.DateOf(2008, 2, 29)
	before, _ := sih.DateOf(2024, 2, 28)
	if !rule.Guardian(sih.DayDate(leap), before) || rule.Guardian(sih.DayDate(leap), before+1) {
		t.Error("a child of 29 February is not sixteen on the 29 February sixteen years later")
	}
}

// TestVerhoeff holds that one check digit in ten is right.
func TestVerhoeff(t *testing.T) {
	step, err := newSet("ma").Step("idcs", "")
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	for d := range 10 {
		if _, f := step("234567890" + string(rune('0'+d))); f.OK() {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d of ten last digits check, want 1", good)
	}
}

func TestPhoneAlgeria(t *testing.T) {
	step, err := newSet("dz").Step("phone", "")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"0551234567": "+213551234567", "+213 551 23 45 67": "+213551234567", "021234567": "+21321234567", "0881234567": "",
	} {
		if got, _ := step(in); got != want {
			t.Errorf("phone(%q): got %q, want %q", in, got, want)
		}
	}
}
