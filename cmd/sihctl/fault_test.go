package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/mappings"
	"github.com/xuri/excelize/v2"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// A fault is something wrong with a project that was in order.
type fault struct {
	name  string
	make  func(*site)
	code  int
	words []string // what the one sentence must say
	mend  func(*site)
}

var faults = []fault{
	{
		"damaged chunk", func(s *site) { s.flip("snapshots/enova/data/patient/000000.00.json.zst") },
		exitDamaged, []string{"snapshots/enova is damaged", "data/patient/000000.00.json.zst"},
		func(s *site) { s.restore("snapshots/enova") },
	},
	{
		"unfinished snapshot", func(s *site) { s.remove("snapshots/hosix/manifest.json") },
		exitDamaged, []string{"extract hosix", "not finished"},
		func(s *site) { s.restore("snapshots/hosix") },
	},
	{
		"torn manifest", func(s *site) { s.write("snapshots/bilmed/manifest.json", "{") },
		exitDamaged, []string{"snapshots/bilmed is damaged", "manifest.json"},
		func(s *site) { s.restore("snapshots/bilmed") },
	},
	{
		// Extraction knows no mapping: it is the mapping that misses it.
		"missing CSV column", func(s *site) {
			s.remove("snapshots/dedalus")
			s.edit("incoming/dedalus/PATIENT.csv", ";CIN;", ";C_I_N;")
		},
		exitUsage, []string{"patient.yaml:", `table PATIENT has no column "CIN"`},
		func(s *site) { s.remove("snapshots/dedalus"); s.restore("incoming/dedalus") },
	},
	{
		"missing CSV file", func(s *site) { s.remove("snapshots/dedalus", "incoming/dedalus/PATIENT.csv") },
		exitUsage, []string{"patient.yaml maps table PATIENT", "source dedalus"},
		func(s *site) { s.remove("snapshots/dedalus"); s.restore("incoming/dedalus") },
	},
	{
		"unmapped CSV file", func(s *site) { s.remove("snapshots/dedalus"); s.write("incoming/dedalus/EXTRA.csv", "A;B\n1;2\n") },
		exitUsage, []string{"no mapping for table EXTRA of source dedalus"},
		func(s *site) { s.remove("snapshots/dedalus", "incoming/dedalus/EXTRA.csv") },
	},
	{
		"empty CSV file", func(s *site) { s.remove("snapshots/dedalus"); s.write("incoming/dedalus/PATIENT.csv", "") },
		exitUnreachable, []string{"extract dedalus", "PATIENT.csv", "empty"},
		func(s *site) { s.remove("snapshots/dedalus"); s.restore("incoming/dedalus") },
	},
	{
		"missing source folder", func(s *site) { s.remove("snapshots/dedalus", "incoming/dedalus") },
		exitUnreachable, []string{"extract dedalus", "no such file or directory", "hint: mend path"},
		func(s *site) { s.remove("snapshots/dedalus"); s.restore("incoming/dedalus") },
	},
	{
		"missing snapshot", func(s *site) { s.remove("snapshots/enova") },
		exitUnreachable, []string{"extract enova", "hint: put the snapshot"},
		func(s *site) { s.restore("snapshots/enova") },
	},
	{
		"old workbook", func(s *site) {
			s.remove("snapshots/essp")
			s.write("incoming/essp/ESSP_0001_2018.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on")
		},
		exitUnreachable, []string{"extract essp", "ESSP_0001_2018.xls", "no xlsx workbook", "hint: convert it"},
		func(s *site) { s.remove("snapshots/essp"); s.restore("incoming/essp") },
	},
	{
		"torn workbook", func(s *site) {
			s.remove("snapshots/essp")
			text := s.content("incoming/essp/ESSP_0001_2019.xlsx")
			s.write("incoming/essp/ESSP_0001_2019.xlsx", text[:len(text)/2])
		},
		exitUnreachable, []string{"extract essp", "ESSP_0001_2019.xlsx"},
		func(s *site) { s.remove("snapshots/essp"); s.restore("incoming/essp") },
	},
	{
		"mapping names an unknown column", func(s *site) { s.editMapping("patient.yaml", "NOM_NAISSANCE,", "NOM_NAISSANSE,") },
		exitUsage, []string{"patient.yaml:13:21:", "maiden_name", `did you mean "NOM_NAISSANCE"?`},
		func(s *site) { s.remove("mappings") },
	},
	{
		"mapping names an unknown unified column", func(s *site) { s.editMapping("patient.yaml", "maiden_name:", "maiden_nam:") },
		exitUsage, []string{"patient.yaml:13:5:", `no column "maiden_nam"`, `did you mean "maiden_name"?`},
		func(s *site) { s.remove("mappings") },
	},
	{
		"mapping points at a table that is not there", func(s *site) {
			s.editMapping("sejour.yaml", "{of: PATIENT, key: [FINESS, IPP]}", "{of: PATIENTS, key: [FINESS, IPP]}")
		},
		exitUsage, []string{"sejour.yaml:7:23:", `no table "PATIENTS"`, `did you mean "PATIENT"?`},
		func(s *site) { s.remove("mappings") },
	},
	{
		"mapping points by half a key", func(s *site) {
			s.editMapping("sejour.yaml", "{of: PATIENT, key: [FINESS, IPP]}", "{of: PATIENT, key: [IPP]}")
		},
		exitUsage, []string{"sejour.yaml:7:23:", "the key of PATIENT has 2 columns, not 1"},
		func(s *site) { s.remove("mappings") },
	},
	{
		"source of an unknown facility", func(s *site) {
			s.edit("sihctl.yaml", "path: incoming/dedalus", "path: incoming/dedalus\n    facility: H-nowhere")
		},
		exitUsage, []string{`facility "H-nowhere" of source dedalus is not in the master list`},
		func(s *site) { s.restore("sihctl.yaml") },
	},
	{
		"mapping is no YAML", func(s *site) { s.editMapping("patient.yaml", "steps: [cin]", "steps: [cin") },
		exitUsage, []string{"patient.yaml:", ":1: not YAML"},
		func(s *site) { s.remove("mappings") },
	},
	{
		"code list is no CSV", func(s *site) { s.editMapping("codes/sexe.csv", "\n", "\n\"") },
		exitUsage, []string{"patient.yaml:15:", "codes/sexe.csv:"},
		func(s *site) { s.remove("mappings") },
	},
	{
		"facility of an unknown kind", func(s *site) {
			s.write("facilities.csv", s.content("facilities.csv")+"X-1,nonsense,,,,,,,1,\n")
		},
		exitUsage, []string{"facilities.csv:", `kind "nonsense"`},
		func(s *site) { s.restore("facilities.csv") },
	},
	{
		"facility twice", func(s *site) {
			text := s.content("facilities.csv")
			last := text[strings.LastIndex(strings.TrimSpace(text), "\n")+1:]
			s.write("facilities.csv", text+last)
		},
		exitUsage, []string{"facilities.csv:", "twice"},
		func(s *site) { s.restore("facilities.csv") },
	},
	{
		"config is no YAML", func(s *site) { s.edit("sihctl.yaml", "country: ma", "country: [ma") },
		exitUsage, []string{"sihctl.yaml:"},
		func(s *site) { s.restore("sihctl.yaml") },
	},
	{
		"target's folder is missing", func(s *site) { s.edit("sihctl.yaml", "path: unified.db", "path: nowhere/unified.db") },
		exitUnreachable, []string{"nowhere/unified.db", "no such file or directory"},
		func(s *site) { s.restore("sihctl.yaml") },
	},
}

// TestFaults holds of each fault that it is told in one sentence, with the
// right exit code, that the store stays as it was, and that the next run is as
// good as an undisturbed one once the fault is mended.
func TestFaults(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := r.whole(t)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			s.t = t
			before, sheets := s.content("unified.db"), s.content("reconciliation.xlsx")
			f.make(s)
			e := s.run("migrate")
			if e.code != f.code {
				t.Errorf("got exit code %d, want %d; stderr:\n%s", e.code, f.code, e.stderr)
			}
			e.oneSentence(t, f.words...)
			if e.stdout != "" {
				t.Errorf("stdout is not empty:\n%s", e.stdout)
			}
			if s.content("unified.db") != before || s.content("reconciliation.xlsx") != sheets {
				t.Error("the store or the workbook has changed")
			}
			if _, err := os.Lstat(s.path("unified.db.partial")); err == nil {
				t.Error("there is half a store")
			}
			f.mend(s)
			s.demo()
		})
	}
	s.t = t
	s.equal("after all faults")

	// The same without a store from before: there is none after the fault.
	s = r.fresh(t)
	for _, f := range faults[:4] {
		f.make(s)
		if e := s.run("migrate"); e.code != f.code {
			t.Errorf("%s, without a store: got exit code %d, want %d; stderr:\n%s", f.name, e.code, f.code, e.stderr)
		}
		if s.content("unified.db") != "" || s.content("reconciliation.xlsx") != "" {
			t.Errorf("%s: a store or workbook was made", f.name)
		}
		f.mend(s)
		s.remove("snapshots/dedalus", "snapshots/essp")
	}
	s.demo()
	s.equal("after faults without a store")
}

// TestForeignTarget holds that a file that is no store of this program's
// schema is never touched, and that --project elsewhere is not either.
func TestForeignTarget(t *testing.T) {
	r := sharedRegion(t)
	s := r.whole(t)
	s.execute("foreign.db", "CREATE TABLE ward (name TEXT); INSERT INTO ward VALUES ('A');")
	s.write("other.db", s.content("unified.db"))
	s.execute("other.db", "PRAGMA user_version = 99;")
	s.write("letter.db", "Dear reader")
	for name, words := range map[string]string{"foreign.db": "not a unified store", "other.db": "another schema version", "letter.db": "not a unified store"} {
		before := s.content(name)
		t.Setenv("SIHCTL_TARGET", name)
		for _, args := range [][]string{{"migrate", "--replace"}, {"reconcile"}} {
			e := s.must(exitUnreachable, args...)
			e.oneSentence(t, words, name)
		}
		if s.content(name) != before {
			t.Errorf("%s was changed", name)
		}
	}
}

// TestHeld holds that nothing begins while another run holds the project.
func TestHeld(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := r.whole(t)
	p, err := project.Open(s.dir)
	s.check(err)
	lock, err := p.Lock("migrate")
	s.check(err)
	for _, command := range []string{"extract", "match", "migrate"} {
		s.must(exitHeld, command).oneSentence(t, "another run holds the project", "process")
	}
	s.must(exitDone, "status")
	s.check(lock.Release())
	s.must(exitDone, "migrate")
}

// TestLostStore holds that a store that was taken away or damaged is told of,
// and that nothing empty takes its place.
func TestLostStore(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.remove("unified.db")
	s.must(exitUsage, "reconcile").oneSentence(t, "the run is not loaded", "hint: run `sihctl load` first")
	if _, err := os.Lstat(s.path("unified.db")); err == nil {
		t.Error("reconcile has made a store of its own")
	}
	s.demo()
	s.equal("loaded again")
	s.write("unified.db", s.content("unified.db")[:100])
	s.must(exitFailed, "reconcile").oneSentence(t, "unified.db", "damaged")
	s.must(exitFailed, "migrate").oneSentence(t, "unified.db", "damaged")
}

// TestJunkInSheets holds that a register with merged titles above its header
// and junk beside its rows is read: every row that was there is still there,
// and what stands beside is counted.
func TestJunkInSheets(t *testing.T) {
	unraced(t)
	r := sharedRegion(t)
	s := r.whole(t)
	name := s.path("incoming/essp/ESSP_0001_2023.xlsx")
	f, err := excelize.OpenFile(name)
	s.check(err)
	const sheet = "Fichier patients"
	rows, err := f.GetRows(sheet)
	s.check(err)
	s.check(f.InsertRows(sheet, 1, 3))
	s.check(f.SetCellValue(sheet, "A1", "REGISTRE DU CENTRE, TOUTES PAGES"))
	s.check(f.MergeCell(sheet, "A1", "M2"))
	s.check(f.SetCellValue(sheet, "P6", "vu"))
	s.check(f.SetCellValue(sheet, "B500", "Total de la page"))
	s.check(f.SaveAs(name))
	s.check(f.Close())
	if len(rows) < 4 {
		t.Fatalf("the register has %d rows: too few to tell", len(rows))
	}
	accepted := func(s *site) (accepted, extracted int64) {
		e := s.demo("--output", "json")
		var got struct{ Migrate migrateResult }
		s.check(json.Unmarshal([]byte(e.stdout), &got))
		if !got.Migrate.Reconcile.Balanced {
			t.Error("it does not balance")
		}
		for _, x := range got.Migrate.Transform.Sources {
			if x.Source == "essp" {
				accepted, extracted = x.Accepted, x.Extracted
			}
		}
		return accepted, extracted
	}
	wantAccepted, wantExtracted := accepted(r.whole(t))
	s.remove("snapshots/essp", "stage", "match", "load")
	gotAccepted, gotExtracted := accepted(s)
	if gotAccepted != wantAccepted {
		t.Errorf("got %d rows accepted, want %d as without the junk", gotAccepted, wantAccepted)
	}
	if gotExtracted <= wantExtracted {
		t.Errorf("got %d records extracted, want more than the %d without the junk: it is not counted", gotExtracted, wantExtracted)
	}
}

// flip changes a bit in the middle of a file.
func (s *site) flip(name string) {
	s.t.Helper()
	data := []byte(s.content(name))
	data[len(data)/2] ^= 1
	s.write(name, string(data))
}

// restore puts a file or folder of the region back.
func (s *site) restore(name string) {
	s.t.Helper()
	from := filepath.Join(s.region.dir, filepath.FromSlash(name))
	s.check(os.RemoveAll(s.path(name)))
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		s.check(os.CopyFS(s.path(name), os.DirFS(from)))
		return
	}
	data, err := os.ReadFile(from)
	s.check(err)
	s.write(name, string(data))
}

// editMapping gives the site a mapping of dedalus of its own, changed.
func (s *site) editMapping(name, old, text string) {
	s.t.Helper()
	files, ok := mappings.System("dedalus")
	if !ok {
		s.t.Fatal("there is no mapping of dedalus")
	}
	s.check(os.CopyFS(s.path("mappings/dedalus"), files))
	s.check(os.Chmod(s.path("mappings/dedalus/"+name), 0o600))
	s.edit("mappings/dedalus/"+name, old, text)
}

// execute runs a script of SQL on a database, which it makes where there is
// none.
func (s *site) execute(name, script string) {
	s.t.Helper()
	conn, err := sqlite.OpenConn(s.path(name), sqlite.OpenReadWrite, sqlite.OpenCreate)
	s.check(err)
	s.check(sqlitex.ExecuteScript(conn, script, nil))
	s.check(conn.Close())
}
