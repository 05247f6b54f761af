package french_test

import (
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/french"
)

func TestCatalogue(t *testing.T) {
	if err := french.Check(); err != nil {
		t.Fatal(err)
	}
}

func TestSay(t *testing.T) {
	for english, want := range map[string]string{
		"":                            "",
		"dbo.PACIENTES":               "dbo.PACIENTES",
		"one table will be read":      "une table sera lue",
		"12 tables will be read":      "12 tables seront lues",
		"Nothing that anybody knows.": "Nothing that anybody knows.",
		// A whole with a colon goes before its parts.
		"sihctl.yaml is read: rabat, 2 sources": "sihctl.yaml\u00a0: lecture correcte\u00a0; projet rabat, 2 sources",
		// Errors within errors.
		"extract khemisset: read config: open a b.yaml: no such file or directory": "extraction de khemisset\u00a0: lecture de la configuration\u00a0: ouverture de a b.yaml\u00a0: fichier ou dossier inexistant",
		// A fault of the config, its advice behind a semicolon.
		`mission.yaml:2:1: unknown field "targget" in the mission; did you mean "target"?`: "mission.yaml:2:1\u00a0: champ inconnu \"targget\" dans la mission\u00a0; vouliez-vous dire \"target\"\u00a0?",
		// What is known of a text is said, the rest stays.
		"note: enova: nobody knows this": "remarque\u00a0: enova: nobody knows this",
		// A known word before a sentence that begins with a name.
		"note: enova: two views, 23:26:23 and 23:26:41: 8 tables are read again in the last one":                   "remarque\u00a0: enova\u00a0: deux vues, 23:26:23 et 23:26:41\u00a0: 8 tables sont relues dans la dernière",
		"4 views, 23:04, 23:05, 01:17 and 02:00: one table was read again in the last one, of which 2 had changed": "4 vues, 23:04, 23:05, 01:17 et 02:00\u00a0: une table a été relue dans la dernière, dont 2 avaient changé",
		"check the name after the / of the DSN; GRANT SELECT ON database.* TO 'sihctl'@'this-host'":                "vérifiez le nom après le / du DSN\u00a0; GRANT SELECT ON base.* TO 'sihctl'@'cette-machine'",
		"a recipient is not an age recipient, which begins with age1":                                              "un destinataire n'est pas une clé age, qui commence par age1",
		// A name with the words of a sentence is no sentence.
		`unknown field "it is damaged" in the config`: `champ inconnu "it is damaged" dans la configuration`,
	} {
		if got := french.Say(english); got != want {
			t.Errorf("%q:\n got %q\nwant %q", english, got, want)
		}
	}
}

// FuzzSay holds that no text is too strange, and that what is French already, or
// nobody's, comes back as it is.
func FuzzSay(f *testing.F) {
	for _, format := range french.Formats() {
		f.Add(format)
	}
	f.Add("a: b; c\n: ; %s")
	f.Fuzz(func(t *testing.T, text string) {
		if french.Say(text) == "" && text != "" {
			t.Errorf("%q: got nothing", text)
		}
	})
}

func BenchmarkSay(b *testing.B) {
	for b.Loop() {
		french.Say("extract khemisset: connect to 10.1.2.3:1433: the server cannot be reached: the machine does not answer")
	}
}
