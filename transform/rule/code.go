package rule

import (
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

func (s *Set) codeRules() []rule {
	return []rule{
		{Doc{"sex", "fr, es, tr, en, ar or digits: whose letters they are", "Administrative sex. Letters mean different things in different languages: M is masculin in French and mujer in Spanish.", []Example{
			{Arg: "fr", In: "F", Out: "female"}, {Arg: "fr", In: "Masculin", Out: "male"},
			{Arg: "es", In: "M", Out: "female"}, {Arg: "es", In: "H", Out: "male"}, {Arg: "es", In: "varón", Out: "male"},
			{Arg: "tr", In: "K", Out: "female"}, {Arg: "tr", In: "E", Out: "male"},
			{Arg: "ar", In: "أنثى", Out: "female"}, {Arg: "digits", In: "2", Out: "female"},
			{Arg: "fr", In: "Z", Out: "unknown", Reason: sih.R03},
		}}, sexStep},
		{Doc{"blood", "", "ABO group and rhesus.", []Example{
			{In: "A POS", Out: "A+"}, {In: "O Rh+", Out: "O+"}, {In: "0+", Out: "O+"}, {In: "AB négatif", Out: "AB-"}, {In: "B", Reason: sih.R03},
		}}, plain(blood)},
		{Doc{"bool", "", "True or false, in French, Spanish, Turkish, English, or 1 and 0.", []Example{
			{In: "O", Out: "true"}, {In: "S", Out: "true"}, {In: "E", Out: "true"}, {In: "non", Out: "false"}, {In: "H", Out: "false"}, {In: "0", Out: "false"}, {In: "?", Reason: sih.R03},
		}}, plain(boolean)},
		{Doc{"unit", "", "A unit of measure in UCUM; one that is not known is kept with a warning.", []Example{
			{In: "g/l", Out: "g/L"}, {In: "UI/L", Out: "[IU]/L"}, {In: "mmol/L", Out: "mmol/L"}, {In: "10^9/L", Out: "10*9/L"}, {In: "mmHg", Out: "mm[Hg]"}, {In: "zorg", Out: "zorg", Reason: sih.R03},
		}}, plain(unit)},
		{Doc{"icd10", "", "The shape of an ICD-10 code, with its dot.", []Example{
			{In: "e119", Out: "E11.9"}, {In: "I10", Out: "I10"}, {In: "A00.0", Out: "A00.0"}, {In: "M54.5+", Out: "M54.5"}, {In: "DIAB", Out: "DIAB", Reason: sih.R03},
		}}, plain(icd10)},
		{Doc{"atc", "", "The shape of an ATC code.", []Example{
			{In: "a10 ba02", Out: "A10BA02"}, {In: "N02BE", Out: "N02BE"}, {In: "PARA", Out: "PARA", Reason: sih.R03},
		}}, plain(atc)},
		{Doc{"key_letter", "", "The key letter of a tariff: the capitals before the coefficient.", []Example{
			{In: "k 20", Out: "K"}, {In: "CS", Out: "CS"}, {In: "20", Reason: sih.R03},
		}}, plain(keyLetter)},
		{Doc{"allergy_kind", "", "What an allergy is against, of which only this is sure: none known, where somebody asserted it, and other. What says that nobody asked is NULL.", []Example{
			{In: "aucune allergie connue", Out: "none-known"}, {In: "RAS", Out: "none-known"}, {In: "NKDA", Out: "none-known"}, {In: "bilinmiyor"}, {In: "Pénicilline", Out: "medication"}, {In: "arachide", Out: "food"}, {In: "chose", Out: "other"},
		}}, plain(allergyKind)},
		{Doc{"nationality", "", "ISO 3166-1 alpha-3 code of a nationality in its usual spellings.", []Example{
			{In: "Marocaine", Out: "MAR"}, {In: "MA", Out: "MAR"}, {In: "algérien", Out: "DZA"}, {In: "مغربية", Out: "MAR"}, {In: "FRA", Out: "FRA"}, {In: "Lunaire", Reason: sih.R03},
		}}, plain(nationality)},
	}
}

var unknownCode = Fault{sih.R03, "code unknown"}

// fold is the form in which words are looked up: small letters without
// accents, single blanks, no full stops.
func fold(s string) string {
	s = tidy(s)
	if len(s) == 1 && s[0] < utf8.RuneSelf && s[0] != '.' {
		if c := s[0]; c >= 'A' && c <= 'Z' {
			return lowerLetters[c-'A' : c-'A'+1]
		}
		return s
	}
	plain, ascii := true, true
	for i := range len(s) {
		c := s[i]
		plain = plain && (c >= 'a' && c <= 'z' || isDigit(c) || c == ' ')
		ascii = ascii && c < utf8.RuneSelf
	}
	switch {
	case plain:
		return s
	case ascii:
		return strings.TrimSpace(strings.ReplaceAll(strings.ToLower(s), ".", ""))
	}
	return strings.TrimSpace(unaccent.Replace(strings.ToLower(s)))
}

const lowerLetters = "abcdefghijklmnopqrstuvwxyz"

var unaccent = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "à", "a", "â", "a", "á", "a", "ç", "c", "î", "i", "ï", "i", "í", "i", "ı", "i", "i̇", "i",
	"ô", "o", "ó", "o", "ö", "o", "û", "u", "ù", "u", "ú", "u", "ü", "u", "ş", "s", "ğ", "g", "ñ", "n", "’", "'", ".", "", "أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ة", "ه")

// sexes holds the words of each list, folded.
var sexes = map[string]map[string]string{
	"fr": {"m": "male", "h": "male", "masculin": "male", "homme": "male", "mr": "male", "monsieur": "male", "garcon": "male", "masc": "male",
		"f": "female", "feminin": "female", "femme": "female", "mme": "female", "mlle": "female", "fille": "female", "fem": "female"},
	"es": {"h": "male", "v": "male", "hombre": "male", "varon": "male", "masculino": "male",
		"m": "female", "mujer": "female", "hembra": "female", "femenino": "female", "f": "female"},
	"tr": {"e": "male", "erkek": "male", "bay": "male", "k": "female", "kadin": "female", "kiz": "female", "bayan": "female"},
	"en": {"m": "male", "male": "male", "f": "female", "female": "female"},
	"ar": {"ذكر": "male", "ذ": "male", "رجل": "male", "انثي": "female", "انثا": "female", "ا": "female", "امراه": "female"},
	// ISO 5218: 1 and 2, 0 not known, 9 not applicable.
	"digits": {"1": "male", "01": "male", "2": "female", "02": "female", "0": "unknown", "9": "unknown"},
}

func sexStep(arg string) (Step, error) {
	list, ok := sexes[arg]
	if !ok {
		return nil, argument("is one of fr, es, tr, en, ar, digits")
	}
	return func(in string) (string, Fault) {
		w := fold(in)
		if v, ok := list[w]; ok {
			return v, Fault{}
		}
		if v, ok := sexes["ar"][w]; ok { // no other list has Arabic words
			return v, Fault{}
		}
		switch w {
		case "male", "female", "other", "unknown":
			return w, Fault{}
		case "", "i", "u", "x", "nd", "inconnu", "indetermine", "desconocido", "bilinmiyor", "-":
			return "unknown", Fault{}
		}
		return "unknown", unknownCode
	}, nil
}

// rhesusWords are what is said around the sign.
var rhesusWords = strings.NewReplacer(" ", "", "RHESUS", "", "RH", "", "(", "", ")", "", "D", "")

func blood(in string) (string, Fault) {
	w := strings.ToUpper(fold(in))
	i := 0
	group := ""
	switch {
	case w == "" || w == "ND" || w == "INCONNU" || w == "-" || w == "NP":
		return "", Fault{}
	case strings.HasPrefix(w, "AB"):
		group, i = "AB", 2
	case w[0] == 'A' || w[0] == 'B' || w[0] == 'O':
		group, i = w[:1], 1
	case w[0] == '0':
		group, i = "O", 1
	default:
		return "", unknownCode
	}
	rest := rhesusWords.Replace(w[i:])
	switch rest {
	case "+", "POS", "POSITIF", "POSITIVE", "POSITIVO", "POZITIF", "P", "1", "+VE":
		return group + "+", Fault{}
	case "-", "–", "NEG", "NEGATIF", "NEGATIVE", "NEGATIVO", "N", "-VE":
		return group + "-", Fault{}
	}
	return "", unknownCode
}

func boolean(in string) (string, Fault) {
	switch fold(in) {
	case "1", "-1", "o", "oui", "s", "si", "e", "evet", "y", "yes", "true", "vrai", "v", "t", "x", "نعم":
		return "true", Fault{}
	case "0", "n", "non", "no", "h", "hayir", "false", "faux", "f", "لا":
		return "false", Fault{}
	}
	return "", unknownCode
}

// icd10 checks the shape: a letter, a digit, a digit or letter, and up to
// four more after a dot. Marks of dagger and asterisk go.
func icd10(in string) (string, Fault) {
	var buf [8]byte
	b := buf[:0]
	up := strings.ToUpper(strings.TrimSpace(in))
	text := strings.TrimRight(up, "+*† ")
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '.' || c == ' ' || c == '-':
			continue
		case !isDigit(c) && (c < 'A' || c > 'Z') || len(b) == 7:
			return up, unknownCode
		}
		b = append(b, c)
	}
	if len(b) < 3 || isDigit(b[0]) || !isDigit(b[1]) || len(b) > 3 && !isDigit(b[2]) && !isDigit(b[3]) {
		return up, unknownCode
	}
	if !isDigit(b[2]) && b[2] != 'A' && b[2] != 'B' { // C7A and its like are the only ones
		return up, unknownCode
	}
	if len(b) == 3 {
		return string(b), Fault{}
	}
	out := string(b[:3]) + "." + string(b[3:])
	if out == in {
		return in, Fault{}
	}
	return out, Fault{}
}

// atc checks the shape of a code of any of the five levels.
func atc(in string) (string, Fault) {
	up := strings.ToUpper(strings.Join(strings.Fields(in), ""))
	const shape = "LDDLLDD"
	switch len(up) {
	case 1, 3, 4, 5, 7:
	default:
		return up, unknownCode
	}
	for i := range len(up) {
		if isDigit(up[i]) != (shape[i] == 'D') || shape[i] == 'L' && (up[i] < 'A' || up[i] > 'Z') {
			return up, unknownCode
		}
	}
	return up, Fault{}
}

func keyLetter(in string) (string, Fault) {
	up := strings.ToUpper(strings.TrimSpace(in))
	i := 0
	for i < len(up) && up[i] >= 'A' && up[i] <= 'Z' {
		i++
	}
	if i == 0 || i > 6 {
		return "", unknownCode
	}
	return up[:i], Fault{}
}
