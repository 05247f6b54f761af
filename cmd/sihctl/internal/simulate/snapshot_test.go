package simulate_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"golang.org/x/text/encoding/charmap"
)

// canonical says what the text of an SQL type looks like.
var canonical = map[string]*regexp.Regexp{
	"int": regexp.MustCompile(`^-?(0|[1-9]\d*)$`), "date": regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
	"datetime2": regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`), "uniqueidentifier": regexp.MustCompile(`^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`),
	"bit": regexp.MustCompile(`^[01]$`),
}

// fits tells what is wrong with a value of a column, or nothing.
func fits(driver string, c extract.Column, v sih.Raw) string {
	if v.Null {
		if !c.Nullable {
			return "NULL"
		}
		return ""
	}
	base, rest, _ := strings.Cut(c.Type, "(")
	size, after, _ := strings.Cut(rest, ")")
	n, scale, _ := strings.Cut(size, ",")
	limit, _ := strconv.Atoi(n)
	base, _, _ = strings.Cut(base, " ")
	match := canonical[base]
	switch base {
	case "bigint", "smallint", "tinyint":
		match = canonical["int"]
	case "money":
		match = regexp.MustCompile(`^-?\d+\.\d{4}$`)
	case "decimal":
		match = regexp.MustCompile(`^-?\d+\.\d{` + scale + `}$`)
		if digits := strings.Trim(strings.Replace(v.Text, ".", "", 1), "-"); len(digits) > limit {
			return "too many digits"
		}
	case "datetime":
		match = canonical["datetime2"]
		if driver == "sqlserver" {
			match = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$`)
		}
	case "char":
		if have := utf8.RuneCountInString(v.Text); have > limit || driver == "sqlserver" && have != limit {
			return "length " + strconv.Itoa(have)
		}
	case "varchar", "nvarchar":
		if limit > 0 && utf8.RuneCountInString(v.Text) > limit {
			return "too long"
		}
	case "binary":
		if !v.Bytes || len(v.Text) != limit {
			return "not the bytes"
		}
	}
	if match != nil && !match.MatchString(v.Text) {
		return "not canonical"
	}
	if base == "varchar" && driver == "sqlserver" || strings.Contains(after, "latin1") {
		page := charmap.Windows1252
		for _, r := range v.Text {
			_, western := page.EncodeRune(r)
			_, turkish := charmap.Windows1254.EncodeRune(r)
			if !western && !turkish && (r < 0x80 || r > 0x9f) {
				return "not in the column's code page"
			}
		}
	}
	return ""
}

func TestSnapshotsFollowTheirLayouts(t *testing.T) {
	for _, source := range []string{"enova", "hosix", "bilmed"} {
		l := layout(t, source)
		rows := map[string]int{}
		seen := map[string]bool{}
		wrong := 0
		walk(t, source, func(table extract.Table, row extract.Row) {
			rows[table.Name]++
			for i, c := range table.Columns {
				if fault := fits(l.Driver, c, row[i]); fault != "" {
					if wrong++; wrong < 20 {
						t.Errorf("%s.%s.%s %s: %s (%q)", source, table.Name, c.Name, c.Type, fault, row[i].Text)
					}
				}
			}
			if len(table.Key) > 0 {
				k := table.Name + "\x00" + keyOf(t, table, row)
				if seen[k] {
					t.Errorf("%s.%s: a key twice", source, table.Name)
				}
				seen[k] = true
			}
		})
		for _, table := range l.Tables {
			if got, want := rows[table.Name], region.summary.Rows[l.Source][table.Name]; got != want || got == 0 {
				t.Errorf("%s.%s: got %d rows, want %d", source, table.Name, got, want)
			}
		}
	}
}

// reference is a column that points at another table's key.
type reference struct{ table, column, to string }

func TestReferencesHold(t *testing.T) {
	refs := map[string][]reference{
		"enova": {{"sejour", "id_patient", "patient"}, {"resultat_labo", "id_demande", "demande_labo"}, {"resultat_labo", "id_patient", "patient"}, {"acte", "id_sejour", "sejour"}, {"acte", "id_consultation", "consultation"},
			{"facture_ligne", "id_facture", "facture"}, {"encaissement", "id_facture", "facture"}, {"sejour", "id_lit", "lit"}, {"sejour", "id_medecin", "personnel"}, {"dispensation", "id_prescription", "prescription"}, {"patient", "id_fusion", "patient"}, {"sejour", "id_service", "service"}, {"facture", "id_sejour", "sejour"}},
		"hosix":  {{"dbo.EPISODIOS", "NHC", "dbo.PACIENTES"}, {"dbo.RESULTADOS_LAB", "NUM_PETICION", "dbo.PETICIONES_LAB"}, {"dbo.ACTOS", "NUM_EPI", "dbo.EPISODIOS"}, {"dbo.FACTURAS_LIN", "NUM_FACTURA", "dbo.FACTURAS"}, {"dbo.COBROS", "NUM_FACTURA", "dbo.FACTURAS"}, {"dbo.EPISODIOS", "COD_PROF", "dbo.PROFESIONALES"}, {"dbo.PACIENTES", "NHC_FUSION", "dbo.PACIENTES"}, {"dbo.DISPENSACIONES", "ID_PRESCRIPCION", "dbo.PRESCRIPCIONES"}},
		"bilmed": {{"dbo.PROTOKOL", "HASTA_NO", "dbo.HASTA"}, {"dbo.LAB_SONUC", "ISTEM_NO", "dbo.LAB_ISTEM"}, {"dbo.ISLEM", "PROTOKOL_NO", "dbo.PROTOKOL"}, {"dbo.FATURA_SATIR", "FATURA_NO", "dbo.FATURA"}, {"dbo.TAHSILAT", "FATURA_NO", "dbo.FATURA"}, {"dbo.PROTOKOL", "YATAK_ID", "dbo.YATAK"}, {"dbo.HASTA", "BIRLESEN_NO", "dbo.HASTA"}},
	}
	orphans := 0
	for source, list := range refs {
		keys := map[string]bool{}
		walk(t, source, func(table extract.Table, row extract.Row) {
			if len(table.Key) == 1 {
				keys[table.Name+"\x00"+keyOf(t, table, row)] = true
			}
		})
		walk(t, source, func(table extract.Table, row extract.Row) {
			for _, r := range list {
				if r.table != table.Name {
					continue
				}
				v := row[column(t, table, r.column)]
				if v.Null || keys[r.to+"\x00"+v.Text] {
					continue
				}
				if n, _ := strconv.Atoi(v.Text); n < 50000000 { // orphans are far off
					t.Errorf("%s.%s.%s points at nothing", source, r.table, r.column)
				}
				orphans++
			}
		})
	}
	if d := region.summary.Defects; orphans == 0 || orphans > d.OrphanStays+d.OrphanActs {
		t.Errorf("got %d orphans, want at most %d", orphans, d.OrphanStays+d.OrphanActs)
	}
}
