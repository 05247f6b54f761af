package draft_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/draft"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
)

// seen profiles a table of texts: its columns, then its rows, parted by |.
func seen(name, columns string, rows ...string) profile.Table {
	t := extract.Table{Name: name}
	for c := range strings.SplitSeq(columns, "|") {
		t.Columns = append(t.Columns, extract.Column{Name: c, Type: "varchar(100)"})
	}
	p := profile.New(t, profile.Options{Values: true})
	for range 12 { // as often as a code must stand there to be one
		for _, r := range rows {
			var row []sih.Raw
			for s := range strings.SplitSeq(r, "|") {
				row = append(row, sih.Text(s))
			}
			p.Row(row)
		}
	}
	out := p.Table()
	out.Key = &profile.Key{Columns: []string{t.Columns[0].Name}}
	return out
}

// TestNew drafts a patient and a stay in five languages: what is found must be
// found in each, and the files must be read by the mapping language.
func TestNew(t *testing.T) {
	for _, tt := range []struct{ name, patient, columns, stay, stayColumns string }{
		{"French", "Malades", "id_patient|nom|prenom|date_naissance|sexe|cin|telephone|couleur", "T_SEJOUR", "num|id_patient|date_entree|date_sortie"},
		{"Spanish", "dbo.PACIENTES", "NHC|APELLIDO1|NOMBRE|FECHA_NAC|SEXO|DNI|TELEFONO|COLOR", "dbo.EPISODIOS", "NUM|NHC|FECHA_ING|FECHA_ALTA"},
		{"Turkish", "HASTA", "HASTA_NO|SOYADI|ADI|DOGUM_TARIHI|CINSIYETI|KIMLIK_NO|TELEFON|RENK", "PROTOKOL", "NO|HASTA_NO|GIRIS_TARIHI|CIKIS_TARIHI"},
		{"English", "patient_data", "pid|lname|fname|DOB|sex|ss|phone_home|colour", "Admissions", "id|pid|AdmissionDate|DischargeDate"},
		{"Arabic", "المرضى", "رقم الملف|النسب|الاسم|تاريخ الازدياد|الجنس|البطاقة الوطنية|الهاتف|اللون", "زيارة", "رقم|رقم الملف|تاريخ الدخول|تاريخ الخروج"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := draft.New("x", rule.New(rule.Profile{}), []profile.Table{
				seen(tt.patient, tt.columns, "1|ALAMI|Mohamed|12/03/1985|M|AB123456|0661234567|", "2|IDRISSI|Sara|01/07/1990|F|K104567|0662345678|"),
				seen(tt.stay, tt.stayColumns, "7|1|02/01/2024|05/01/2024", "8|2|02/01/2024|09/01/2024"),
				seen("journal", "a|b", "1|2"),
				seen("divers", "numero|"+strings.Split(tt.stayColumns, "|")[1], "1|2"),
			})
			var got []string
			for _, f := range d.Tables[0].Fields {
				got = append(got, f.Name)
			}
			for _, want := range []string{"local_id", "family_name", "given_name", "birth_date", "sex", "cin", "phone"} {
				if !slices.Contains(got, want) {
					t.Errorf("%s was not found, but %q", want, got)
				}
			}
			if d.Tables[1].Target == nil || d.Tables[1].Target.Name != "encounter" {
				t.Fatalf("the stay's target is %v", d.Tables[1].Target)
			}
			var text string
			fsys := fstest.MapFS{}
			for _, f := range d.Files() {
				fsys[f.Name] = &fstest.MapFile{Data: f.Text}
				text += string(f.Text)
			}
			if _, err := mapping.Load(fsys); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
			for _, want := range []string{"birth: \"dd/MM/yyyy\"", "start_ts: {from: ", "source_person_id: {of: ", "journal: \"to be decided\"", " leads to " + tt.patient + "\"", "class is required", "M,,,draft,"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in the draft:\n%s", want, text)
				}
			}
		})
	}
}

// A draft in which every table has a target is read by the mapping language too.
func TestNothingLeft(t *testing.T) {
	d := draft.New("x", rule.New(rule.Profile{}), []profile.Table{
		seen("Malades", "id_patient|nom|prenom|date_naissance|sexe", "1|ALAMI|Mohamed|12/03/1985|M", "2|IDRISSI|Sara|01/07/1990|F"),
	})
	fsys := fstest.MapFS{}
	for _, f := range d.Files() {
		fsys[f.Name] = &fstest.MapFile{Data: f.Text}
	}
	if _, err := mapping.Load(fsys); err != nil || fsys["malades.yaml"] == nil {
		t.Errorf("got the files %v, error %v", fsys, err)
	}
}
