package workbook

import (
	"regexp"
	"strings"

	"github.com/sihctl/sih"
)

// details are what rules say of a fault, and readers and the built-in mappings of
// what they leave out, in their English and in the other languages of the
// workbook.
var details = map[string]map[string]string{
	"fr": {
		"":                                    "",
		"a filler":                            "valeur de remplissage",
		"a record before it has the same key": "un enregistrement précédent porte la même clé",
		"a stay of more than a year":          "séjour de plus d'un an",
		"a stay that has been open for more than a year":      "séjour ouvert depuis plus d'un an",
		"after the patient's death":                           "après le décès du patient",
		"before the patient's birth":                          "avant la naissance du patient",
		"characters were lost":                                "des caractères ont été perdus",
		"check digit or first digit is unusual":               "chiffre de contrôle ou premier chiffre inhabituel",
		"code unknown":                                        "code inconnu",
		"its lines do not add up to the total":                "ses lignes ne font pas le total",
		"lies ahead":                                          "dans l'avenir",
		"looks like a test patient":                           "ressemble à un patient de test",
		"malformed":                                           "mal formé",
		"more than four places, or too great":                 "plus de quatre décimales, ou trop grand",
		"more than two places, or too great":                  "plus de deux décimales, ou trop grand",
		"no declared encoding reads the bytes":                "aucun encodage déclaré ne lit ces octets",
		"no record takes it in":                               "aucun enregistrement ne la reprend",
		"no such day":                                         "ce jour n'existe pas",
		"not a date of the declared layouts":                  "pas une date des formats déclarés",
		"not a number":                                        "pas un nombre",
		"not a number of minutes":                             "pas un nombre de minutes",
		"not a whole number":                                  "pas un nombre entier",
		"not above zero":                                      "pas supérieur à zéro",
		"not an age":                                          "pas un âge",
		"of unusual length":                                   "de longueur inhabituelle",
		"only a part of the date is known":                    "une partie seulement de la date est connue",
		"several numbers, the first is taken":                 "plusieurs numéros, le premier est retenu",
		"the amount is not the price times the quantity":      "le montant n'est pas le prix multiplié par la quantité",
		"the day of the age is missing":                       "le jour de l'âge manque",
		"the discharge lies before the admission":             "la sortie précède l'admission",
		"the death lies before the birth":                     "le décès précède la naissance",
		"the end lies before the beginning":                   "la fin précède le début",
		"the last day lies before the first":                  "le dernier jour précède le premier",
		"the facility is not in the master list":              "l'établissement n'est pas dans la liste de référence",
		"the key is empty":                                    "la clé est vide",
		"the lower bound lies above the upper one":            "la borne inférieure dépasse la supérieure",
		"the name is a test's":                                "le nom est celui d'un test",
		"the parts do not add up to the total":                "les parts ne font pas le total",
		"year out of range":                                   "année hors limites",
		"of ":                                                 "de ",
		"not in ":                                             "absent de ",
		"belongs to a record of ":                             "appartient à un enregistrement de ",
		"deleted in the source":                               "supprimé dans la source",
		"cancelled before images were made":                   "annulé avant la prise des images",
		"deleted, or cancelled before images were made":       "supprimé, ou annulé avant la prise des images",
		"deleted, or says that allergies are not known":       "supprimé, ou mention que les allergies ne sont pas connues",
		"facilities come from the master list":                "les établissements viennent de la liste de référence",
		"merges made by the hospital, read by matching later": "fusions faites par l'hôpital, reprises au rapprochement",
		"a total, a signature or a note, not a consultation":  "un total, une signature ou une note, pas une consultation",
		"a total, a signature or a note, not a medicine":      "un total, une signature ou une note, pas un médicament",
		"a total, a signature or a note, not a patient":       "un total, une signature ou une note, pas un patient",
		"a total, a signature or a note, not a vaccination":   "un total, une signature ou une note, pas une vaccination",
		"it stands above the header":                          "au-dessus de l'en-tête",
		"it is the header again":                              "l'en-tête répété",
		"a single cell is filled":                             "une seule cellule remplie",
		"nothing stands under the header's columns":           "rien sous les colonnes de l'en-tête",
		"beside the table: ":                                  "hors du tableau : ",
		"a line longer than ":                                 "ligne de plus de ",
		"fields":                                              "$1 champs au lieu des $2 de l'en-tête",
	},
	"ar": {
		"":                                    "",
		"a filler":                            "قيمة حشو",
		"a record before it has the same key": "سجل سابق يحمل المفتاح نفسه",
		"a stay of more than a year":          "إقامة تفوق سنة",
		"a stay that has been open for more than a year":      "إقامة مفتوحة منذ أكثر من سنة",
		"after the patient's death":                           "بعد وفاة المريض",
		"before the patient's birth":                          "قبل ولادة المريض",
		"characters were lost":                                "ضاعت حروف",
		"check digit or first digit is unusual":               "رقم المراقبة أو الرقم الأول غير معتاد",
		"code unknown":                                        "رمز مجهول",
		"its lines do not add up to the total":                "مجموع سطورها لا يساوي الإجمالي",
		"lies ahead":                                          "في المستقبل",
		"looks like a test patient":                           "يشبه مريضاً تجريبياً",
		"malformed":                                           "غير سليم الصيغة",
		"more than four places, or too great":                 "أكثر من أربع منازل عشرية أو كبير جداً",
		"more than two places, or too great":                  "أكثر من منزلتين عشريتين أو كبير جداً",
		"no declared encoding reads the bytes":                "لا ترميز مصرح به يقرأ هذه البايتات",
		"no record takes it in":                               "لا يضمه أي سجل",
		"no such day":                                         "لا وجود لهذا اليوم",
		"not a date of the declared layouts":                  "ليس تاريخاً بالصيغ المصرح بها",
		"not a number":                                        "ليس عدداً",
		"not a number of minutes":                             "ليس عدد دقائق",
		"not a whole number":                                  "ليس عدداً صحيحاً",
		"not above zero":                                      "ليس أكبر من الصفر",
		"not an age":                                          "ليس سناً",
		"of unusual length":                                   "طوله غير معتاد",
		"only a part of the date is known":                    "لا يُعرف إلا جزء من التاريخ",
		"several numbers, the first is taken":                 "عدة أرقام، أُخذ أولها",
		"the amount is not the price times the quantity":      "المبلغ ليس حاصل ضرب الثمن في الكمية",
		"the day of the age is missing":                       "يوم السن ناقص",
		"the discharge lies before the admission":             "الخروج يسبق الدخول",
		"the death lies before the birth":                     "الوفاة تسبق الولادة",
		"the end lies before the beginning":                   "النهاية تسبق البداية",
		"the last day lies before the first":                  "اليوم الأخير يسبق الأول",
		"the facility is not in the master list":              "المؤسسة ليست في اللائحة المرجعية",
		"the key is empty":                                    "المفتاح فارغ",
		"the lower bound lies above the upper one":            "الحد الأدنى يفوق الأعلى",
		"the name is a test's":                                "الاسم اسم تجريبي",
		"the parts do not add up to the total":                "مجموع الأجزاء لا يساوي الإجمالي",
		"year out of range":                                   "سنة خارج المجال",
		"of ":                                                 "من ",
		"not in ":                                             "ليس في ",
		"belongs to a record of ":                             "يخص سجلاً من ",
		"deleted in the source":                               "محذوف في المصدر",
		"cancelled before images were made":                   "أُلغي قبل إنجاز الصور",
		"deleted, or cancelled before images were made":       "محذوف، أو أُلغي قبل إنجاز الصور",
		"deleted, or says that allergies are not known":       "محذوف، أو يصرح بأن الحساسيات غير معروفة",
		"facilities come from the master list":                "المؤسسات تأتي من اللائحة المرجعية",
		"merges made by the hospital, read by matching later": "عمليات دمج أنجزها المستشفى، تُقرأ عند المطابقة",
		"a total, a signature or a note, not a consultation":  "مجموع أو توقيع أو ملاحظة، وليس فحصاً",
		"a total, a signature or a note, not a medicine":      "مجموع أو توقيع أو ملاحظة، وليس دواءً",
		"a total, a signature or a note, not a patient":       "مجموع أو توقيع أو ملاحظة، وليس مريضاً",
		"a total, a signature or a note, not a vaccination":   "مجموع أو توقيع أو ملاحظة، وليس تلقيحاً",
		"it stands above the header":                          "فوق العناوين",
		"it is the header again":                              "تكرار للعناوين",
		"a single cell is filled":                             "خلية واحدة مملوءة",
		"nothing stands under the header's columns":           "لا شيء تحت أعمدة العناوين",
		"beside the table: ":                                  "خارج الجدول: ",
		"a line longer than ":                                 "سطر يفوق ",
		"fields":                                              "$1 حقول عوض $2 في العناوين",
	},
}

var (
	// miscounted is what is said of a line whose fields are too few or too many.
	miscounted = regexp.MustCompile(`^([0-9]+) fields where the header has ([0-9]+)$`)
	placed     = regexp.MustCompile(` (?:line|row) [0-9]+$`)
)

// SayDetail says what a rule says of a fault in a language, and tells whether it
// has words for it. What it has none for stays as it is.
func SayDetail(lang, detail string) (string, bool) {
	if lang == "en" {
		return detail, true
	}
	if lang == "" {
		lang = "fr"
	}
	words := details[lang]
	if said, ok := words[detail]; ok {
		return said, true
	}
	for _, begin := range [...]string{"of ", "not in ", "belongs to a record of ", "a line longer than "} {
		if name, ok := strings.CutPrefix(detail, begin); ok && words[begin] != "" {
			return words[begin] + name, true
		}
	}
	const beside = "beside the table: "
	if why, ok := strings.CutPrefix(detail, beside); ok && words[beside] != "" {
		said, ok := SayDetail(lang, why)
		return words[beside] + said, ok
	}
	if miscounted.MatchString(detail) && words["fields"] != "" {
		return miscounted.ReplaceAllString(detail, words["fields"]), true
	}
	// What is no row is told with its place in the file.
	if place, why, ok := strings.Cut(detail, ": "); ok && placed.MatchString(place) {
		said, ok := SayDetail(lang, why)
		return place + ": " + said, ok
	}
	return detail, false
}

// detail is a rule's detail in the workbook's language.
func (b *book) detail(s string) string {
	said, _ := SayDetail(b.Lang, s)
	return said
}

// told says why in the workbook's language: a reason code, or a rule's detail.
func (b *book) told(why string) string {
	if _, ok := b.words["reason."+why]; ok {
		return b.words.reason(sih.Reason(why))
	}
	return b.detail(why)
}
