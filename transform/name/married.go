package name

import "strings"

// marriedWords say that what follows is the same woman's other family name.
var marriedWords = map[string]bool{
	"ep": true, "ép": true, "epse": true, "épse": true, "epouse": true, "épouse": true, "epoux": true, "époux": true, "nee": true, "née": true,
	"vve": true, "veuve": true, "زوجة": true, "حرم": true, "أرملة": true, "ارملة": true,
}

// Married parts a cell that holds two family names of one person, her own and
// her husband's: ALAMI ép. TAZI, Tazi née Alami, Alami (Tazi). Which is which
// the writers do not agree on. other is empty where there is one name only.
func Married(s string) (first, other string) {
	if i := strings.IndexAny(s, "(["); i > 0 {
		if j := strings.IndexAny(s[i:], ")]"); j > 1 {
			return strings.TrimSpace(s[:i] + s[i+j+1:]), strings.TrimSpace(s[i+1 : i+j])
		}
	}
	words := strings.Fields(s)
	for i, w := range words {
		if i > 0 && i < len(words)-1 && marriedWords[strings.ToLower(strings.Trim(w, "./:"))] {
			return strings.Join(words[:i], " "), strings.Join(words[i+1:], " ")
		}
	}
	return s, ""
}
