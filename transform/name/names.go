package name

import (
	_ "embed"
	"strings"
)

//go:embed names.txt
var namesText string

// names are the listed spellings: from the fold of a Latin word, and from an
// Arabic word in Buckwalter's transliteration, to the key.
var names = readNames(namesText)

type listed struct {
	latin, arabic map[string]string
	given         map[string]bool // keys of the names that are given to people
}

// familySection begins the part of names.txt that holds family names only.
const familySection = "# Family names"

// readNames reads names.txt: a line per name, its spellings separated by
// blanks. A first word with a leading = is the key itself; otherwise the key
// is the one that the rules make of the first spelling.
func readNames(text string) *listed {
	l := &listed{latin: map[string]string{}, arabic: map[string]string{}, given: map[string]bool{}}
	family := false
	for line := range strings.Lines(text) {
		family = family || strings.HasPrefix(line, familySection)
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		key, explicit := strings.CutPrefix(words[0], "=")
		if explicit {
			key = strings.ReplaceAll(key, "_", " ")
			words = words[1:]
		} else {
			var buf [2 * maxToken]byte
			key = string(skeleton(nil, foldLatin(buf[:0], []byte(words[0]))))
		}
		if !family {
			l.given[key] = true
		}
		for _, w := range words {
			var t tokens
			t.split(w)
			if t.n == 0 {
				continue
			}
			if !t.list[0].arabic {
				var buf [2 * maxToken]byte
				l.latin[string(foldLatin(buf[:0], t.bytes(0)))] = key
				continue
			}
			k := []byte(strings.NewReplacer("p", "h", "Y", "y").Replace(string(t.bytes(0))))
			l.arabic[string(k)] = key
		}
	}
	return l
}
