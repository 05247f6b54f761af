package rule

import (
	"strings"
	"unicode"
)

// monthNames holds the first letters that tell a month, in lower case and
// without accents where the languages have them: French, Spanish, Turkish,
// English; and Morocco's and the Middle East's in Arabic.
var monthNames = []struct {
	prefix string
	month  int
}{
	{"janv", 1}, {"jan", 1}, {"ene", 1}, {"oca", 1}, {"يناير", 1},
	{"fev", 2}, {"fév", 2}, {"feb", 2}, {"sub", 2}, {"şub", 2}, {"فبراير", 2},
	{"mars", 3}, {"mar", 3}, {"مارس", 3},
	{"avr", 4}, {"abr", 4}, {"apr", 4}, {"nis", 4}, {"أبريل", 4}, {"ابريل", 4},
	{"mayıs", 5}, {"may", 5}, {"mai", 5}, {"ماي", 5},
	{"juin", 6}, {"jun", 6}, {"haz", 6}, {"يونيو", 6},
	{"juil", 7}, {"jul", 7}, {"tem", 7}, {"يوليوز", 7}, {"يوليو", 7},
	{"aou", 8}, {"aoû", 8}, {"ago", 8}, {"aug", 8}, {"agu", 8}, {"ağu", 8}, {"غشت", 8}, {"أغسطس", 8},
	{"sep", 9}, {"eyl", 9}, {"شتنبر", 9}, {"سبتمبر", 9},
	{"oct", 10}, {"eki", 10}, {"أكتوبر", 10}, {"اكتوبر", 10},
	{"nov", 11}, {"kas", 11}, {"نونبر", 11}, {"نوفمبر", 11},
	{"dec", 12}, {"déc", 12}, {"dic", 12}, {"ara", 12}, {"دجنبر", 12}, {"ديسمبر", 12},
}

// readMonth reads a month's name at i, with a full stop after it if there is
// one, and returns 0 where there is none.
func readMonth(s string, i int) (month, end int) {
	end = i
	for j, r := range s[i:] {
		if !unicode.IsLetter(r) {
			break
		}
		end = i + j + len(string(r))
	}
	w := strings.ToLower(s[i:end])
	for _, m := range monthNames {
		if strings.HasPrefix(w, m.prefix) {
			if end < len(s) && s[end] == '.' {
				end++
			}
			return m.month, end
		}
	}
	return 0, i
}
