package linkage

import (
	"slices"
	"strings"
	"unicode"
)

// house keeps of an address what tells houses apart and writers agree on: its
// numbers, and the first word that is a name. The kinds of streets and houses
// are written in too many ways, and the town at the end is left out by many.
// An address without a number, or without a name, is no more than a quarter.
func house(s string) string {
	var numbers []string
	var names strings.Builder
	for w := range addressWords(s) {
		if w[0] >= '0' && w[0] <= '9' {
			numbers = append(numbers, strings.TrimLeft(w, "0"))
		} else if !addressKinds[w] {
			names.WriteString(w)
			names.WriteByte(' ')
		}
	}
	first, _, _ := strings.Cut(bones(names.String()), " ")
	if len(numbers) == 0 || first == "" {
		return ""
	}
	slices.Sort(numbers)
	return first + " " + strings.Join(numbers, " ")
}

// addressWords yields the words and the numbers of an address, which need not
// be parted: N°12, Imm5. Words are in small letters, numbers in ASCII digits.
func addressWords(s string) func(func(string) bool) {
	const other, letter, digit = 0, 1, 2
	return func(yield func(string) bool) {
		var b strings.Builder
		was := other
		for _, r := range s + " " {
			kind := other
			switch {
			case r >= '٠' && r <= '٩':
				kind, r = digit, r-'٠'+'0'
			case r >= '0' && r <= '9':
				kind = digit
			case unicode.IsLetter(r) || unicode.IsMark(r) || r == '\'' || r == '’':
				kind, r = letter, unicode.ToLower(r)
			}
			if kind != was && b.Len() > 0 {
				if !yield(b.String()) {
					return
				}
				b.Reset()
			}
			if was = kind; kind != other {
				b.WriteRune(r)
			}
		}
	}
}

// addressKinds are the words for kinds of streets, quarters and houses, which
// one writer spells out, a second abbreviates and a third omits.
var addressKinds = words(`
	n no nr num numero numéro rue r av ave aven avenue bd bld blvd bvd boul boulevard route rte place pl passage pass impasse imp allée allee ruelle chemin
	imm im immeuble bat bât batiment bâtiment bloc bl blc apt appt app apprt appart appartement étage etage etg et rdc porte esc escalier villa maison
	res rés residence résidence lot lots lotis lotissement hay hayy cite cité quartier qt qtr qu secteur sect sec zone tranche groupe gr gp ensemble ilot îlot
	douar dr derb kasbah ksar km bp bis ter calle c bloque
	رقم زنقة شارع حي درب دوار تجزئة إقامة اقامة عمارة شقة بلوك طابق الطابق طريق ساحة مجموعة قطاع ممر كلم`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// place is the key of a town: the same in capitals, without accents and, for
// most, in the other script.
func place(s string) string { return bones(cleanName(s)) }
