package simulate

import "strings"

// analysis is a laboratory analysis; its local code differs from system to
// system.
type analysis struct {
	code, name, unit string
	low, high        float64 // reference range; both 0 for words
	places           int     // decimals that are reported
	loinc            string
}

// panels group analyses that are asked for together, by their places in
// analyses.
var panels = [][]int{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},   // blood count
	{10, 11, 12, 13, 14},             // kidney and salts
	{15, 16, 17, 18, 19, 20},         // liver
	{21, 22, 23, 24},                 // lipids
	{10, 25}, {26, 27, 28}, {29, 30}, // sugar, clotting, inflammation
	{31, 32, 33, 34}, {35, 36}, // thyroid and iron, heart
	{37, 38, 39, 40, 41, 42},           // urine
	{43, 44, 45, 46}, {47, 48, 49, 50}, // serology, pregnancy
	{51, 52, 53, 54}, {55, 56, 57, 58, 59},
}

var analyses = parseAnalyses(`GB|Leucocytes|10^3/uL|4|10|1|6690-2;GR|Hématies|10^6/uL|4|5.7|2|789-8;HB|Hémoglobine|g/dl|12|17|1|718-7;HT|Hématocrite|%|36|50|1|4544-3;VGM|VGM|fl|80|98|0|787-2;TCMH|TCMH|pg|27|33|1|785-6;CCMH|CCMH|g/dl|32|36|1|786-4;PLQ|Plaquettes|10^3/uL|150|400|0|777-3;PNN|Neutrophiles|%|45|70|0|770-8;LYM|Lymphocytes|%|20|45|0|736-9
GLY|Glycémie|g/l|0.7|1.1|2|2345-7;URE|Urée|g/l|0.15|0.45|2|3091-6;CREA|Créatinine|mg/l|6|13|1|2160-0;NA|Sodium|mmol/l|135|145|0|2951-2;K|Potassium|mmol/l|3.5|5.1|1|2823-3;ASAT|ASAT|UI/l|5|40|0|1920-8;ALAT|ALAT|UI/l|5|45|0|1742-6;GGT|Gamma GT|UI/l|8|55|0|2324-2;PAL|Phosphatases alcalines|UI/l|40|130|0|6768-6;BIT|Bilirubine totale|mg/l|2|12|1|1975-2;BID|Bilirubine directe|mg/l|0|3|1|1968-7
CHOL|Cholestérol total|g/l|1.2|2|2|2093-3;HDL|HDL|g/l|0.4|0.8|2|2085-9;LDL|LDL|g/l|0.5|1.6|2|13457-7;TG|Triglycérides|g/l|0.4|1.5|2|2571-8;HBA1C|HbA1c|%|4|6|1|4548-4;TP|Taux de prothrombine|%|70|100|0|;INR|INR||0.8|1.2|2|6301-6;TCA|TCA|s|24|36|0|3173-2;CRP|CRP|mg/l|0|6|1|1988-5;VS|Vitesse de sédimentation|mm|2|20|0|4537-7
TSH|TSH|mUI/l|0.4|4|2|3016-3;FT4|T4 libre|pmol/l|9|20|1|3024-7;FER|Ferritine|ng/ml|20|250|0|2276-4;VB12|Vitamine B12|pg/ml|200|900|0|2132-9;TROP|Troponine|ng/l|0|14|0|6598-7;BNP|BNP|pg/ml|0|100|0|30934-4;UPRO|Protéinurie|g/24h|0|0.15|2|2889-4;ULEU|Leucocyturie|/ml|0|10000|0|;UNIT|Nitrites urinaires||0|0|0|5802-4;UGLU|Glycosurie||0|0|0|5792-7;UBAC|Uroculture||0|0|0|630-4;USG|Densité urinaire||1.005|1.03|3|5811-5
HBS|Antigène HBs||0|0|0|5196-1;HCV|Anticorps HCV||0|0|0|16128-1;VIH|Sérologie VIH||0|0|0|75622-1;TPHA|TPHA||0|0|0|24312-1;HCG|bHCG|UI/l|0|5|0|21198-7;TOXO|Toxoplasmose IgG|UI/ml|0|3|1|8039-0;RUB|Rubéole IgG|UI/ml|0|10|0|8014-3;RAI|RAI||0|0|0|890-4;CA|Calcium|mg/l|85|105|0|17861-6;PHOS|Phosphore|mg/l|25|45|0|2777-1;MG|Magnésium|mg/l|16|26|0|19123-9;ALB|Albumine|g/l|35|50|0|1751-7
PSA|PSA|ng/ml|0|4|2|2857-1;ACE|ACE|ng/ml|0|5|1|2039-6;AUR|Acide urique|mg/l|30|70|0|3084-1;LDH|LDH|UI/l|120|250|0|2532-0;LIP|Lipase|UI/l|10|60|0|3040-3`)

func parseAnalyses(text string) []analysis {
	var out []analysis
	for _, entry := range strings.Split(strings.ReplaceAll(text, "\n", ";"), ";") {
		f := strings.Split(entry, "|")
		a := analysis{code: f[0], name: f[1], unit: f[2], loinc: f[6], places: int(f[5][0] - '0')}
		a.low, a.high = number(f[3]), number(f[4])
		out = append(out, a)
	}
	return out
}

// number reads a plain decimal of the tables here.
func number(s string) float64 {
	v, scale, point := 0.0, 1.0, false
	for _, c := range s {
		if c == '.' {
			point = true
			continue
		}
		v = v*10 + float64(c-'0')
		if point {
			scale *= 10
		}
	}
	return v / scale
}

// illness is a diagnosis and the ages that it comes at.
type illness struct {
	code, fr, tr string
	from, to     int
	who          byte // 'F' women only, 'O' obstetric, '*' all
	chronic      bool
}

var illnesses = parseIllnesses(`I10|Hypertension artérielle essentielle|Esansiyel hipertansiyon|35|110|*|c;E11.9|Diabète de type 2|Tip 2 diyabet|35|110|*|c;J18.9|Pneumopathie|Pnömoni|0|110|*|;J20.9|Bronchite aiguë|Akut bronşit|0|110|*|;J45.9|Asthme|Astım|3|80|*|c;A09.9|Gastro-entérite|Gastroenterit|0|110|*|;K35.8|Appendicite aiguë|Akut apandisit|5|60|*|;K80.2|Lithiase vésiculaire|Safra kesesi taşı|25|90|*|;N39.0|Infection urinaire|İdrar yolu enfeksiyonu|1|110|*|;N18.5|Insuffisance rénale chronique|Kronik böbrek yetmezliği|30|100|*|c
I21.9|Infarctus du myocarde|Miyokard enfarktüsü|40|100|*|;I50.9|Insuffisance cardiaque|Kalp yetmezliği|50|110|*|c;I63.9|AVC ischémique|İskemik inme|50|110|*|;J44.9|BPCO|KOAH|45|110|*|c;S52.5|Fracture du poignet|El bileği kırığı|5|90|*|;S72.0|Fracture du col du fémur|Femur boynu kırığı|60|110|*|;S06.0|Commotion cérébrale|Beyin sarsıntısı|3|90|*|;T14.0|Plaie superficielle|Yüzeysel yaralanma|1|90|*|;K29.7|Gastrite|Gastrit|15|100|*|;M54.5|Lombalgie|Bel ağrısı|18|100|*|
O80|Accouchement unique spontané|Spontan doğum|17|46|O|;O82|Accouchement par césarienne|Sezaryen doğum|17|46|O|;O24.4|Diabète gestationnel|Gebelik diyabeti|18|46|O|;O14.9|Prééclampsie|Preeklampsi|17|46|O|;N80.9|Endométriose|Endometriozis|18|50|F|;C50.9|Cancer du sein|Meme kanseri|35|90|F|c;C61|Cancer de la prostate|Prostat kanseri|55|100|M|c;C34.9|Cancer du poumon|Akciğer kanseri|45|95|*|c;D50.9|Anémie ferriprive|Demir eksikliği anemisi|1|90|*|;E03.9|Hypothyroïdie|Hipotiroidi|20|90|*|c
P07.3|Prématurité|Prematürelik|0|0|*|;P59.9|Ictère néonatal|Yenidoğan sarılığı|0|0|*|;J21.9|Bronchiolite|Bronşiolit|0|2|*|;J03.9|Angine|Tonsillit|2|60|*|;H66.9|Otite moyenne|Orta kulak iltihabı|0|30|*|;B34.9|Infection virale|Viral enfeksiyon|0|100|*|;A15.0|Tuberculose pulmonaire|Akciğer tüberkülozu|15|90|*|;U07.1|Covid-19|Covid-19|1|110|*|;L20.9|Dermatite atopique|Atopik dermatit|0|50|*|;R10.4|Douleur abdominale|Karın ağrısı|3|100|*|
R07.4|Douleur thoracique|Göğüs ağrısı|18|100|*|;F32.9|Épisode dépressif|Depresif nöbet|16|90|*|;G40.9|Épilepsie|Epilepsi|1|80|*|c;H25.9|Cataracte sénile|Senil katarakt|55|110|*|;K40.9|Hernie inguinale|Kasık fıtığı|1|90|*|;N20.0|Lithiase rénale|Böbrek taşı|20|90|*|;B18.1|Hépatite B chronique|Kronik hepatit B|18|90|*|c;M17.9|Gonarthrose|Gonartroz|45|110|*|c;Z34.9|Surveillance de grossesse|Gebelik izlemi|17|46|O|;Z23|Vaccination|Aşılama|0|110|*|`)

func parseIllnesses(text string) []illness {
	var out []illness
	for _, entry := range strings.Split(strings.ReplaceAll(text, "\n", ";"), ";") {
		f := strings.Split(entry, "|")
		out = append(out, illness{code: f[0], fr: f[1], tr: f[2], from: int(number(f[3])), to: int(number(f[4])), who: f[5][0], chronic: f[6] == "c"})
	}
	return out
}

type drug struct {
	label, inn, atc, form, strength string
	dose                            float64
	unit                            int // of one dose: mg, g, tablet, ml, IU
	route                           int // oral, IV, IM, SC, inhaled
	kind                            int // drug, vaccine, consumable
}

var drugs = parseDrugs(`Doliprane 1 g|Paracétamol|N02BE01|comprimé|1 g|1|1|0;Doliprane sirop|Paracétamol|N02BE01|sirop|2,4 %|5|3|0;Amoxil 500|Amoxicilline|J01CA04|gélule|500 mg|500|0|0;Augmentin 1 g|Amoxicilline + acide clavulanique|J01CR02|sachet|1 g|1|1|0;Rocéphine 1 g|Ceftriaxone|J01DD04|injectable|1 g|1|1|1;Gentamicine 80|Gentamicine|J01GB03|injectable|80 mg|80|0|2;Flagyl 500|Métronidazole|J01XD01|comprimé|500 mg|500|0|0;Ciproxine 500|Ciprofloxacine|J01MA02|comprimé|500 mg|500|0|0
Glucophage 850|Metformine|A10BA02|comprimé|850 mg|850|0|0;Diamicron 60|Gliclazide|A10BB09|comprimé|60 mg|60|0|0;Insuline NPH|Insuline humaine|A10AC01|injectable|100 UI/ml|20|4|3;Lantus|Insuline glargine|A10AE04|injectable|100 UI/ml|18|4|3;Amlor 5|Amlodipine|C08CA01|gélule|5 mg|5|0|0;Coversyl 5|Périndopril|C09AA04|comprimé|5 mg|5|0|0;Lasilix 40|Furosémide|C03CA01|comprimé|40 mg|40|0|0;Tenormine 100|Aténolol|C07AB03|comprimé|100 mg|100|0|0
Tahor 20|Atorvastatine|C10AA05|comprimé|20 mg|20|0|0;Aspégic 100|Acide acétylsalicylique|B01AC06|sachet|100 mg|100|0|0;Plavix 75|Clopidogrel|B01AC04|comprimé|75 mg|75|0|0;Lovenox 4000|Énoxaparine|B01AB05|injectable|4000 UI|4000|4|3;Ventoline|Salbutamol|R03AC02|aérosol|100 µg|1|2|4;Symbicort|Budésonide + formotérol|R03AK07|poudre|200/6 µg|1|2|4;Solupred 20|Prednisolone|H02AB06|comprimé|20 mg|20|0|0;Hydrocortisone 100|Hydrocortisone|H02AB09|injectable|100 mg|100|0|1
Mopral 20|Oméprazole|A02BC01|gélule|20 mg|20|0|0;Spasfon|Phloroglucinol|A03AX12|comprimé|80 mg|80|0|0;Primpéran|Métoclopramide|A03FA01|injectable|10 mg|10|0|1;Tardyféron|Fer ferreux|B03AA07|comprimé|80 mg|80|0|0;Acide folique 5|Acide folique|B03BB01|comprimé|5 mg|5|0|0;Levothyrox 50|Lévothyroxine|H03AA01|comprimé|50 µg|1|2|0;Voltarène 50|Diclofénac|M01AB05|comprimé|50 mg|50|0|0;Profénid 100|Kétoprofène|M01AE03|injectable|100 mg|100|0|1
Tramadol 50|Tramadol|N02AX02|gélule|50 mg|50|0|0;Morphine 10|Morphine|N02AA01|injectable|10 mg|10|0|3;Dépakine 500|Acide valproïque|N03AG01|comprimé|500 mg|500|0|0;Tégrétol 200|Carbamazépine|N03AF01|comprimé|200 mg|200|0|0;Zyrtec 10|Cétirizine|R06AE07|comprimé|10 mg|10|0|0;Syntocinon|Ocytocine|H01BB02|injectable|5 UI|5|4|1;ERIPK4|Rifampicine + isoniazide|J04AM06|comprimé|RHZE|4|2|0;Vitamine D3|Cholécalciférol|A11CC05|ampoule|200000 UI|1|3|0`)

func parseDrugs(text string) []drug {
	var out []drug
	for _, entry := range strings.Split(strings.ReplaceAll(text, "\n", ";"), ";") {
		f := strings.Split(entry, "|")
		out = append(out, drug{label: f[0], inn: f[1], atc: f[2], form: f[3], strength: f[4], dose: number(f[5]), unit: int(number(f[6])), route: int(number(f[7]))})
	}
	for _, v := range vaccines {
		out = append(out, drug{label: "Vaccin " + v[0], inn: v[0], atc: v[4], form: "injectable", strength: "dose", dose: 1, unit: 3, route: 2, kind: 1})
	}
	for _, c := range []string{"Seringue 5 ml", "Compresses stériles", "Gants M", "Perfuseur"} {
		out = append(out, drug{label: c, kind: 2})
	}
	return out
}

// vaccines in the codes of enova, hosix, bilmed and the words of files, with
// their ATC codes.
var vaccines = [][5]string{
	{"BCG", "BCG", "BCG", "BCG", "J07AN01"}, {"VPO", "POLIO", "OPV", "Polio oral", "J07BF02"}, {"PENTA", "PENTA", "BESLI", "Pentavalent", "J07CA11"}, {"ROR", "SRP", "KKK", "ROR", "J07BD52"}, {"HB", "HB", "HEPB", "Hépatite B", "J07BC01"},
	{"PNEU", "NEUMO", "KPA", "Pneumocoque", "J07AL02"}, {"ROTA", "ROTA", "ROTA", "Rotavirus", "J07BH01"}, {"COVID", "COVID", "COVID", "Covid-19", "J07BX03"}, {"GRIPPE", "GRIPE", "GRIP", "Grippe", "J07BB02"}, {"DT", "TD", "TD", "DT", "J07AM51"},
}

// covid is the place in vaccines of the one that has a first day.
const covid = 7

// act is an act with its tariff: key letter, coefficient and price.
type act struct {
	code, label, letter string
	coef                int   // in hundredths
	kind                int   // surgery, act, nursing, dialysis, radiotherapy, delivery
	price               int64 // centimes
}

var acts = []act{
	{"CS1", "Consultation spécialisée", "C", 200, 1, 6000}, {"CG1", "Consultation générale", "C", 100, 1, 4000}, {"APP", "Appendicectomie", "KC", 5000, 0, 150000}, {"CHO", "Cholécystectomie", "KC", 8000, 0, 240000}, {"HER", "Cure de hernie", "KC", 5000, 0, 140000},
	{"OST", "Ostéosynthèse", "KC", 8500, 0, 260000}, {"CAT", "Chirurgie de la cataracte", "KC", 6000, 0, 180000}, {"PAN", "Pansement", "AMI", 200, 2, 1500}, {"INJ", "Injection", "AMI", 100, 2, 800}, {"PER", "Pose de perfusion", "AMI", 400, 2, 2500},
	{"DIA", "Séance d'hémodialyse", "K", 5000, 3, 85000}, {"RTH", "Séance de radiothérapie", "Z", 6000, 4, 90000}, {"ACC", "Accouchement normal", "SF", 4000, 5, 80000}, {"CES", "Césarienne", "KC", 8000, 5, 250000}, {"ECG", "Électrocardiogramme", "K", 1000, 1, 10000},
	{"EFR", "Spirométrie", "K", 1500, 1, 15000}, {"SUT", "Suture de plaie", "K", 1000, 1, 8000}, {"PLA", "Plâtre", "K", 1500, 1, 12000}, {"FIB", "Fibroscopie", "K", 4000, 1, 50000}, {"KIN", "Rééducation", "AMM", 800, 2, 6000},
}

// The places in acts that visits ask for by name.
const (
	actDialysis     = 10
	actRadiotherapy = 11
	actBirth        = 12
	actCaesarean    = 13
)

var substances = []struct {
	text string
	kind int // 0 medicine, 1 food, 2 other
}{{"Pénicilline", 0}, {"Amoxicilline", 0}, {"Aspirine", 0}, {"AINS", 0}, {"Iode", 0}, {"Sulfamides", 0}, {"Arachide", 1}, {"Oeuf", 1}, {"Fruits de mer", 1}, {"Lait de vache", 1}, {"Acariens", 2}, {"Pollens", 2}, {"Latex", 2}, {"Poussière", 2}, {"penicilline ?", 0}, {"PENI", 0}}

var noneKnown = [systems][]string{
	enova:   {"RAS", "Néant", "Aucune allergie connue", "aucune", "Pas d'allergie", "R.A.S."},
	hosix:   {"NO CONOCIDAS", "NIEGA", "AUCUNE", "NO ALERGIAS CONOCIDAS", "RAS"},
	dedalus: {"Pas d'allergie connue", "RAS", "-", "néant", "Aucune"},
	bilmed:  {"YOK", "BİLİNEN ALERJİSİ YOK", "aucune", "Yok"},
}

var reactions = []string{"", "Urticaire", "Oedème de Quincke", "Éruption", "Choc anaphylactique", "Prurit", "Dyspnée"}

// reasons for a visit; the last two are women's.
var reasons = []string{"Fièvre", "Douleur abdominale", "Toux", "Contrôle", "Chute", "AVP", "Dyspnée", "Céphalées", "Bilan", "Malaise", "Vomissements", "Suivi diabète", "Suivi HTA", "Douleur thoracique", "Éruption", "Plaie de la main", "Asthénie", "Brûlures mictionnelles", "Suivi de grossesse", "Métrorragies"}

var bodyRegions = []string{"Thorax", "Abdomen", "Crâne", "Rachis", "Bassin", "Genou", "Main", "Sein", "Pelvis", "Épaule"}

// findings of imaging; the last is of a pregnancy.
var findings = []string{"Examen sans particularité.", "Opacité basale droite.", "Pas de lésion osseuse visible.", "Lithiase vésiculaire de 8 mm.", "Foyer de contusion, contrôle conseillé.", "Épanchement pleural minime à gauche.", "Grossesse évolutive, biométrie conforme."}

var frequencies = []string{"1 fois/j", "2 fois/j", "3 fois/j", "1-0-1", "matin et soir", "si douleur", "1 le soir", "toutes les 8 h"}
