package rule

import "strings"

// units holds UCUM's codes by folded spelling without blanks.
var units = map[string]string{
	"g/l": "g/L", "g/dl": "g/dL", "g/100ml": "g/dL", "mg/l": "mg/L", "mg/dl": "mg/dL", "mg/100ml": "mg/dL", "ug/l": "ug/L", "µg/l": "ug/L", "μg/l": "ug/L", "mcg/l": "ug/L", "ug/dl": "ug/dL", "µg/dl": "ug/dL", "μg/dl": "ug/dL",
	"ng/ml": "ng/mL", "ng/l": "ng/L", "ng/dl": "ng/dL", "pg/ml": "pg/mL", "pg": "pg", "mg/24h": "mg/(24.h)", "g/24h": "g/(24.h)", "g/j": "g/d",
	"mmol/l": "mmol/L", "umol/l": "umol/L", "µmol/l": "umol/L", "μmol/l": "umol/L", "micromol/l": "umol/L", "nmol/l": "nmol/L", "pmol/l": "pmol/L", "mol/l": "mol/L", "mmol/24h": "mmol/(24.h)", "mmol/mol": "mmol/mol",
	"meq/l": "meq/L", "mval/l": "meq/L", "osm/l": "osm/L", "mosm/l": "mosm/L", "mosm/kg": "mosm/kg",
	"ui/l": "[IU]/L", "iu/l": "[IU]/L", "u/l": "U/L", "ui/ml": "[IU]/mL", "iu/ml": "[IU]/mL", "mui/l": "m[IU]/L", "miu/l": "m[IU]/L", "mui/ml": "m[IU]/mL", "miu/ml": "m[IU]/mL", "uui/ml": "u[IU]/mL", "µui/ml": "u[IU]/mL", "μui/ml": "u[IU]/mL", "u/ml": "U/mL", "ku/l": "kU/L", "ui": "[IU]", "iu": "[IU]",
	"%": "%", "pct": "%", "‰": "[ppth]", "/mm3": "/mm3", "/ul": "/uL", "/µl": "/uL", "/μl": "/uL", "elements/mm3": "/mm3", "el/mm3": "/mm3", "/ml": "/mL",
	"10^9/l": "10*9/L", "10*9/l": "10*9/L", "10e9/l": "10*9/L", "g/l(10^9)": "10*9/L", "giga/l": "10*9/L", "10^12/l": "10*12/L", "10*12/l": "10*12/L", "10e12/l": "10*12/L", "tera/l": "10*12/L", "t/l": "10*12/L", "10^3/ul": "10*3/uL", "10^3/µl": "10*3/uL", "10^3/μl": "10*3/uL", "10^3/mm3": "10*3/mm3", "10^6/ul": "10*6/uL", "10^6/µl": "10*6/uL", "10^6/μl": "10*6/uL", "10^6/mm3": "10*6/mm3", "m/mm3": "10*6/mm3", "k/ul": "10*3/uL",
	"fl": "fL", "µ3": "fL", "um3": "fL", "mm/h": "mm/h", "mm": "mm", "cm": "cm", "m": "m", "m2": "m2", "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "µg": "ug", "μg": "ug", "mcg": "ug", "ng": "ng", "l": "L", "dl": "dL", "ml": "mL", "ul": "uL", "µl": "uL", "cl": "cL", "cc": "mL",
	"mmhg": "mm[Hg]", "mm[hg]": "mm[Hg]", "cmhg": "cm[Hg]", "cmh2o": "cm[H2O]", "kpa": "kPa", "°c": "Cel", "c": "Cel", "cel": "Cel", "degc": "Cel", "bpm": "/min", "beats/min": "/min", "pulsations/min": "/min", "lpm": "/min", "atim/dk": "/min", "nabiz/dk": "/min", "resp/min": "/min", "/min": "/min", "batt/min": "/min", "bat/min": "/min", "btt/mn": "/min", "cycles/min": "/min", "c/min": "/min",
	"ml/min": "mL/min", "ml/mn": "mL/min", "ml/min/1,73m2": "mL/min/{1.73_m2}", "ml/min/173m2": "mL/min/{1.73_m2}", "l/min": "L/min", "kg/m2": "kg/m2", "s": "s", "sec": "s", "secondes": "s", "min": "min", "h": "h", "j": "d", "jours": "d", "ans": "a", "mois": "mo", "semaines": "wk", "sa": "wk",
	"gy": "Gy", "cgy": "cGy", "mgy": "mGy", "mmol/kg": "mmol/kg", "mg/kg": "mg/kg", "mg/kg/j": "mg/kg/d", "mg/j": "mg/d", "kcal": "kcal", "ratio": "{ratio}", "inr": "{INR}", "copies/ml": "{copies}/mL", "cop/ml": "{copies}/mL", "log": "{log}", "ph": "[pH]",
}

// unitSigns brings powers and signs to what the list is written in.
var unitSigns = strings.NewReplacer("³", "3", "²", "2", "⁹", "^9", "⁶", "^6", "×", "", "x10", "10")

func unit(in string) (string, Fault) {
	text := tidy(in)
	if u, ok := unitCodes[text]; ok { // already UCUM
		return u, Fault{}
	}
	key := strings.ReplaceAll(strings.ToLower(text), " ", "")
	key = unitSigns.Replace(key)
	if u, ok := units[key]; ok {
		return u, Fault{}
	}
	if u, ok := units[strings.ReplaceAll(key, ".", "")]; ok {
		return u, Fault{}
	}
	return text, unknownCode
}

// unitCodes holds the codes themselves.
var unitCodes = func() map[string]string {
	m := make(map[string]string, len(units))
	for _, u := range units {
		m[u] = u
	}
	return m
}()

// allergens tell the kind of an allergy by a word's beginning, folded.
var allergens = []struct{ stem, kind string }{
	{"penicil", "medication"}, {"amoxi", "medication"}, {"augmentin", "medication"}, {"ampicil", "medication"}, {"cephalo", "medication"}, {"cefalo", "medication"}, {"ceftri", "medication"}, {"betalact", "medication"}, {"beta-lact", "medication"},
	{"sulfa", "medication"}, {"bactrim", "medication"}, {"cotrim", "medication"}, {"aspirin", "medication"}, {"ains", "medication"}, {"ibuprof", "medication"}, {"diclof", "medication"}, {"paracetamol", "medication"}, {"codein", "medication"}, {"morphin", "medication"}, {"tramadol", "medication"}, {"iod", "medication"}, {"iyot", "medication"}, {"medicament", "medication"}, {"ilac", "medication"}, {"antibiot", "medication"}, {"quinolon", "medication"}, {"metamiz", "medication"}, {"metronidaz", "medication"}, {"lidoca", "medication"}, {"anesthes", "medication"}, {"البنسلين", "medication"}, {"بنسلين", "medication"}, {"vancomyc", "medication"}, {"tetracyc", "medication"}, {"macrolid", "medication"}, {"erythrom", "medication"},
	{"penisil", "medication"}, {"sefalosp", "medication"}, {"antibiyot", "medication"}, {"yodo", "medication"}, {"contrast", "medication"}, {"kontrast", "medication"}, {"insulin", "medication"}, {"allopurin", "medication"}, {"carbamaz", "medication"}, {"ketoprof", "medication"}, {"naprox", "medication"}, {"اسبرين", "medication"}, {"سلفا", "medication"}, {"مضاد", "medication"},
	{"peanut", "food"}, {"egg", "food"}, {"milk", "food"}, {"fish", "food"}, {"shrimp", "food"}, {"nuts", "food"}, {"wheat", "food"}, {"soy", "food"}, {"cilek", "food"}, {"ceviz", "food"}, {"kabuklu", "food"}, {"gambas", "food"}, {"frutos", "food"}, {"بيض", "food"}, {"حليب", "food"}, {"سمك", "food"},
	{"dust", "environment"}, {"mites", "environment"}, {"wasp", "environment"}, {"insect", "environment"}, {"grass", "environment"}, {"mold", "environment"}, {"moho", "environment"}, {"غبار", "environment"},
	{"arachid", "food"}, {"cacahu", "food"}, {"fistik", "food"}, {"oeuf", "food"}, {"œuf", "food"}, {"huevo", "food"}, {"yumurta", "food"}, {"lait", "food"}, {"leche", "food"}, {"sut", "food"}, {"gluten", "food"}, {"ble", "food"}, {"poisson", "food"}, {"pescado", "food"}, {"balik", "food"}, {"crustac", "food"}, {"crevett", "food"}, {"marisco", "food"}, {"fraise", "food"}, {"soja", "food"}, {"noix", "food"}, {"fruit", "food"}, {"alimentaire", "food"}, {"kiwi", "food"}, {"sesame", "food"}, {"moutarde", "food"},
	{"pollen", "environment"}, {"polen", "environment"}, {"acarien", "environment"}, {"acaro", "environment"}, {"poussier", "environment"}, {"polvo", "environment"}, {"toz", "environment"}, {"latex", "environment"}, {"lateks", "environment"}, {"poil", "environment"}, {"chat", "environment"}, {"chien", "environment"}, {"moisiss", "environment"}, {"abeille", "environment"}, {"guepe", "environment"}, {"venin", "environment"}, {"nickel", "environment"}, {"gramin", "environment"},
	{"vaccin", "biologic"}, {"serum", "biologic"}, {"vacuna", "biologic"},
}

// allergyKind tells what an allergy's text is about. That none is known must
// have been asserted; that it is not known is no assertion.
func allergyKind(in string) (string, Fault) {
	w := fold(in)
	switch w {
	case "", "?", "-", "bilinmiyor", "inconnu", "inconnue", "inconnues", "desconocido", "desconocida", "no conocido", "non renseigne", "nr", "nc", "nd", "np", "unknown", "non connu", "non precise", "a preciser", "غير معروف":
		return "", Fault{}
	case "ras", "neant", "nkda", "nka", "aucune", "aucun", "non", "no", "pas d'allergie", "pas d allergie", "pas d'allergies", "sans", "0", "yok", "alerji yok", "ninguna", "ninguno", "sin alergias", "sin alergias conocidas", "no alergias", "no alergias conocidas", "amc", "nie", "none", "no known allergies", "no known drug allergies", "aucune allergie", "aucune connue", "bilinen alerji yok", "bilinen alerjisi yok", "alerjisi yok", "rien a signaler", "لا توجد", "لا يوجد", "بدون":
		return "none-known", Fault{}
	}
	if strings.HasPrefix(w, "aucune allergie") || strings.HasPrefix(w, "pas d'allergie connue") || strings.HasPrefix(w, "pas d'allergies connue") || strings.HasPrefix(w, "absence d'allergie") || strings.HasPrefix(w, "bilinen alerji") && strings.HasSuffix(w, "yok") || strings.HasPrefix(w, "no alergias conocid") {
		return "none-known", Fault{}
	}
	for word := range strings.FieldsFuncSeq(w, func(r rune) bool { return strings.ContainsRune(" ,;/()+'", r) }) {
		for _, a := range allergens {
			if strings.HasPrefix(word, a.stem) {
				return a.kind, Fault{}
			}
		}
	}
	return "other", Fault{}
}

// nationalities lists folded spellings by country: adjectives in both genders
// in French, the country, and the two- and three-letter codes; _ is a blank.
var nationalities = readNationalities(`
MAR ma maroc marocain marocaine marruecos marroqui morocco moroccan fas fasli مغربي مغربيه المغرب maroccaine maroc.
DZA dz dza algerie algerien algerienne argelia argelino algeria algerian cezayir جزائري جزائريه الجزائر
TUN tn tun tunisie tunisien tunisienne tunez tunisia تونسي تونسيه تونس
MRT mr mrt mauritanie mauritanien mauritanienne موريتاني موريتانيه
LBY ly lby libye libyen libyenne ليبي ليبيه
EGY eg egy egypte egyptien egyptienne مصري مصريه
SYR sy syr syrie syrien syrienne سوري سوريه
YEM ye yem yemen yemenite يمني يمنيه
IRQ iq irq irak irakien irakienne عراقي عراقيه
PSE ps pse palestine palestinien palestinienne فلسطيني فلسطينيه
LBN lb lbn liban libanais libanaise لبناني لبنانيه
JOR jo jor jordanie jordanien jordanienne اردني اردنيه
SAU sa sau arabie saoudien saoudienne سعودي سعوديه
ARE ae are emirati emiratie
FRA fr fra france francais francaise francia frances francesa فرنسي فرنسيه
ESP es esp espagne espagnol espagnole espana espanol espanola اسباني اسبانيه
ITA it ita italie italien italienne
BEL be bel belgique belge
NLD nl nld pays-bas neerlandais neerlandaise hollandais hollandaise
DEU de deu allemagne allemand allemande
GBR gb gbr uk royaume-uni britannique anglais anglaise
PRT pt prt portugal portugais portugaise
CHE ch che suisse
USA us usa etats-unis americain americaine
CAN ca can canada canadien canadienne
TUR tr tur turquie turc turque turkiye turk
SEN sn sen senegal senegalais senegalaise
MLI ml mli mali malien malienne
CIV ci civ ivoirien ivoirienne
GIN gn gin guinee guineen guineenne
CMR cm cmr cameroun camerounais camerounaise
NGA ng nga nigeria nigerian nigeriane
NER ne ner niger nigerien nigerienne
COD cd cod congolais congolaise
COG cg cog congo
GAB ga gab gabon gabonais gabonaise
BEN bj ben benin beninois beninoise
TGO tg tgo togo togolais togolaise
BFA bf bfa burkinabe
TCD td tcd tchad tchadien tchadienne
CAF cf caf centrafricain centrafricaine
GHA gh gha ghana ghaneen ghaneenne
GMB gm gmb gambie gambien gambienne
SDN sd sdn soudan soudanais soudanaise سوداني سودانيه
COM km com comores comorien comorienne
MDG mg mdg madagascar malgache
CHN cn chn chine chinois chinoise
IND in ind inde indien indienne
PHL ph phl philippin philippine
PAK pk pak pakistan pakistanais pakistanaise
RUS ru rus russie russe
UKR ua ukr ukraine ukrainien ukrainienne
ROU ro rou roumanie roumain roumaine
BRA br bra bresil bresilien bresilienne
ETH et eth ethiopie ethiopien ethiopienne
SOM so som somalie somalien somalienne صومالي صوماليه
DJI dj dji djibouti djiboutien djiboutienne
RWA rw rwa rwanda rwandais rwandaise
BDI bi bdi burundi burundais burundaise
KEN ke ken kenya kenyan kenyane
ZAF za zaf afrique_du_sud sud-africain sud-africaine
AGO ao ago angola angolais angolaise
LBR lr lbr liberia liberien liberienne
SLE sl sle sierra_leone sierra-leonais sierra-leonaise
CPV cv cpv cap-vert cap_vert cap-verdien cap-verdienne
GNB gw gnb guinee-bissau guinee_bissau
GNQ gq gnq guinee_equatoriale
IRN ir irn iran iranien iranienne ايراني ايرانيه
AFG af afg afghanistan afghan afghane افغاني افغانيه
KWT kw kwt koweit koweitien koweitienne كويتي كويتيه
QAT qa qat qatar qatari qatarie قطري قطريه
OMN om omn oman omanais omanaise عماني عمانيه
BHR bh bhr bahrein bahreini bahreinie بحريني بحرينيه
BGD bd bgd bangladesh bangladais bangladaise
VNM vn vnm vietnam vietnamien vietnamienne
JPN jp jpn japon japonais japonaise
KOR kr kor coree coreen coreenne coree_du_sud
POL pl pol pologne polonais polonaise
SWE se swe suede suedois suedoise
NOR nor norvege norvegien norvegienne
DNK dk dnk danemark danois danoise
AUT at aut autriche autrichien autrichienne
GRC gr grc grece grec grecque
LUX lu lux luxembourg luxembourgeois luxembourgeoise
MEX mx mex mexique mexicain mexicaine mejicano mexicano
COL co colombie colombien colombienne
ARG ar arg argentine argentin argentino argentina
HTI ht hti haiti haitien haitienne
USA etats_unis united_states american amerikan
GBR royaume_uni united_kingdom british english ingiliz
SAU arabie_saoudite saoudite
ARE emirats_arabes_unis emirats
BFA burkina burkina_faso
CAF republique_centrafricaine
COD republique_democratique_du_congo rd_congo rdc
SYR syrian suriyeli
FRA french fransiz
ESP spanish ispanyol
ITA italian italiano
DEU german alman aleman
PSE palestinian filistinli
`)

func readNationalities(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for _, w := range words {
			m[strings.ReplaceAll(strings.ToLower(w), "_", " ")] = words[0]
		}
	}
	return m
}

func nationality(in string) (string, Fault) {
	w := fold(in)
	if c, ok := nationalities[w]; ok {
		return c, Fault{}
	}
	switch w {
	case "", "-", "inconnu", "inconnue", "nd", "np", "nr", "apatride", "bilinmiyor":
		return "", Fault{}
	case "cote d'ivoire", "cote divoire":
		return "CIV", Fault{}
	}
	return "", unknownCode
}
