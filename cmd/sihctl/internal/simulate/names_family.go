package simulate

import "strings"

// familyNames is the stock of family names: some hundreds written out, the
// frequent ones first, and thousands composed the way such names are.
var familyNames = newStock(composeFamilies(), 25)

func composeFamilies() []name {
	plain := parseNames(familyText)
	roots := parseNames(rootText)
	out := append([]name(nil), plain...)
	seen := map[string]bool{}
	for _, n := range out {
		seen[n.latin] = true
	}
	add := func(latin, arabic string) {
		if !seen[latin] {
			seen[latin] = true
			out = append(out, name{latin, arabic})
		}
	}
	for _, n := range roots { // trades, places, qualities: with the article
		add("El "+n.latin, "ال"+n.arabic)
	}
	males := parseNames(maleText)
	for _, n := range males { // sons of a forefather
		if strings.Contains(n.latin, " ") {
			continue
		}
		add("Ben "+n.latin, "بن "+n.arabic)
	}
	for _, n := range males {
		if !strings.Contains(n.latin, " ") {
			add("Ait "+n.latin, "أيت "+n.arabic)
		}
	}
	for _, n := range tradeNames() {
		add(n.latin, n.arabic)
		add("El "+n.latin, "ال"+n.arabic)
	}
	for _, n := range plain[:12] { // branches of great families
		for _, m := range roots {
			add(n.latin+" "+m.latin, n.arabic+" "+m.arabic)
		}
	}
	return out
}

// tradeNames composes names of the pattern fa”al, on which Arabic names
// trades: three consonants, the second doubled, a long a before the last. Both
// scripts write it in one way.
func tradeNames() []name {
	first := []name{{"B", "ب"}, {"Kh", "خ"}, {"D", "د"}, {"R", "ر"}, {"Z", "ز"}, {"S", "س"}, {"Ch", "ش"}, {"Gh", "غ"}, {"F", "ف"}, {"K", "ك"}, {"L", "ل"}, {"M", "م"}, {"N", "ن"}, {"H", "ه"}, {"J", "ج"}}
	second := []name{{"bb", "ب"}, {"tt", "ت"}, {"dd", "د"}, {"rr", "ر"}, {"zz", "ز"}, {"ss", "س"}, {"ff", "ف"}, {"mm", "م"}, {"nn", "ن"}, {"ll", "ل"}}
	third := []name{{"b", "ب"}, {"kh", "خ"}, {"d", "د"}, {"r", "ر"}, {"z", "ز"}, {"ch", "ش"}, {"gh", "غ"}, {"f", "ف"}, {"k", "ك"}, {"m", "م"}, {"n", "ن"}, {"l", "ل"}}
	var out []name
	for i, a := range first {
		for j, b := range second {
			for k, c := range third {
				if strings.EqualFold(a.latin, b.latin[:1]) || c.latin == b.latin[:1] || (i+2*j+3*k)%2 == 1 {
					continue
				}
				out = append(out, name{a.latin + "a" + b.latin + "a" + c.latin, a.arabic + b.arabic + "ا" + c.arabic})
			}
		}
	}
	return out
}

const familyText = `Alaoui العلوي, Idrissi الإدريسي, Filali الفيلالي, Tazi التازي, Bennani بناني, Berrada برادة, Chraibi الشرايبي, Lahlou لحلو, Amrani العمراني, Slaoui السلاوي, Tahiri الطاهري, Fassi الفاسي,
Benjelloun بنجلون, Benkirane بنكيران, Sefrioui الصفريوي, Naciri الناصري, Mansouri المنصوري, Saidi السعيدي, Hassani الحسني, Bakkali البقالي, Ouazzani الوزاني, Cherkaoui الشرقاوي, Chaoui الشاوي, Doukkali الدكالي,
Rifai الرفاعي, Soussi السوسي, Marrakchi المراكشي, Rbati الرباطي, Meknassi المكناسي, Oujdi الوجدي, Tetouani التطواني, Sbai السباعي, Ziani الزياني, Jabri الجابري, Kadiri القادري, Kabbaj القباج, Guessous كسوس, Sqalli الصقلي,
Squalli الصقلي, Benchekroun بنشقرون, Belhaj بلحاج, Belkadi بلقاضي, Belghazi بلغازي, Belmahi بلماحي, Benomar بنعمر, Benali بنعلي, Benabdellah بنعبد_الله, Bensouda بنسودة, Benslimane بنسليمان, Bensaid بنسعيد,
Bouzidi البوزيدي, Bouziane بوزيان, Bouazza بوعزة, Boutaleb بوطالب, Bouhlal بوهلال, Boukhari البخاري, Bouchaib بوشعيب, Bouayad بوعياد, Boumediene بومدين, Bousfiha بوصفيحة, Bouabid بوعبيد, Boussaid بوسعيد, Boudlal بودلال,
Ouhabi أوهابي, Oubella أوبلا, Oubaha أوباها, Oukacha أوكاشا, Oulhaj أولحاج, Amghar أمغار, Azzouzi العزوزي, Azami العزامي, Zeroual زروال, Zerouali الزروالي, Zouine زوين, Zaoui الزاوي, Zahidi الزاهدي, Yaakoubi اليعقوبي, Yacoubi اليعقوبي,
Wahbi وهبي, Touzani التوزاني, Toumi التومي, Tounsi التونسي, Temsamani التمسماني, Talbi الطالبي, Serghini السرغيني, Sebti السبتي, Samlali السملالي, Salhi الصالحي, Sadiki الصديقي, Rhazi الغازي, Rami رامي, Rahmouni الرحموني,
Rahmani الرحماني, Rachidi الرشيدي, Ouahbi الوهبي, Omari العمري, Nouri النوري, Nejjar النجار, Najib نجيب, Mrini المريني, Moutaouakil المتوكل, Mouline مولين, Mossadek المصدق, Moumni المومني, Mernissi المرنيسي, Mekouar مكوار,
Messaoudi المسعودي, Mazouzi المعزوزي, Majdoubi المجدوبي, Lamrani العمراني, Laroussi العروسي, Lazrak الأزرق, Kettani الكتاني, Khattabi الخطابي, Khalfi الخلفي, Kharbouch خربوش, Jettou جطو, Jaidi الجعيدي, Iraqi العراقي,
Idbouch إدبوش, Houari الهواري, Hilali الهلالي, Harrak الحراق, Hamdaoui الحمداوي, Hamidi الحميدي, Hajji حجي, Hajoui الحجوي, Haddad حداد, Guerraoui الكراوي, Ghazali الغزالي, Gharbi الغربي, Fikri فكري, Ferhati الفرحاتي, Fathi فتحي,
Daoudi الداودي, Dahbi الذهبي, Chbani الشباني, Charki الشرقي, Chafai الشافعي, Chahid شهيد, Boutahar بوطاهر, Berkane بركان, Belkhayat بلخياط, Baroudi البارودي, Badaoui البدوي, Azizi العزيزي, Ayadi العيادي, Atmani العثماني, Asri العصري,
Arbaoui العرباوي, Aouad عواد, Anouar أنوار, Ammari العماري, Amara عمارة, Alami العلمي, Akhrif أخريف, Adnani العدناني, Achour عاشور, Abbadi العبادي, Abid عبيد, Ababou عبابو`

const rootText = `Haddad حداد, Najjar نجار, Khayat خياط, Bennay بناي, Harrar حرار, Attar عطار, Dabbagh دباغ, Sabbagh صباغ, Fakhar فخار, Jazzar جزار, Khabbaz خباز, Hallak حلاق, Hammal حمال, Rakkas رقاص, Rammah رماح, Kettab كتاب, Kadi قاضي, Fkih فقيه, Imam إمام,
Kaid قايد, Mokaddem مقدم, Moudden مؤذن, Rays رايس, Bahri بحري, Jabli جبلي, Sahraoui صحراوي, Drissi دريسي, Hassouni حسوني, Housni حسني, Maliki مالكي, Chafii شافعي, Hanafi حنفي, Andaloussi أندلسي, Mouden مودن, Gharbaoui غرباوي, Hayani حياني, Rhiati غياتي, Tsouli تسولي,
Ouardighi ورديغي, Zemmouri زموري, Guerouani كرواني, Zayani زياني, Hansali حنصالي, Atlassi أطلسي, Draoui درعاوي, Tafilalti تافيلالتي, Ghomari غماري, Senhaji صنهاجي, Masmoudi مصمودي, Haouari هواري, Mesfioui مسفيوي, Rehmani رحماني, Abdi عبدي, Boukili بوكيلي, Beqqali بقالي,
Khatib خطيب, Khalifi خليفي, Khaldi خالدي, Kasmi قاسمي, Kamili كاملي, Jamai جامعي, Jaouhari جوهري, Hakmaoui حكماوي, Hadri حضري, Habti هبطي, Guermai كرماعي, Ghissassi غيساسي, Fadili فاضلي, Fahmi فهمي, Faqir فقير, Ouali والي, Ouariachi وارياشي, Ourdani ورداني, Mahi ماحي,
Mahdaoui مهداوي, Mehdaoui مهداوي, Makhloufi مخلوفي, Mabrouki مبروكي, Mokhtari مختاري, Moutawakil متوكل, Mouhib محب, Moudni مدني, Mchichi مشيشي, Nadifi نظيفي, Nasri نصري, Ouafi وافي, Rachdi راشدي, Riyahi رياحي, Sabri صابري, Salmi سالمي, Samadi صمدي, Sahli سهلي, Sadki صادقي,
Tijani تيجاني, Touhami تهامي, Wardi وردي, Yazidi يزيدي, Younsi يونسي, Zaidi زيدي, Zahraoui زهراوي, Zitouni زيتوني, Aloui علوي, Aroussi عروسي, Asri عصري, Ayachi عياشي, Azhari أزهري, Aziri عزيري, Badri بدري, Bachiri بشيري, Bahaoui بهاوي, Baraka بركة, Bekkay بكاي, Chakir شاكر, Chadli شادلي`
