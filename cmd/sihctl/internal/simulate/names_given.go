package simulate

import (
	"math/rand/v2"
	"sort"
	"strings"
)

// name is one name in both scripts.
type name struct{ latin, arabic string }

// given is the stock of given names, the frequent ones first. Frequencies fall
// with rank, as they do in every country; the order is a guess, not a census.
var (
	maleNames   = newStock(parseNames(maleText), 4)
	femaleNames = newStock(parseNames(femaleText), 4)
)

// parseNames reads pairs of Latin and Arabic form, separated by commas; a
// blank within a form is written as an underscore.
func parseNames(text string) []name {
	var out []name
	for _, pair := range strings.Split(text, ",") {
		f := strings.Fields(pair)
		if len(f) == 2 {
			out = append(out, name{strings.ReplaceAll(f[0], "_", " "), strings.ReplaceAll(f[1], "_", " ")})
		}
	}
	return out
}

// stock draws names with frequencies of 1/(rank+shift).
type stock struct {
	names []name
	upTo  []float64 // cumulated weights
}

func newStock(names []name, shift float64) *stock {
	s := &stock{names: names, upTo: make([]float64, len(names))}
	var sum float64
	for i := range names {
		sum += 1 / (float64(i) + shift)
		s.upTo[i] = sum
	}
	return s
}

func (s *stock) draw(r *rand.Rand) name {
	u := r.Float64() * s.upTo[len(s.upTo)-1]
	return s.names[min(sort.SearchFloat64s(s.upTo, u), len(s.names)-1)]
}

const maleText = `Mohamed محمد, Ahmed أحمد, Youssef يوسف, Hassan حسن, Rachid رشيد, Said سعيد, Abdellah عبد_الله, Mustapha مصطفى,
Omar عمر, Ali علي, Khalid خالد, Hamza حمزة, Abderrahim عبد_الرحيم, Brahim إبراهيم, Hicham هشام, Karim كريم, Abdelaziz عبد_العزيز,
Ayoub أيوب, Mehdi مهدي, Driss إدريس, Lahcen لحسن, Houssine حسين, Jamal جمال, Aziz عزيز, Anass أنس, Amine أمين, Othmane عثمان,
Zakaria زكرياء, Ismail إسماعيل, Bouchaib بوشعيب, Noureddine نور_الدين, Abdelkader عبد_القادر, Abderrahmane عبد_الرحمان, Abdelilah عبد_الإله,
Nabil نبيل, Mounir منير, Adil عادل, Tarik طارق, Samir سمير, Reda رضا, Ilyas إلياس, Soufiane سفيان, Yassine ياسين, Imad عماد, Bilal بلال,
Marouane مروان, Larbi العربي, Mbarek مبارك, Abdelhak عبد_الحق, Abdelmajid عبد_المجيد, Abdeslam عبد_السلام, Abdelhamid عبد_الحميد, Abdellatif عبد_اللطيف,
Abdelkrim عبد_الكريم, Abdelali عبد_العالي, Abdelouahed عبد_الواحد, Abdelghani عبد_الغني, Abdelmalek عبد_المالك, Abdennour عبد_النور, Abdessamad عبد_الصمد,
Abdelfattah عبد_الفتاح, Abdeljalil عبد_الجليل, Abdelouahab عبد_الوهاب, Abdelhadi عبد_الهادي, Abdelhafid عبد_الحفيظ, Abdelmoula عبد_المولى, Abdessadek عبد_الصادق,
Salah صلاح, Salaheddine صلاح_الدين, Nasser ناصر, Azzeddine عز_الدين, Jamaleddine جمال_الدين, Badr بدر, Badreddine بدر_الدين, Charaf شرف, Charafeddine شرف_الدين,
Fouad فؤاد, Jaouad جواد, Jalal جلال, Kamal كمال, Taoufik توفيق, Toufik توفيق, Hakim حكيم, Hafid حفيظ, Hamid حميد, Mahmoud محمود, Mhamed امحمد, Moulay مولاي,
Idriss إدريس, Taha طه, Yahya يحيى, Younes يونس, Moussa موسى, Issa عيسى, Haroun هارون, Daoud داود, Souleimane سليمان, Slimane سليمان, Salem سالم, Saber صابر,
Sabri صبري, Chakib شكيب, Chafik شفيق, Redouane رضوان, Ridouane رضوان, Faouzi فوزي, Faycal فيصل, Fahd فهد, Ghali غالي, Habib حبيب, Hatim حاتم, Haitam هيثم,
Iliass إلياس, Jaafar جعفر, Kacem قاسم, Khalil خليل, Lotfi لطفي, Maati المعطي, Mokhtar المختار, Miloud ميلود, Mimoun ميمون, Mouad معاذ, Mouhcine محسن, Mourad مراد,
Nizar نزار, Oussama أسامة, Othman عثمان, Rabie ربيع, Rafik رفيق, Rayan ريان, Saad سعد, Saleh صالح, Sami سامي, Sadik صديق, Tahar الطاهر, Tayeb الطيب,
Thami التهامي, Walid وليد, Wassim وسيم, Yacine ياسين, Zouhair زهير, Ziad زياد, Zine زين, Hamou حمو, Haddou حدو, Allal علال, Ammar عمار, Aissa عيسى, Akram أكرم,
Achraf أشرف, Amin أمين, Anouar أنوار, Ayman أيمن, Bachir بشير, Belkacem بلقاسم, Chouaib شعيب, Elmostafa المصطفى, Elmehdi المهدي, Elhoussaine الحسين,
Elhassan الحسن, Fadel فاضل, Farid فريد, Ghassan غسان, Hammadi حمادي, Jilali الجيلالي, Kaddour قدور, Lhoussaine الحسين, Lyazid اليزيد, Maamar معمر, Majid مجيد, Mansour منصور,
Moad معاذ, Mohcine محسن, Nadir نادر, Najib نجيب, Nordine نور_الدين, Radouane رضوان, Ramzi رمزي, Said_Ahmed سعيد_أحمد, Mohamed_Amine محمد_أمين, Mohamed_Ali محمد_علي,
Mohamed_Reda محمد_رضا, Mohamed_Taha محمد_طه, Sidi_Mohamed سيدي_محمد, Moulay_Ahmed مولاي_أحمد, Moulay_Hassan مولاي_الحسن, Adam آدم, Jad جاد, Amir أمير, Aymane أيمن, Louay لؤي`

const femaleText = `Fatima فاطمة, Khadija خديجة, Aicha عائشة, Fatima_Zahra فاطمة_الزهراء, Zineb زينب, Meryem مريم, Naima نعيمة, Rachida رشيدة, Malika مليكة,
Amina أمينة, Saida سعيدة, Latifa لطيفة, Nadia نادية, Hanane حنان, Samira سميرة, Karima كريمة, Zahra الزهرة, Halima حليمة, Rabia ربيعة, Souad سعاد, Hayat حياة,
Jamila جميلة, Salma سلمى, Imane إيمان, Sara سارة, Hafida حفيظة, Fatna فاطنة, Mina مينة, Rkia رقية, Ghizlane غزلان, Oumaima أميمة, Chaimae شيماء, Hajar هاجر,
Asmae أسماء, Ikram إكرام, Siham سهام, Loubna لبنى, Bouchra بشرى, Houda هدى, Nawal نوال, Najat نجاة, Fadma فاضمة, Yamna يامنة, Mbarka مباركة, Keltoum كلثوم,
Ilham إلهام, Wafae وفاء, Sanae سناء, Hasnae حسناء, Safae صفاء, Soumia سمية, Soukaina سكينة, Hind هند, Nora نورة, Touria ثورية, Fouzia فوزية, Habiba حبيبة, Zohra الزهرة,
Hakima حكيمة, Hamida حميدة, Hassna حسنة, Jamaa جامعة, Kawtar كوثر, Lamiae لمياء, Laila ليلى, Leila ليلى, Majda ماجدة, Mouna منى, Nabila نبيلة, Najia ناجية, Najlae نجلاء,
Nezha نزهة, Noura نورة, Ouafae وفاء, Ouarda وردة, Rajae رجاء, Rahma رحمة, Rim ريم, Rita ريتا, Romaissae روميساء, Sabah صباح, Safia صفية, Saadia سعدية, Sakina سكينة, Salima سليمة,
Samia سامية, Wiam وئام, Widad وداد, Wissal وصال, Yasmine ياسمين, Yousra يسرى, Zakia زكية, Zhour زهور, Zoubida زبيدة, Abla عبلة, Ahlam أحلام, Alia علياء, Amal أمال, Aya آية,
Aziza عزيزة, Badia بديعة, Bahija بهيجة, Batoul البتول, Btissam ابتسام, Chadia شادية, Chafika شفيقة, Dalal دلال, Dounia دنيا, Drissia إدريسية, Doha ضحى, Fadila فضيلة, Farah فرح, Farida فريدة,
Fatiha فتيحة, Fatema فاطمة, Firdaous فردوس, Ghita غيثة, Hadda حدة, Hadhoum هضوم, Hania هنية, Hasna حسناء, Henia هنية, Hiba هبة, Iman إيمان, Ines إيناس, Intissar انتصار, Itto إيطو,
Jihane جيهان, Jihad جهاد, Khaddouj خدوج, Khaoula خولة, Kenza كنزة, Lalla_Fatima للا_فاطمة, Lina لينة, Mahjouba محجوبة, Maimouna ميمونة, Malak ملاك, Manal منال, Maria مارية, Maryam مريم,
Maroua مروة, Mennana منانة, Miloudia ميلودية, Mounia مونية, Nada ندى, Nahid ناهد, Nassima نسيمة, Nisrine نسرين, Nihad نهاد, Nouhaila نهيلة, Noor نور, Oumkeltoum أم_كلثوم, Ouissal وصال, Rania رانية,
Rihab رحاب, Rokaya رقية, Saloua سلوى, Selma سلمى, Sofia صوفيا, Tamou طامو, Tahra الطاهرة, Tlaitmas تليتماس, Yassmina ياسمينة, Yamina يمينة, Yezza يزة, Zahia زاهية, Zahira زهيرة, Zineb_Aya زينب_آية,
Khadija_Salma خديجة_سلمى, Hiba_Allah هبة_الله, Nour_El_Houda نور_الهدى, Fatim_Zahra فاطمة_الزهراء, Lalla_Aicha للا_عائشة, Douae دعاء, Israe إسراء, Alae آلاء, Janna جنة, Rawane روان, Tasnim تسنيم, Ritaj رتاج`
