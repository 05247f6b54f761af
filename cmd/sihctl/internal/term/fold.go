package term

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder writes in ASCII what is Latin text, for a console that has no more:
// é as e, ✓ as ok. What has no likeness, such as Arabic, passes as it is.
type folder struct{ w io.Writer }

// Write folds p, which ends with a whole character.
func (f folder) Write(p []byte) (int, error) {
	if _, err := io.WriteString(f.w, fold(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// likenesses are the signs that are no letter with an accent.
var likenesses = strings.NewReplacer(
	"✓", "ok", "✗", "X", "√", "ok", "→", "->", "…", "...", "–", "-", "—", "-", "·", ".",
	"’", "'", "‘", "'", "“", `"`, "”", `"`, "«\u00a0", `"`, "\u00a0»", `"`, "«", `"`, "»", `"`,
	"œ", "oe", "Œ", "OE", "æ", "ae", "×", "x", "≥", ">=", "≤", "<=",
	"\u00a0", " ", "\u202f", " ",
)

func fold(s string) string {
	if isASCII(s) {
		return s
	}
	s = likenesses.Replace(s)
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf || !unicode.Is(unicode.Latin, r) {
			b.WriteRune(r)
			continue
		}
		for _, part := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, part) {
				b.WriteRune(part)
			}
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
