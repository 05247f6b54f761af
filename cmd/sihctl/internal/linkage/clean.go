package linkage

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/name"
	"github.com/sihctl/sih/transform/rule"
	"golang.org/x/text/unicode/norm"
)

// Cleaners are what a model may ask for. Each takes a value as a source has
// it, or as a mapping has left it, and gives the same for both.
func Cleaners() match.Cleaners {
	set := rule.New(rule.Profile{})
	return match.Cleaners{
		"name":          cleanName,
		"parent":        parent,
		"name-key":      name.Key,
		"name-compact":  name.Compact,
		"name-phonetic": name.Phonetic,
		"name-bones":    bones,
		"name-known":    name.Known,
		"cin":           cin,
		"document":      document,
		"idcs":          step(set, "idcs", ""),
		"amo":           step(set, "amo", ""),
		"phone":         step(set, "phone", ""),
		"sex":           sex(set),
		"woman":         woman(sex(set)),
		"birth":         birth(set),
		"address":       house,
		"place":         place,
		"lower":         lower,
		"fold":          fold,
		"compact":       compact,
		"digits":        digits,
		"date":          date,
	}
}

// step returns a step of the country's as a cleaner; nil, which no model can
// use, where there is no such step. A text that the step warns of stands.
func step(set *rule.Set, name, arg string) func(string) string {
	step, err := set.Step(name, arg)
	if err != nil {
		return nil
	}
	return func(s string) string {
		out, _ := step(s)
		return out
	}
}

// sound is step for texts that the step finds nothing wrong with.
func sound(set *rule.Set, name, arg string) func(string) string {
	step, err := set.Step(name, arg)
	if err != nil {
		return nil
	}
	return func(s string) string {
		if out, f := step(s); f.OK() {
			return out
		}
		return ""
	}
}

// firstOf returns a cleaner that tries others in their order, until one yields
// something; nil where one of them is.
func firstOf(cleaners ...func(string) string) func(string) string {
	if slices.ContainsFunc(cleaners, func(clean func(string) string) bool { return clean == nil }) {
		return nil
	}
	return func(s string) string {
		for _, clean := range cleaners {
			if out := clean(s); out != "" {
				return out
			}
		}
		return ""
	}
}

func cleanName(s string) string {
	if name.IsArabic(s) {
		return name.Arabic(s)
	}
	return name.Latin(s)
}

// parent cleans a parent's name. One that stands for nobody would be the same
// for many.
func parent(s string) string {
	if name.Placeholder(s) {
		return ""
	}
	return cleanName(s)
}

// bones keeps of a name's key the consonants, the first letter and the final a
// that marks a woman's name: what spellings differ in are the vowels.
func bones(s string) string {
	key := name.Key(s)
	b := make([]byte, 0, len(key))
	for i := range len(key) {
		first, last := i == 0 || key[i-1] == ' ', i == len(key)-1 || key[i+1] == ' '
		switch key[i] {
		case 'a':
			if !first && !last {
				continue
			}
		case 'e', 'i', 'o', 'u', 'y', 'w':
			if !first {
				continue
			}
		}
		b = append(b, key[i])
	}
	return string(b)
}

// cin keeps of a national number what comparison uses, and nothing of fillers
// and of what is no such number.
func cin(s string) string {
	norm, grade := graded(s)
	if grade != rule.Valid && grade != rule.Atypical {
		return ""
	}
	return rule.CINKey(norm)
}

// cinLabel is what some write before a national number.
var cinLabel = regexp.MustCompile(`(?i)^\s*(?:c\.?n?\.?i\.?[ne]?\.?[\s:.°-]+|c?nie\b[\s:.°-]*|n[°º][\s:.-]*)`)

// graded grades a national number. Zeros that lead its digits may make it too
// long: some write them and some do not.
func graded(s string) (norm, grade string) {
	// A label begins with one of two letters; most numbers do not.
	if start := strings.TrimLeft(s, "\t\n\f\r "); start != "" && strings.IndexByte("cCnN", start[0]) >= 0 {
		s = cinLabel.ReplaceAllLiteralString(s, "")
	}
	norm, grade = rule.CIN(s)
	if grade == rule.Invalid {
		if key := rule.CINKey(norm); key != norm {
			return rule.CIN(key)
		}
	}
	return norm, grade
}

// document keeps what stands in the field of the national number and is
// another paper's, a passport's for one: at least five digits in six signs.
func document(s string) string {
	norm, grade := graded(s)
	if grade != rule.Invalid || len(norm) < 6 || len(norm) > 20 {
		return ""
	}
	n := 0
	for i := range len(norm) {
		if norm[i] >= '0' && norm[i] <= '9' {
			n++
		}
	}
	if n < 5 {
		return ""
	}
	return norm
}

// sex reads a sex in any of the languages of the systems.
func sex(set *rule.Set) func(string) string {
	var languages []func(string) string
	for _, language := range []string{"fr", "en", "es", "tr", "ar", "digits"} {
		languages = append(languages, known(sound(set, "sex", language)))
	}
	return firstOf(languages...)
}

// known keeps of what a cleaner of sexes yields those that tell something.
func known(clean func(string) string) func(string) string {
	if clean == nil {
		return nil
	}
	return func(s string) string {
		if out := clean(s); out == "male" || out == "female" {
			return out
		}
		return ""
	}
}

// woman keeps of what a cleaner of sexes yields that somebody is a woman.
func woman(clean func(string) string) func(string) string {
	return func(s string) string {
		if out := clean(s); out == "female" {
			return out
		}
		return ""
	}
}

// birthLayouts are the ways in which births come, tried in their order.
const birthLayouts = "yyyy-MM-dd,yyyy-MM,yyyy/MM/dd,dd/MM/yyyy,dd-MM-yyyy,dd.MM.yyyy,yyyyMMdd,dd/MM/yy,dd-MM-yy,dd.MM.yy,yyyy.MM.dd,dd MM yyyy,d MMM yyyy,MM/yyyy,ddMMyyyy"

// birth reads a birth date in any of the usual ways. A first of January, a
// first of July and a last of December are taken for a year whatever the year:
// so many clerks write a year alone that two such days prove no more.
func birth(set *rule.Set) func(string) string {
	read := firstOf(sound(set, "birth", birthLayouts+",registered=2100"), sound(set, "birth", "yyyy"), sound(set, "birth", "hijri"))
	if read == nil {
		return nil
	}
	return func(s string) string {
		s = strings.TrimSpace(s)
		if i := strings.IndexAny(s, "T "); i >= 8 && i < len(s)-1 && s[i+1] >= '0' && s[i+1] <= '9' {
			s = s[:i] // a time follows the day
		}
		if p, err := sih.ParsePartialDate(s); err == nil && strings.Contains(s, "/") {
			return p.String() // a range of days, as a mapping has left it
		}
		return read(s)
	}
}

// date reads a day of any century, or its month or year, written with the year
// first or last and with any sign between, or as eight digits. A day that no
// calendar has stays as it is, year first: see [match.Table.Add]. Zeros or nines
// in the place of month and day, or of the day, are a year, or a month. Days
// that some program writes for none are not known here.
func date(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "T "); i >= 8 {
		s = s[:i] // a time follows the day
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) == 1 && len(s) == 8 {
		parts = []string{s[:4], s[4:6], s[6:]}
	}
	if len(parts) == 3 && len(parts[2]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	for i, p := range parts {
		if len(p) == 1 {
			parts[i] = "0" + p
		}
	}
	for n := len(parts); n > 1 && n < 4 && (parts[n-1] == "00" || parts[n-1] == "99"); n-- {
		parts = parts[:n-1]
	}
	whole := strings.Join(parts, "-")
	if len(parts) > 3 || len(parts) == 0 || len(parts[0]) != 4 || parts[0] == "0000" {
		return ""
	}
	if _, err := sih.ParsePartialDate(whole); err == nil || len(parts) == 3 && impossibleDay.MatchString(whole) {
		return whole
	}
	return ""
}

// impossibleDay is what a date looks like that is none, once the others are
// read.
var impossibleDay = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// isDate tells whether a text is a date that there can be.
func isDate(s string) bool {
	d := date(s)
	_, err := sih.ParsePartialDate(d)
	return d != "" && err == nil
}

// lower makes small letters and single blanks.
func lower(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// fold makes small letters without accents, and single blanks of all that is
// neither letter nor digit; an apostrophe is nothing.
func fold(s string) string {
	b := make([]byte, 0, len(s))
	blank := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			blank = len(b) > 0
		default:
			if blank {
				b, blank = append(b, ' '), false
			}
			b = utf8.AppendRune(b, unicode.ToLower(r))
		}
	}
	return string(b)
}

// compact keeps letters and digits, as small letters.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
