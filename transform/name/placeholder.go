package name

// Placeholder tells whether s stands for a name that is not known: a newborn
// ("bébé de …", "BB", "NN"), an unknown ("X", "INCONNU", "مجهول"), or nothing
// but signs. Such records are never merged automatically.
func Placeholder(s string) bool {
	var t tokens
	t.split(s)
	if t.n == 0 {
		return true
	}
	repeated := true
	for i := range t.n {
		w := t.bytes(i)
		if t.list[i].arabic {
			switch string(w) {
			case "mjhwl", "mjhwlp", "mjhwlh", "rDyE", "rDyEp", "rDyEh":
				return true
			}
			repeated = false
			continue
		}
		switch string(w) { // a final é reads as a
		case "bebe", "beba", "bb", "nn", "inconnu", "inconnue", "inconu", "unknown", "anonyme", "newborn", "nouveaune", "nouveaunee", "desconocido", "desconocida",
			"bilinmiyor", "bilinmeyen", "bebek", "bebegi", "neonato", "jumeau", "jumelle", "nonidentifie", "sansnom", "neant", "xy":
			return true
		case "ne", "nee":
			if i > 0 && string(t.bytes(i-1)) == "nouveau" {
				return true
			}
		case "identifie", "identifia", "identifiee":
			if i > 0 && string(t.bytes(i-1)) == "non" {
				return true
			}
		case "nom", "prenom":
			if i > 0 && string(t.bytes(i-1)) == "sans" {
				return true
			}
		case "nacido", "nacida":
			if i > 0 && string(t.bytes(i-1)) == "recien" {
				return true
			}
		}
		for _, c := range w {
			repeated = repeated && c == w[0]
		}
	}
	if t.list[0].arabic {
		// مولود is also a given name, Mouloud. Alone it is taken for a newborn:
		// the cost is a question to a human, not a wrong merge.
		first := string(t.bytes(0))
		return (first == "mwlwd" || first == "mwlwdp" || first == "mwlwdh") && (t.n == 1 || string(t.bytes(1)) == "jdyd" || string(t.bytes(1)) == "jdydp")
	}
	// X, XX, XXX, N N.
	return repeated && (t.n == 1 || len(t.bytes(0)) == 1 && string(t.bytes(0)) == string(t.bytes(1)))
}

// Test tells whether s is the name of a test patient.
func Test(s string) bool {
	var t tokens
	t.split(s)
	for i := range t.n {
		w := t.bytes(i)
		if t.list[i].arabic {
			switch string(w) {
			case "tjrbp", "tjrbh", "AxtbAr", "tjryby", "tyst":
				return true
			}
			continue
		}
		switch string(w) {
		case "test", "teste", "testing", "tests", "testt", "essai", "essais", "prueba", "pruebas", "deneme", "demo", "formation", "dummy", "fictif", "fictive", "zztest", "testpatient", "patienttest", "azerty", "qwerty", "toto":
			return true
		}
	}
	return false
}
