package rule_test

import (
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

func TestText(t *testing.T) {
	step, err := newSet("ma").Step("text", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		in, want string
		reason   sih.Reason
	}{
		{"clean", "clean", ""},
		{"a\tb\nc", "a b c", ""},
		{"Éléonore à l'été", "Éléonore à l'été", ""},
		{"ÉLÈVE ÂGÉ À L'ÉCOLE", "ÉLÈVE ÂGÉ À L'ÉCOLE", ""},
		{"SEÑOR MUÑOZ", "SEÑOR MUÑOZ", ""},
		{"Ağrı Şükrü", "Ağrı Şükrü", ""},
		{"ãÍãÏ ÇáÚáæí", "محمد العلوي", ""},
		{"ãÍãÏ 12 (ÇáÞØÇÚ)", "محمد 12 (القطاع)", ""},
		{"Ù…Ø\u00adÙ…Ø¯", "محمد", ""},
		{"FranÃ§ois", "François", ""},
		{"FranÃƒÂ§ois", "François", ""},
		{"?????", "?????", sih.R06},
		{"Quoi ?", "Quoi ?", ""},
		{"Quoi?", "Quoi?", ""},
		{"Fran\ufffdois", "Fran\ufffdois", sih.R06},
		{"S?bastien", "S?bastien", sih.R06},
		{"\u200f\u00a0", "", ""},
	} {
		got, f := step(tt.in)
		if got != tt.want || f.Reason != tt.reason {
			t.Errorf("text(%q): got %q %q, want %q %q", tt.in, got, f.Reason, tt.want, tt.reason)
		}
	}
}

func TestDecode(t *testing.T) {
	set := newSet("ma")
	for _, tt := range []struct {
		page *charmap.Charmap
		text string
	}{
		{charmap.Windows1256, "القطاع الصحي"},
		{charmap.Windows1256, "محمد"},
		{charmap.Windows1252, "Hôpital Régional — Ville"},
		{charmap.ISO8859_1, "ÉLÈVE"},
	} {
		b, err := tt.page.NewEncoder().Bytes([]byte(tt.text))
		if err != nil {
			// ISO 8859-1 and the like have no dash.
			t.Fatal(err)
		}
		if got, f := set.Decode(b); got != tt.text || !f.OK() {
			t.Errorf("%v: got %q %v, want %q", tt.page, got, f, tt.text)
		}
	}
	only := rule.New(rule.Profile{Encodings: []string{"utf-8"}})
	if got, f := only.Decode([]byte{0xff}); got != "" || f.Reason != sih.R06 {
		t.Errorf("undecodable: got %q %v, want nothing and R06", got, f)
	}
	latin := rule.New(rule.Profile{Encodings: []string{"utf-8", "windows-1252"}})
	if got, _ := latin.Decode([]byte{0xc7, 0xe1, 0xde}); got != "ÇáÞ" {
		t.Errorf("without windows-1256 declared: got %q, want ÇáÞ", got)
	}
}

func TestProfileCheck(t *testing.T) {
	for _, tt := range []struct {
		p  rule.Profile
		ok bool
	}{
		{rule.Profile{}, true},
		{rule.Profile{Country: "dz", Encodings: []string{"utf8", "CP1256"}}, true},
		{rule.Profile{Country: "fr"}, false},
		{rule.Profile{Encodings: []string{"ebcdic"}}, false},
	} {
		if err := tt.p.Check(); (err == nil) != tt.ok {
			t.Errorf("%+v: got %v", tt.p, err)
		}
	}
}
