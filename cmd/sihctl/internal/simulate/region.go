package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// system is one of the five.
type system int

const (
	enova system = iota
	hosix
	dedalus
	bilmed
	essp
	systems
)

var systemNames = [systems]string{"enova", "hosix", "dedalus", "bilmed", "essp"}

// String returns the name that the config gives to the source.
func (s system) String() string { return systemNames[s] }

// region is one of the country's regions and the system of its hospitals.
// Weights are in thousands of people, rounded from the census of 2024.
type region struct {
	name     string
	weight   int
	system   system
	cin      string // letters of its offices
	communes []commune
}

type commune struct {
	name, arabic, province string
	weight                 int
}

// regions lists regions and communes; a commune is name, Arabic name, province
// and weight, a blank within one being written as an underscore.
var regions = []region{
	parseRegion("Casablanca-Settat", 7690, enova, "BE BH BJ BK BL BB W T", "Casablanca الدار_البيضاء Casablanca 40,Mohammedia المحمدية Mohammedia 8,El_Jadida الجديدة El_Jadida 7,Settat سطات Settat 6,Berrechid برشيد Berrechid 6,Bouskoura بوسكورة Nouaceur 5,Benslimane بنسليمان Benslimane 3,Azemmour أزمور El_Jadida 2,Sidi_Bennour سيدي_بنور Sidi_Bennour 3,Mediouna مديونة Mediouna 3,Tit_Mellil تيط_مليل Mediouna 2,Ben_Ahmed ابن_أحمد Settat 2"),
	parseRegion("Rabat-Salé-Kénitra", 5130, dedalus, "A AA AB AD AE G X", "Rabat الرباط Rabat 14,Salé سلا Salé 20,Kénitra القنيطرة Kénitra 14,Témara تمارة Skhirate-Témara 9,Skhirate الصخيرات Skhirate-Témara 3,Khémisset الخميسات Khémisset 6,Tiflet تيفلت Khémisset 3,Sidi_Kacem سيدي_قاسم Sidi_Kacem 5,Sidi_Slimane سيدي_سليمان Sidi_Slimane 4,Mehdia المهدية Kénitra 2,Souk_El_Arbaa سوق_الأربعاء Kénitra 3,Rommani الرماني Khémisset 1"),
	parseRegion("Marrakech-Safi", 4890, hosix, "E EE HH HA Y", "Marrakech مراكش Marrakech 24,Safi آسفي Safi 9,Essaouira الصويرة Essaouira 4,El_Kelaa قلعة_السراغنة El_Kelaa 5,Youssoufia اليوسفية Youssoufia 3,Chichaoua شيشاوة Chichaoua 3,Ben_Guerir ابن_جرير Rehamna 4,Tahannaout تحناوت Al_Haouz 3,Ait_Ourir أيت_أورير Al_Haouz 3,Imintanoute إمنتانوت Chichaoua 2"),
	parseRegion("Fès-Meknès", 4470, hosix, "C CC CD D DN Z", "Fès فاس Fès 22,Meknès مكناس Meknès 14,Taza تازة Taza 6,Sefrou صفرو Sefrou 4,Ifrane إفران Ifrane 2,Azrou أزرو Ifrane 3,El_Hajeb الحاجب El_Hajeb 3,Taounate تاونات Taounate 5,Missour ميسور Boulemane 2,Moulay_Yacoub مولاي_يعقوب Moulay_Yacoub 2,Bhalil البهاليل Sefrou 1"),
	parseRegion("Tanger-Tétouan-Al Hoceïma", 4030, bilmed, "K KB L LB LC R GM", "Tanger طنجة Tanger 22,Tétouan تطوان Tétouan 9,Larache العرائش Larache 6,Ksar_El_Kebir القصر_الكبير Larache 5,Al_Hoceïma الحسيمة Al_Hoceïma 5,Chefchaouen شفشاون Chefchaouen 4,Fnideq الفنيدق M'diq-Fnideq 3,Martil مرتيل M'diq-Fnideq 2,Ouezzane وزان Ouezzane 4,Assilah أصيلة Tanger 2"),
	parseRegion("Souss-Massa", 3020, bilmed, "J JB JC JE JH", "Agadir أكادير Agadir 14,Inezgane إنزكان Inezgane 6,Ait_Melloul أيت_ملول Inezgane 7,Taroudant تارودانت Taroudant 6,Tiznit تزنيت Tiznit 3,Biougra بيوكرى Chtouka 3,Oulad_Teima أولاد_تايمة Taroudant 4,Tata طاطا Tata 1"),
	parseRegion("Béni Mellal-Khénifra", 2525, enova, "I IA IB V VA Q", "Béni_Mellal بني_ملال Béni_Mellal 9,Khouribga خريبكة Khouribga 8,Khénifra خنيفرة Khénifra 5,Fquih_Ben_Salah الفقيه_بن_صالح Fquih_Ben_Salah 5,Azilal أزيلال Azilal 4,Oued_Zem وادي_زم Khouribga 4,Kasba_Tadla قصبة_تادلة Béni_Mellal 3,Demnate دمنات Azilal 2"),
	parseRegion("Oriental", 2295, hosix, "F FA FB FC FH S SH", "Oujda وجدة Oujda 11,Nador الناظور Nador 6,Berkane بركان Berkane 5,Taourirt تاوريرت Taourirt 4,Guercif جرسيف Guercif 3,Jerada جرادة Jerada 2,Figuig فجيج Figuig 1,Zaio زايو Nador 2,Al_Aaroui العروي Nador 2"),
	parseRegion("Drâa-Tafilalet", 1655, enova, "U UA UB P PA PB", "Errachidia الرشيدية Errachidia 6,Ouarzazate ورزازات Ouarzazate 5,Tinghir تنغير Tinghir 4,Zagora زاكورة Zagora 4,Midelt ميدلت Midelt 4,Rissani الريصاني Errachidia 2"),
	parseRegion("Guelmim-Oued Noun", 450, bilmed, "JA JK", "Guelmim كلميم Guelmim 6,Tan-Tan طانطان Tan-Tan 3,Sidi_Ifni سيدي_إفني Sidi_Ifni 2"),
	parseRegion("Laâyoune-Sakia El Hamra", 450, bilmed, "SA SB", "Laâyoune العيون Laâyoune 7,Boujdour بوجدور Boujdour 2,Smara السمارة Es-Semara 2"),
	parseRegion("Dakhla-Oued Ed-Dahab", 220, bilmed, "OD", "Dakhla الداخلة Oued_Ed-Dahab 5,Aousserd أوسرد Aousserd 1"),
}

func parseRegion(title string, weight int, s system, cin, text string) region {
	out := region{name: title, weight: weight, system: s, cin: cin}
	for _, entry := range strings.Split(text, ",") {
		f := strings.Fields(entry)
		for i := range f {
			f[i] = strings.ReplaceAll(f[i], "_", " ")
		}
		c := commune{name: f[0], arabic: f[1], province: f[2], weight: int(number(f[3]))}
		out.communes = append(out.communes, c)
	}
	return out
}

// drawCommune returns the numbers of a region and of a commune within it.
func drawCommune(r *rand.Rand) (reg, com int) {
	total := 0
	for i := range regions {
		total += regions[i].weight
	}
	n := r.IntN(total)
	for n >= regions[reg].weight {
		n -= regions[reg].weight
		reg++
	}
	return reg, drawIn(r, reg)
}

// drawIn returns the number of a commune of the region.
func drawIn(r *rand.Rand, reg int) int {
	total, cs := 0, regions[reg].communes
	for i := range cs {
		total += cs[i].weight
	}
	n, com := r.IntN(total), 0
	for n >= cs[com].weight {
		n -= cs[com].weight
		com++
	}
	return com
}

var streets = []string{"Rue", "Avenue", "Bd", "Hay", "Lot", "Quartier", "Derb", "Douar", "Cité", "Résidence"}

var places = []string{"Hassan II", "Mohammed V", "Al Massira", "Ennakhil", "El Qods", "Salam", "Farah", "Atlas", "Al Wahda", "Riad", "Oulfa", "Inara", "Essaada", "Al Amal", "Nahda", "Moulay Rachid", "Sidi Moumen", "El Menzeh", "Ennasr", "Al Irfane",
	"Oulad Said", "Ait Ali", "Lahraouiyine", "Tamesna", "Zitoune", "Bab Doukkala", "Sidi Othmane", "Azli", "Wifaq", "Takaddoum", "Yacoub El Mansour", "Les Orangers", "Al Boustane", "Oued Eddahab", "Ibn Sina", "Ibn Khaldoun", "La Gare", "Zerktouni", "Anoual", "Targa"}

func drawAddress(r *rand.Rand) string {
	a := streets[r.IntN(len(streets))] + " " + places[r.IntN(len(places))]
	if r.IntN(3) > 0 {
		return fmt.Sprintf("%d, %s N° %d", 1+r.IntN(90), a, 1+r.IntN(400))
	}
	return a
}
