package simulate

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// variants are the usual spellings of names that no rule turns into each other.
var variants = map[string][]string{
	"Mohamed":      {"Mohammed", "Mohamed", "Mouhamed", "Mohammad", "Med", "Md"},
	"Ahmed":        {"Ahmad", "Ahmed"},
	"Youssef":      {"Yousef", "Youcef", "Yussef", "Yousouf"},
	"Mustapha":     {"Mustafa", "Mostafa", "Mostapha", "Moustapha"},
	"Abdellah":     {"Abdallah", "Abdellah", "Abdollah"},
	"Omar":         {"Omar", "Amar", "Aomar"},
	"Hicham":       {"Hisham", "Hichame"},
	"Houssine":     {"Hussein", "Houcine", "Hossein", "Houssein"},
	"Lahcen":       {"Lahcen", "Lahsen", "Lhassan"},
	"Fatima":       {"Fatima", "Fatma", "Fatema", "Fatimah"},
	"Aicha":        {"Aicha", "Aïcha", "Aisha", "Aycha"},
	"Khadija":      {"Khadija", "Khadidja", "Kadija", "Khadijah"},
	"Meryem":       {"Meryem", "Mariam", "Meriem", "Maryam"},
	"Zineb":        {"Zineb", "Zaineb", "Zeineb", "Zainab"},
	"Chaimae":      {"Chaimae", "Chaimaa", "Shaimae", "Chaima"},
	"Oumaima":      {"Oumaima", "Omaima", "Oumayma"},
	"Othmane":      {"Othmane", "Otman", "Outhmane", "Otmane"},
	"Zakaria":      {"Zakaria", "Zakariae", "Zakariya"},
	"Ghizlane":     {"Ghizlane", "Rhizlane", "Ghizlan", "Rizlane"},
	"Asmae":        {"Asmae", "Asmaa", "Asma"},
	"Souleimane":   {"Soulaimane", "Suleiman", "Soulaymane"},
	"Fatima Zahra": {"Fatima Ezzahra", "Fatima-Zahra", "Fatimazahra", "Fatema Zohra", "F.Zahra", "Fatima Zahrae"},
}

// respellings are letters and what clerks write for them.
var respellings = [][2]string{
	{"ou", "u"}, {"ou", "o"}, {"oua", "wa"}, {"wa", "oua"}, {"kh", "k"}, {"ch", "sh"}, {"sh", "ch"}, {"gh", "rh"}, {"rh", "gh"}, {"q", "k"}, {"dj", "j"}, {"j", "dj"},
	{"ss", "s"}, {"ll", "l"}, {"mm", "m"}, {"bb", "b"}, {"rr", "r"}, {"dd", "d"}, {"nn", "n"}, {"s", "ss"}, {"l", "ll"}, {"m", "mm"}, {"r", "rr"},
	{"th", "t"}, {"dh", "d"}, {"aa", "a"}, {"i", "y"}, {"y", "i"}, {"ei", "ai"}, {"ai", "ay"}, {"ai", "ei"}, {"ph", "f"}, {"ine", "in"}, {"ane", "an"}, {"ddine", "din"}, {"a", "e"},
}

// respell writes a Latin name in another way that a clerk would take for the
// same name. It may return the name unchanged.
func respell(r *rand.Rand, s string) string {
	if v, ok := variants[s]; ok && r.IntN(3) > 0 {
		return v[r.IntN(len(v))]
	}
	if i := strings.IndexByte(s, ' '); i > 0 {
		if t := particle(r, s[:i], s[i+1:]); t != "" {
			return t
		}
		if r.IntN(2) == 0 {
			return respell(r, s[:i]) + s[i:]
		}
		return s[:i+1] + respell(r, s[i+1:])
	}
	if strings.HasPrefix(s, "Abd") && len(s) > 6 && r.IntN(3) == 0 {
		return respellAbd(r, s)
	}
	low := strings.ToLower(s)
	for try := 0; try < 6; try++ {
		p := respellings[r.IntN(len(respellings))]
		from, to := p[0], p[1]
		i := strings.Index(low[1:], from)
		if i < 0 || strings.Contains(low, to) && len(from) < len(to) {
			continue
		}
		if len(from) == 1 && to == from+from && (i == 0 || i+2 >= len(low) || !vowel(low[i]) || !vowel(low[i+2])) {
			continue // a letter is doubled between vowels only
		}
		low = low[:1+i] + to + low[1+i+len(from):]
		return strings.ToUpper(low[:1]) + low[1:]
	}
	if last := len(low) - 1; r.IntN(2) == 0 && last > 2 { // mute final e
		if low[last] == 'e' {
			return s[:len(s)-1]
		}
		if strings.IndexByte("nml", low[last]) >= 0 {
			return s + "e"
		}
	}
	return s
}

func vowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }

// particle joins, splits, drops or respells a leading particle; empty where
// the name has none.
func particle(r *rand.Rand, p, rest string) string {
	switch p {
	case "El":
		forms := []string{"El" + strings.ToLower(rest), rest, "Al " + rest, "EL-" + rest, "L'" + rest}
		if c := rest[0]; strings.IndexByte("SZNRTD", c) >= 0 && !strings.HasPrefix(rest, "Sh") {
			e := "E" + strings.ToLower(rest[:1])
			forms = append(forms, e+" "+rest, e+strings.ToLower(rest))
		}
		return forms[r.IntN(len(forms))]
	case "Ben":
		return []string{"Ben" + strings.ToLower(rest), "Bin " + rest, "Ibn " + rest, "Ben " + rest}[r.IntN(4)]
	case "Ait":
		return []string{"Aït " + rest, "Ait" + strings.ToLower(rest), "AIT-" + rest, "Aît " + rest}[r.IntN(4)]
	}
	return ""
}

// respellAbd splits or joins the servant's name: Abderrahim, Abdel Rahim.
func respellAbd(r *rand.Rand, s string) string {
	rest := s[3:]
	for _, lead := range []string{"el", "er", "es", "en"} {
		if strings.HasPrefix(rest, lead) && len(rest) > 4 {
			core := rest[2:]
			if core[0] == core[1] {
				core = core[1:]
			}
			core = strings.ToUpper(core[:1]) + core[1:]
			if r.IntN(2) == 0 {
				return "Abdel " + core
			}
			return "Abd " + strings.ToUpper(lead[:1]) + lead[1:] + " " + core
		}
	}
	return s
}

// mistype puts one typing error into a Latin name of more than three letters.
func mistype(r *rand.Rand, s string) string {
	rs := []rune(s)
	if len(rs) < 4 {
		return s
	}
	i := 1 + r.IntN(len(rs)-2)
	switch r.IntN(4) {
	case 0:
		rs = append(rs[:i:i], rs[i+1:]...)
	case 1:
		rs = append(rs[:i+1:i+1], rs[i:]...)
	case 2:
		rs[i], rs[i+1] = rs[i+1], rs[i]
	default:
		rs[i] = rune("aeioursnlmtd"[r.IntN(12)])
	}
	return string(rs)
}

// arabicSpelling writes an Arabic name as carelessly as people do: hamza, final
// ya and ta marbuta, the blank after عبد.
func arabicSpelling(r *rand.Rand, s string) string {
	switch r.IntN(5) {
	case 0:
		return strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا").Replace(s)
	case 1:
		if strings.HasSuffix(s, "ة") {
			return strings.TrimSuffix(s, "ة") + "ه"
		}
	case 2:
		if strings.HasSuffix(s, "ي") {
			return strings.TrimSuffix(s, "ي") + "ى"
		}
	case 3:
		return strings.Replace(s, "عبد ال", "عبدال", 1)
	}
	return s
}

// arabicNoise adds what old programs leave in Arabic text.
func arabicNoise(r *rand.Rand, s string) string {
	if s == "" {
		return s
	}
	switch r.IntN(4) {
	case 0: // tatweel within the first word
		_, n := utf8.DecodeRuneInString(s)
		return s[:n] + "ـ" + s[n:]
	case 1: // presentation forms, isolated
		return presentation.Replace(s)
	case 2: // a vowel sign
		_, n := utf8.DecodeRuneInString(s)
		return s[:n] + "\u064f" + s[n:]
	}
	return "\u200f" + s // right-to-left mark
}

var presentation = strings.NewReplacer("م", "ﻣ", "ح", "ﺤ", "د", "ﺪ", "ل", "ﻟ", "ف", "ﻓ", "ي", "ﻱ", "ب", "ﺑ", "ر", "ﺭ")

// turkishUpper writes s in capitals as a Turkish program does.
func turkishUpper(s string) string { return strings.ToUpperSpecial(unicode.TurkishCase, s) }
