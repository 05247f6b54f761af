package workbook

import (
	"strings"
	"unicode/utf8"
)

// hidden stands for what is masked. Its length says nothing of what it hides.
const hidden = "•••"

// name masks a name to the first letter of each of its words.
func (b *book) name(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		words[i] = string(first) + hidden
	}
	return strings.Join(words, " ")
}

// number masks a national number to its first character and its last two:
// enough to see that two records have or have not the same one.
func (b *book) number(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	if utf8.RuneCountInString(s) < 6 {
		return hidden
	}
	runes := []rune(s)
	return string(runes[:1]) + hidden + string(runes[len(runes)-2:])
}

// value masks a value of which nothing is known.
func (b *book) value(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	return hidden
}
