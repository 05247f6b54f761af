package draft

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// subject says by which words of its name a table is likely to become a
// unified table: French, Spanish, Turkish, English and Arabic. A word stands
// for the names that begin with it. Earlier subjects go first: a line of an
// invoice is no invoice.
type subject struct {
	target string
	words  []string
}

var subjects = []subject{
	{"claim_line", []string{"ligne facture", "facture ligne", "factura lin", "facturas lin", "fatura satir", "invoice line", "bill item", "billing"}},
	{"claim", []string{"factur", "fatura", "invoice", "bill", "claim", "فاتورة"}},
	{"payment", []string{"reglement", "encaissement", "paiement", "quittance", "cobro", "pago", "tahsilat", "odeme", "payment", "receipt", "اداء"}},
	{"coverage", []string{"couverture", "assurance", "mutuelle", "cobertura", "seguro", "sigorta", "insurance", "coverage", "تغطية"}},
	{"appointment", []string{"rdv", "rendez", "cita", "randevu", "appointment", "موعد"}},
	{"immunization", []string{"vaccin", "vacuna", "asi", "immuniz", "تلقيح"}},
	{"allergy", []string{"allerg", "alerg", "alerji", "حساسية"}},
	{"diagnosis", []string{"diagno", "tani", "problem", "condition", "تشخيص"}},
	{"medication_dispense", []string{"dispens", "delivrance", "ilac cikis", "entrega"}},
	{"medication_request", []string{"prescri", "ordonnance", "recete", "receta", "drug order", "medication request", "وصفة"}},
	{"imaging_study", []string{"radio", "imag", "exploracion", "goruntu", "scanner", "اشعة"}},
	{"observation", []string{"resultat", "result", "sonuc", "constante", "vital", "signe", "obs", "analyse", "lab", "تحليل"}},
	{"procedure_act", []string{"acte", "acto", "islem", "intervention", "procedure", "surgery", "عملية"}},
	{"stock_item", []string{"stock", "existencia", "stok", "inventory", "مخزون"}},
	{"product", []string{"produit", "medicament", "articulo", "farmaco", "ilac", "drug", "product", "دواء"}},
	{"equipment", []string{"equip", "cihaz", "materiel", "device"}},
	{"bed", []string{"lit", "cama", "yatak", "bed", "سرير"}},
	{"staff", []string{"personnel", "medecin", "profesional", "personel", "doktor", "provider", "staff", "doctor", "praticien", "موظف", "طبيب"}},
	{"organisation", []string{"service", "servicio", "birim", "unite", "ward", "department", "location"}},
	{"encounter", []string{"sejour", "admission", "hospitalisation", "consultation", "passage", "episodio", "protokol", "yatis", "visit", "encounter", "stay", "زيارة", "استشارة"}},
	{"person_address", []string{"adresse", "domicilio", "adres", "address"}},
	{"source_person", []string{"patient", "malade", "pacient", "hasta", "person", "demographic", "مريض", "المرضى"}},
}

// meaning says by which words of its name a column is likely to fill a unified
// column; each name is whole, but for a number at its end.
type meaning struct {
	columns string // unified columns, the first that the table has
	names   []string
}

var meanings = []meaning{
	{"local_id", []string{"ipp", "nip", "nhc", "hasta no", "num dossier", "no dossier", "n dossier", "numero dossier", "patient no", "mrn", "pubpid", "رقم الملف"}},
	{"cin", []string{"cin", "cnie", "dni", "num cin", "carte nationale", "kimlik no", "national id", "id card", "ss", "البطاقة الوطنية"}},
	{"idcs", []string{"idcs", "rnp"}},
	{"nin", []string{"nin"}},
	{"passport", []string{"passeport", "pasaporte", "pasaport", "passport", "جواز السفر"}},
	{"amo_no", []string{"num amo", "amo", "immatriculation", "num assurance", "num seguro", "sigorta no", "cnss", "insurance no"}},
	{"family_name family", []string{"nom", "nom famille", "nom usuel", "nom patient", "apellido", "apellidos", "soyadi", "soyad", "family name", "last name", "lname", "surname", "lastname", "الاسم العائلي", "النسب"}},
	{"given_name given", []string{"prenom", "prenoms", "prenom patient", "nombre", "adi", "ad", "given name", "first name", "fname", "firstname", "الاسم الشخصي", "الاسم"}},
	{"family_name_ar", []string{"nom ar", "nom arabe", "apellido ar", "soyadi ar"}},
	{"given_name_ar", []string{"prenom ar", "prenom arabe", "nombre ar", "adi ar"}},
	{"maiden_name", []string{"nom jeune fille", "nom naissance", "apellido soltera", "kizlik soyadi", "maiden name"}},
	{"father_name", []string{"nom pere", "prenom pere", "nombre padre", "baba adi", "father name", "اسم الاب"}},
	{"mother_name", []string{"nom mere", "prenom mere", "nombre madre", "ana adi", "anne adi", "mother name", "mothersname", "اسم الام"}},
	{"birth_date", []string{"date naissance", "ddn", "dt naissance", "fecha nac", "fecha nacimiento", "dogum tarihi", "birthdate", "birth date", "date of birth", "dob", "تاريخ الازدياد", "تاريخ الميلاد"}},
	{"birth_place", []string{"lieu naissance", "lugar nac", "lugar nacimiento", "dogum yeri", "birthplace", "birth place", "مكان الازدياد"}},
	{"sex", []string{"sexe", "sexo", "cinsiyet", "cinsiyeti", "gender", "sex", "الجنس"}},
	{"phone", []string{"telephone", "tel", "gsm", "portable", "telefono", "telefon", "phone", "mobile", "phone home", "phone cell", "الهاتف"}},
	{"address address_text", []string{"adresse", "domicilio", "direccion", "adres", "address", "street", "العنوان"}},
	{"commune", []string{"commune", "ville", "poblacion", "ciudad", "ilce", "sehir", "city", "city village", "الجماعة", "المدينة"}},
	{"postal_code", []string{"code postal", "cod postal", "posta kodu", "postal code", "zip"}},
	{"nationality", []string{"nationalite", "nacionalidad", "uyruk", "nationality", "الجنسية"}},
	{"blood_group", []string{"groupe sanguin", "grupo sang", "grupo sanguineo", "kan grubu", "blood group", "blood type", "فصيلة الدم"}},
	{"deceased", []string{"decede", "exitus", "vefat", "dead", "deceased", "متوفى"}},
	{"death_ts", []string{"date deces", "fecha exitus", "fecha defuncion", "olum tarihi", "death date", "deceased date"}},
	{"as_of", []string{"date creation", "fecha alta", "kayit tarihi", "date created", "created at", "date inscription"}},
	{"start_ts", []string{"date entree", "date admission", "date debut", "date consultation", "fecha ing", "fecha ingreso", "fecha cita", "giris tarihi", "yatis tarihi", "date started", "admission date", "encounter datetime", "start date", "date rdv", "date rv", "تاريخ الدخول"}},
	{"end_ts", []string{"date sortie", "date fin", "fecha alta", "cikis tarihi", "taburcu tarihi", "date stopped", "discharge date", "end date", "تاريخ الخروج"}},
	{"reason", []string{"motif", "motivo", "sikayet", "reason"}},
	{"local_number", []string{"num sejour", "num episodio", "num epi", "protokol no", "nda", "visit no"}},
	{"dx_code", []string{"code cim", "cim", "code diagnostic", "cod cie", "cie", "codigo cie", "tani kodu", "icd", "icd code", "icd10"}},
	{"obs_code", []string{"code analyse", "code examen", "cod prueba", "test kodu", "test code", "code", "codigo", "kod"}},
	{"label", []string{"libelle", "designation", "diagnostic", "descripcion", "denominacion", "aciklama", "tani", "label", "description", "test name", "name", "tanim"}},
	{"value_num", []string{"valeur", "valeur num", "resultat", "resultado", "valor", "sonuc", "deger", "value", "result", "value numeric", "النتيجة"}},
	{"unit", []string{"unite", "unites", "unidad", "unidades", "birim", "unit", "units", "الوحدة"}},
	{"ref_low", []string{"norme min", "vr min", "ref min", "alt sinir", "low", "ref low", "range low"}},
	{"ref_high", []string{"norme max", "vr max", "ref max", "ust sinir", "high", "ref high", "range high"}},
	{"effective_ts recorded_ts dispensed_ts ordered_ts started_ts issued_ts onset given_on", []string{"date resultat", "date mesure", "date examen", "date prescription", "date", "fecha", "fecha res", "tarih", "obs datetime", "date vaccin", "date diagnostic", "datetime", "التاريخ"}},
	{"allergen_text", []string{"allergene", "substance", "texte", "texto", "alergeno", "alerjen", "allergen", "title"}},
	{"reaction", []string{"reaction", "reaccion", "reaksiyon"}},
	{"drug_text", []string{"medicament", "produit", "medicamento", "farmaco", "ilac", "ilac adi", "drug", "drug name", "الدواء"}},
	{"dose", []string{"dose", "dosis", "doz", "posologie"}},
	{"route", []string{"voie", "via", "yol", "route"}},
	{"days", []string{"duree", "nb jours", "duracion", "sure", "days", "duration"}},
	{"quantity", []string{"quantite", "qte", "cantidad", "miktar", "adet", "quantity", "الكمية"}},
	{"claim_number", []string{"num facture", "no facture", "num factura", "fatura no", "invoice no", "invoice number"}},
	{"receipt_number", []string{"num quittance", "num recibo", "makbuz no", "receipt no"}},
	{"total", []string{"total", "montant", "montant total", "importe", "importe total", "tutar", "toplam", "amount", "المبلغ"}},
	{"amount", []string{"montant", "importe", "tutar", "amount", "pay amount", "المبلغ"}},
	{"patient_part", []string{"part patient", "ticket moderateur", "imp paciente", "hasta payi", "patient part"}},
	{"insurer_part", []string{"part assurance", "part organisme", "imp entidad", "kurum payi", "insurer part"}},
	{"issued_on paid_on", []string{"date facture", "date reglement", "fecha", "fecha factura", "fatura tarihi", "date", "tarih"}},
	{"unit_price", []string{"prix unitaire", "pu", "precio", "birim fiyat", "unit price"}},
	{"member_no", []string{"num adherent", "num assure", "policy number", "member no"}},
	{"vaccine_code", []string{"vaccin", "code vaccin", "vacuna", "asi", "asi kodu", "vaccine", "cvx code"}},
	{"dose_number", []string{"dose", "num dose", "rang", "doz no", "dose number"}},
	{"modality", []string{"modalite", "modalidad", "modality"}},
	{"professional_no", []string{"matricule", "inpe", "num colegiado", "sicil no", "npi", "identifier"}},
	{"specialty", []string{"specialite", "especialidad", "brans", "specialty"}},
	{"family", []string{"nom"}},
	{"status", []string{"statut", "etat", "estado", "durum", "status"}},
	{"class", []string{"type sejour", "type", "tipo epi", "tur", "class"}},
	{"code", []string{"code", "codigo", "kod"}},
	{"name_fr", []string{"libelle", "nom", "name", "nombre", "adi"}},
}

// plainName writes a name in small letters without accents, its words parted
// by single blanks: NumDossier, num_dossier and "N° dossier" are alike.
func plainName(s string) string {
	var b strings.Builder
	lower, gap := false, false
	for _, r := range norm.NFD.String(strings.NewReplacer("ı", "i", "İ", "i", "°", " ").Replace(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) && r < 0x600:
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if (gap || lower && unicode.IsUpper(r)) && b.Len() > 0 {
				b.WriteByte(' ')
			}
			lower, gap = unicode.IsLower(r), false
			b.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return b.String()
}

// meansName tells whether a column of that plain name goes by one of the names.
func meansName(plain string, names []string) bool {
	plain = strings.TrimSpace(strings.TrimRight(plain, "0123456789"))
	for _, article := range []string{" de la ", " de l ", " du ", " de ", " d ", " del ", " of "} {
		plain = strings.ReplaceAll(plain, article, " ")
	}
	for _, n := range names {
		if plain == n {
			return true
		}
	}
	return false
}

// targetOf guesses which unified table a table becomes, by its name; empty
// where no word of it is known.
func targetOf(table string) string {
	plain := plainName(table)
	plain = strings.TrimPrefix(plain, "dbo ")
	for _, s := range subjects {
		for _, w := range s.words {
			if strings.HasPrefix(plain, w) || strings.Contains(" "+plain, " "+w) {
				return s.target
			}
		}
	}
	return ""
}
