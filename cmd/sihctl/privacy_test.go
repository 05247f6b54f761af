package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// people says where each source tells who a patient is.
var people = []struct {
	source, table string
	// names are looked for word by word; exact values as they are written.
	names, exact []string
}{
	{"enova", "patient",
		[]string{"nom", "prenom", "nom_jeune_fille", "nom_ar", "prenom_ar", "nom_pere", "nom_mere"},
		[]string{"cin", "idcs", "passeport", "num_amo", "telephone", "adresse"}},
	{"hosix", "dbo.PACIENTES",
		[]string{"APELLIDO1", "APELLIDO2", "NOMBRE", "APELLIDO_AR", "NOMBRE_AR", "NOMBRE_PADRE", "NOMBRE_MADRE"},
		[]string{"DNI", "CIN_TUTOR", "IDCS", "PASAPORTE", "NUM_SEGURO", "TELEFONO", "DOMICILIO"}},
	{"hosix", "dbo.PACIENTES_DOMICILIOS", nil, []string{"DOMICILIO"}},
	{"bilmed", "dbo.HASTA",
		[]string{"ADI", "SOYADI", "KIZLIK_SOYADI", "ADI_AR", "SOYADI_AR", "BABA_ADI", "ANA_ADI"},
		[]string{"TC_KIMLIK_NO", "KIMLIK_NO", "IDCS", "SIGORTA_NO", "TELEFON", "ADRES"}},
	{"dedalus", "PATIENT",
		[]string{"NOM_USUEL", "NOM_NAISSANCE", "PRENOM", "PRENOM_PERE", "NOM_MERE"},
		[]string{"CIN", "IDCS", "NUM_SECU", "TEL", "ADRESSE"}},
	{"essp", "Fichier patients", []string{"Nom et prénom"}, []string{"CIN", "Téléphone", "Adresse", "N° immatriculation"}},
}

// secrets are values of patients that must stay in the snapshots, the stage
// files and the store.
type secrets struct {
	words map[string]bool // of names, at least five letters, lower case
	exact []string        // at least six characters, lower case
}

// readSecrets gathers them from the snapshots of a migrated region.
func readSecrets(dir string) (*secrets, error) {
	out := &secrets{words: map[string]bool{}}
	exact := map[string]bool{}
	for _, p := range people {
		snap, err := snapshot.Open(filepath.Join(dir, "snapshots", p.source))
		if err != nil {
			return nil, err
		}
		table, ok := snap.Table(p.table)
		if !ok {
			return nil, fmt.Errorf("%s has no table %s", p.source, p.table)
		}
		column := func(name string) int {
			for i, c := range table.Columns {
				if c.Name == name {
					return i
				}
			}
			return -1
		}
		for _, name := range append(slices.Clone(p.names), p.exact...) {
			if column(name) < 0 {
				return nil, fmt.Errorf("%s.%s has no column %s", p.source, p.table, name)
			}
		}
		for _, c := range table.Chunks {
			for row, err := range snap.Rows(table, c) {
				if err != nil {
					return nil, err
				}
				for _, name := range p.names {
					for _, w := range words(row[column(name)].Text) {
						if len([]rune(w)) >= 5 {
							out.words[w] = true
						}
					}
				}
				for _, name := range p.exact {
					if v := strings.TrimSpace(strings.ToLower(row[column(name)].Text)); len(v) >= 6 {
						exact[v] = true
					}
				}
			}
		}
	}
	for v := range exact {
		out.exact = append(out.exact, v)
	}
	slices.Sort(out.exact)
	return out, nil
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
}

// find returns the first secret that a text tells.
func (s *secrets) find(text string) (string, bool) {
	for _, w := range words(text) {
		if s.words[w] {
			return w, true
		}
	}
	text = strings.ToLower(text)
	for _, v := range s.exact {
		if strings.Contains(text, v) {
			return v, true
		}
	}
	return "", false
}

// private holds that neither what a command said, nor the ledger, nor the name
// of a file tells of a patient.
func (s *site) private(e ended) {
	s.t.Helper()
	for where, text := range map[string]string{
		"stdout": strings.ReplaceAll(e.stdout, s.dir, "DIR"), "stderr": strings.ReplaceAll(e.stderr, s.dir, "DIR"), "the ledger": s.ledger(),
	} {
		if v, ok := s.region.secrets.find(text); ok {
			s.t.Errorf("%s tells of a patient: %q", where, v)
		}
	}
	names, err := fileNames(s.dir)
	if err != nil {
		s.t.Error(err)
	}
	if v, ok := s.region.secrets.find(strings.Join(names, "\n")); ok {
		s.t.Errorf("the name of a file tells of a patient: %q", v)
	}
}

// ledger returns all that the site's ledger holds, as text; nothing where
// there is none that can be read.
func (s *site) ledger() string {
	conn, err := sqlite.OpenConn(s.path("sihctl.db"), sqlite.OpenReadOnly)
	if err != nil {
		return ""
	}
	defer conn.Close()
	var b strings.Builder
	var tables []string
	add := func(stmt *sqlite.Stmt) error {
		for i := range stmt.ColumnCount() {
			b.WriteString(stmt.ColumnText(i) + "\n")
		}
		return nil
	}
	_ = sqlitex.Execute(conn, "SELECT name FROM sqlite_schema WHERE type = 'table'", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		tables = append(tables, stmt.ColumnText(0))
		return nil
	}})
	for _, table := range tables {
		_ = sqlitex.Execute(conn, "SELECT * FROM "+table, &sqlitex.ExecOptions{ResultFunc: add})
	}
	return b.String()
}

// TestPrivacy runs what a user runs, in both forms, and what goes wrong, on
// sources whose every column has broken values. All other tests that run a
// site's commands hold the same.
func TestPrivacy(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	if len(r.secrets.words) < 100 || len(r.secrets.exact) < 200 {
		t.Fatalf("got %d words and %d values to look for; want a region's worth", len(r.secrets.words), len(r.secrets.exact))
	}
	s := r.whole(t)
	// The search itself must find what there is to be found.
	cat := s.path("stage/enova/patient/000000.00.stage")
	var shown strings.Builder
	if c := run([]string{"stage", "cat", cat}, &shown, &shown); c != exitDone {
		t.Fatalf("stage cat ended with %d", c)
	}
	if _, ok := r.secrets.find(shown.String()); !ok {
		t.Fatal("no patient was found in a stage file of patients")
	}
	for _, args := range [][]string{
		{"status"}, {"migrate", "--dry-run"}, {"extract"}, {"transform"}, {"match"}, {"load"}, {"reconcile", "--unmasked"}, {"migrate"},
		{"status", "--output", "json"}, {"migrate", "--output", "json"},
	} {
		s.must(exitDone, args...)
	}
	// A broken value in every column of every table.
	spoilt := r.whole(t)
	spoilt.remove("unified.db", "stage", "match", "load")
	const canary = "zzqxcanary"
	for _, source := range sources {
		spoilt.rewrite(source, func(_ extract.Table, n int, row extract.Row) []extract.Row {
			row[n%len(row)] = sih.Raw{Text: canary + " 31/31/2020 -1,2,3"}
			return []extract.Row{row}
		})
	}
	for _, form := range []string{"text", "json"} {
		e := spoilt.run("migrate", "--output", form)
		if e.code != exitDone && e.code != exitDiffers {
			t.Errorf("got exit code %d; stderr:\n%s", e.code, e.stderr)
		}
		if strings.Contains(e.stdout+e.stderr+spoilt.ledger(), canary) {
			t.Errorf("%s: a broken value shows:\n%s", form, e.stderr)
		}
	}
	tables, err := readTables(spoilt.path("unified.db"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(tables["reject"], "\n"), canary) {
		t.Error("no broken value was rejected: nothing was tried")
	}
}
