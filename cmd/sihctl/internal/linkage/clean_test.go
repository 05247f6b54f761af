package linkage_test

import (
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
)

// TestCleaners holds that values as sources have them, and as mappings have
// left them, come out the same.
func TestCleaners(t *testing.T) {
	cleaners := linkage.Cleaners()
	for _, tt := range []struct{ cleaner, in, want string }{
		{"cin", "be 0123456", "BE123456"}, {"cin", "BE123456", "BE123456"}, {"cin", "AA111111", ""}, {"cin", "SANS", ""}, {"cin", "AB1234567", ""},
		{"document", "AB1234567", "AB1234567"}, {"document", "BE123456", ""}, {"document", "X", ""},
		{"birth", "12/05/1980", "1980-05-12"}, {"birth", "12.05.1980", "1980-05-12"}, {"birth", "1980-05-12", "1980-05-12"}, {"birth", "1980-05-12 00:00:00", "1980-05-12"},
		{"birth", "12/05/80", "1980-05-12"}, {"birth", "1934-00-00", "1934"}, {"birth", "1934", "1934"}, {"birth", "01/01/1934", "1934"}, {"birth", "1980-05", "1980-05"},
		{"birth", "1953-11-10/1954-10-30", "1953-11-10/1954-10-30"}, {"birth", "0000-00-00", ""}, {"birth", "??", ""},
		{"birth", "01/01/1990", "1990"}, {"birth", "12 mai 1980", "1980-05-12"}, {"birth", "12051980", "1980-05-12"}, {"birth", "19800512", "1980-05-12"}, {"birth", "05/1980", "1980-05"},
		{"cin", "CIN: BE123456", "BE123456"}, {"cin", "N° BE-123456", "BE123456"}, {"cin", "CN123456", "CN123456"}, {"cin", "N123456", "N123456"},
		{"parent", "Mohamed", "Mohamed"}, {"parent", "X", ""}, {"parent", "inconnu", ""}, {"parent", "-", ""},
		{"sex", "H", "male"}, {"sex", "2", "female"}, {"sex", "Féminin", "female"}, {"sex", "ذكر", "male"}, {"sex", "female", "female"}, {"sex", "?", ""},
		{"woman", "F", "female"}, {"woman", "2", "female"}, {"woman", "H", ""}, {"woman", "?", ""},
		{"phone", "06 61 23 45 67", "+212661234567"}, {"phone", "+212661234567", "+212661234567"}, {"phone", "0600000000", ""},
		{"address", "34, Rue A N° 12, Meknès", "a 12 34"}, {"address", "Hay Salam", ""}, {"address", "N° 12", ""},
		{"place", "FÈS", "fs"}, {"place", "فاس", "fs"}, {"place", "El Jadida", "jdda"},
		{"name-bones", "Semira", "smra"}, {"name-bones", "سميرة", "smra"}, {"name-known", "Hassan", "hasn"}, {"name-known", "Zemmouri", ""},
		{"date", "19151111", "1915-11-11"}, {"date", "1630-08-01", "1630-08-01"}, {"date", "1.8.1900", "1900-08-01"}, {"date", "31/02/1990", "1990-02-31"}, {"date", "1798-81-01", "1798-81-01"}, {"date", "1744", "1744"},
		{"date", "1934-00-00", "1934"}, {"date", "1934-05-00", "1934-05"}, {"date", "1934-99-99", "1934"}, {"date", "1934-00-07", "1934-00-07"}, {"date", "0000-00-00", ""}, {"date", "19341388", "1934-13-88"}, {"date", "1934-1a-01", ""},
		{"date", "1990-05", "1990-05"}, {"date", "12/05/80", ""}, {"date", "1990-01-02T00:00", "1990-01-02"}, {"date", "1-2-3-4", ""}, {"date", "", ""}, {"digits", "N° 12-34", "1234"}, {"compact", "A-b 1", "ab1"}, {"lower", " A  B ", "a b"},
		{"fold", " Élise  O'Neil-Smith, ", "elise oneil smith"}, {"fold", "محمّد", "محمد"}, {"fold", "Ł. — ", "ł"},
	} {
		if got := cleaners[tt.cleaner](tt.in); got != tt.want {
			t.Errorf("%s of %q: got %q, want %q", tt.cleaner, tt.in, got, tt.want)
		}
	}
}

// TestCleanersAreWhole holds that every step that a cleaner asks the country's
// rules for is there: a cleaner without is nil, and no model can use it.
func TestCleanersAreWhole(t *testing.T) {
	for name, clean := range linkage.Cleaners() {
		if clean == nil {
			t.Errorf("cleaner %s asks for a step that there is not", name)
		}
	}
}

func TestFlags(t *testing.T) {
	f := linkage.NewFlagger()
	for _, tt := range []struct{ family, given, familyAr, givenAr, want string }{
		{"Alami", "Karim", "", "", ""}, {"Alami", "BB de Zineb", "", "", "placeholder"}, {"NOUVEAU", "NE", "", "", "placeholder"},
		{"TEST", "Karim", "", "", "test"}, {"", "", "علمي", "مجهول", "placeholder"}, {"", "", "", "", ""},
	} {
		if got := f.Flags(tt.family, tt.given, tt.familyAr, tt.givenAr); got != tt.want {
			t.Errorf("%q %q: got %q, want %q", tt.family, tt.given, got, tt.want)
		}
	}
}

// TestAddresses holds that a house is one however its address is written, and
// that another number or street is another house.
func TestAddresses(t *testing.T) {
	clean := linkage.Cleaners()["address"]
	for _, same := range [][]string{
		{"12, Rue Hassan II", "N°12 RUE HASSAN II", "12 rue Hassan, Fès"},
		{"Imm 46 Apt 1 Hay Nahda", "IMMEUBLE 46, APPT 01, HAY NAHDA, RABAT", "imm.46 app.1 nahda"},
		{"12, Rue Al Wahda", "12 زنقة الوحدة"},
		{"Hay Salam N° 37", "hay es-salam, n 37 Larache", "حي السلام رقم ٣٧"},
	} {
		want := clean(same[0])
		for _, s := range same {
			if got := clean(s); got != want || got == "" {
				t.Errorf("%s: got %q, want %q as %s has", s, got, want, same[0])
			}
		}
	}
	seen := map[string]string{}
	for _, s := range []string{"12, Rue Hassan II", "13, Rue Hassan II", "12, Rue Palestine", "112, Rue Hassan II", "12, Rue Hassan II, Apt 3"} {
		k := clean(s)
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s both have %q", other, s, k)
		}
		seen[k] = s
	}
}
