package rule

import (
	"strings"

	"github.com/sihctl/sih"
)

func (s *Set) phoneExamples() []Example {
	if s.p.Country == "dz" {
		return []Example{{In: "0551 23 45 67", Out: "+213551234567"}, {In: "021 23 45 67", Out: "+21321234567"}, {In: "00213551234567", Out: "+213551234567"}}
	}
	return []Example{
		{In: "06 61 23 45 67", Out: "+212661234567"},
		{In: "00212 661-234567", Out: "+212661234567"},
		{In: "+212 (0) 537 12 34 56", Out: "+212537123456"},
		{In: "661234567", Out: "+212661234567"},
		{In: "0661234567 / 0537123456", Out: "+212661234567", Reason: sih.R07},
		{In: "0600000000", Reason: sih.R07},
		{In: "+33 6 12 34 56 78", Out: "+33612345678"},
	}
}

// moroccanPhone reads a number of Morocco's plan: nine digits after +212, the
// first 5 (fixed), 6 or 7 (mobile) or 8 (special).
func moroccanPhone(in string) (string, Fault) {
	return phone(in, "212", func(n string) bool { return len(n) == 9 && n[0] >= '5' && n[0] <= '8' })
}

// algerianPhone reads a number of Algeria's plan: nine digits after +213 for
// mobiles (5, 6, 7), eight for fixed lines (2, 3, 4).
func algerianPhone(in string) (string, Fault) {
	return phone(in, "213", func(n string) bool {
		return len(n) == 9 && n[0] >= '5' && n[0] <= '7' || len(n) == 8 && n[0] >= '2' && n[0] <= '4'
	})
}

// phone reads one number; home is the country's code, national tells whether
// digits are a number of its plan.
func phone(in, home string, national func(string) bool) (string, Fault) {
	first, more := in, false
	if i := strings.IndexAny(in, "/;,\n|"); i > 0 {
		first, more = in[:i], onlyDigits(in[i:]) != ""
	}
	d := onlyDigits(first)
	text := strings.TrimLeft(first, " (")
	abroad := strings.HasPrefix(text, "+")
	if !abroad && strings.HasPrefix(d, "00") {
		d, abroad = d[2:], true
	}
	n := ""
	switch {
	case strings.HasPrefix(d, home) && (abroad || len(d) >= len(home)+8):
		n = strings.TrimPrefix(d[len(home):], "0")
	case abroad:
		if len(d) < 8 || len(d) > 15 || d[0] == '0' || allSame(d) {
			return "", malformed
		}
		return several("+"+d, more)
	case strings.HasPrefix(d, "0"):
		n = d[1:]
	default:
		n = d
	}
	switch {
	case n == "" || strings.Trim(n, "0") == "" || len(n) > 1 && allSame(n[1:]):
		return "", isFiller
	case !national(n):
		return "", malformed
	}
	return several("+"+home+n, more)
}

func several(out string, more bool) (string, Fault) {
	if more {
		return out, Fault{sih.R07, "several numbers, the first is taken"}
	}
	return out, Fault{}
}
