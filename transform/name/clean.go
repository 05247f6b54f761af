package name

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Latin returns a name in Latin script as it reads, cleaned: composed
// characters, single blanks, straight apostrophes, no control or direction
// marks. Letters, accents and case stay.
func Latin(s string) string {
	if tidyASCII(s) {
		return s
	}
	return tidy(norm.NFC, s, func(r rune) rune {
		switch r {
		case '’', '‘', '`', '´', 'ʼ', 'ʿ', 'ʾ', '′':
			return '\''
		case '‐', '‑', '–', '—':
			return '-'
		}
		return r
	})
}

// Arabic returns a name in Arabic script as it reads, cleaned: presentation
// forms become letters, tatweel, vowel signs and direction marks go, digits
// become ASCII, and blanks are single.
func Arabic(s string) string {
	if tidyASCII(s) {
		return s
	}
	return tidy(norm.NFKC, s, func(r rune) rune {
		switch {
		case r == 'ـ' || isHaraka(r):
			return -1
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		return r
	})
}

// isHaraka tells whether r is a vowel sign, a tanwin, a shadda or a Koranic
// mark.
func isHaraka(r rune) bool {
	return r >= 'ً' && r <= 'ٟ' || r == 'ٰ' || r >= 'ؐ' && r <= 'ؚ' || r >= 'ۖ' && r <= 'ۭ' && unicode.Is(unicode.Mn, r)
}

// tidyASCII tells whether s is ASCII with nothing to clean.
func tidyASCII(s string) bool {
	blank := true
	for i := range len(s) {
		ch := s[i]
		if ch >= utf8.RuneSelf || ch < ' ' || ch == 0x7f || ch == '`' || ch == ' ' && blank {
			return false
		}
		blank = ch == ' '
	}
	return !blank || s == ""
}

// tidy maps the runes of s by f, drops controls and format characters, and
// makes blanks single. It composes before, so that f sees whole letters, and
// after, since what was dropped may have stood between a letter and its mark.
func tidy(form norm.Form, s string, f func(rune) rune) string {
	s = form.String(s)
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			continue
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			continue
		}
		if r = f(r); r < 0 {
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	return form.String(b.String())
}

// IsArabic tells whether s has a letter of the Arabic script.
func IsArabic(s string) bool {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if isArabicRune(r) {
			return true
		}
		i += n
	}
	return false
}

func isArabicRune(r rune) bool {
	return r >= 0x0620 && r <= 0x06ff || r >= 0x0750 && r <= 0x077f || r >= 0xfb50 && r <= 0xfdff || r >= 0xfe70 && r <= 0xfefc
}
