package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract"
)

// inspected runs inspect on a site and holds that it tells of no patient.
func inspected(s *site, args ...string) string {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	if c := run(append([]string{"inspect", "--project", s.dir}, args...), &stdout, &stderr); c != exitDone {
		s.t.Fatalf("got exit code %d; stderr:\n%s", c, &stderr)
	}
	isPrivate(s, "inspect "+strings.Join(args, " "), stdout.String()+stderr.String())
	return stdout.String()
}

// isPrivate holds that a text tells of no patient. What some wrote in place of
// a number, 99999999999, is just what the pattern of any other looks like.
func isPrivate(s *site, where, text string) {
	s.t.Helper()
	known := secrets{words: s.region.secrets.words}
	for _, v := range s.region.secrets.exact {
		if strings.Trim(v, "9") != "" {
			known.exact = append(known.exact, v)
		}
	}
	if v, ok := known.find(strings.ReplaceAll(text, s.dir, "DIR")); ok {
		s.t.Errorf("%s tells of a patient: %q", where, v)
	}
}

// TestInspectIsPrivate inspects a region in every form: it shows what is known
// of each table, reads the same rows whatever the form, writes nothing beside
// the workbook, and tells of no patient.
func TestInspectIsPrivate(t *testing.T) {
	r := sharedRegion(t)
	s := r.whole(t)
	before, err := fileNames(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	book := filepath.Join(t.TempDir(), "profile.xlsx")
	inspected(s, "--out", book)
	var got inspectResult
	if err := json.Unmarshal([]byte(inspected(s, "--output", "json")), &got); err != nil {
		t.Fatal(err)
	}
	tables, findings := 0, 0
	leads := map[string]bool{}
	for _, source := range got.Sources {
		for _, table := range source.Tables {
			tables++
			findings += len(table.Findings)
			for _, r := range table.References {
				leads[string(source.Source)+" "+table.Table+" "+r.Column+" → "+r.Table+" "+r.Key] = true
			}
			for _, c := range table.Columns {
				if c.Values != nil {
					t.Errorf("%s %s %s has values that were not asked for", source.Source, table.Table, c.Column)
				}
				if n := c.Nulls + c.Empty + c.Valued; n != table.Rows {
					t.Errorf("%s %s %s counts %d of %d rows", source.Source, table.Table, c.Column, n, table.Rows)
				}
			}
		}
	}
	if len(got.Sources) != len(sources) || tables < 40 || findings < 40 {
		t.Errorf("got %d sources, %d tables, %d findings; want a region's worth", len(got.Sources), tables, findings)
	}

	// What leads where is found in each system.
	for _, lead := range []string{
		"hosix dbo.EPISODIOS NHC → dbo.PACIENTES NHC", "enova sejour id_patient → patient id_patient", "bilmed dbo.PROTOKOL HASTA_NO → dbo.HASTA HASTA_NO",
		"dedalus SEJOUR IPP → PATIENT IPP", "essp Consultations N° dossier → Fichier patients N° dossier",
	} {
		if !leads[lead] {
			t.Errorf("not found: %s", lead)
		}
	}

	cells, err := readCells(book)
	if err != nil {
		t.Fatal(err)
	}
	for _, sheet := range []string{"To look at", "Tables", "Columns", "References", "Patterns", "Dates"} {
		if len(cells[sheet]) < 10 {
			t.Errorf("sheet %q has %d lines", sheet, len(cells[sheet]))
		}
		isPrivate(s, "sheet "+sheet, strings.Join(cells[sheet], "\n"))
	}
	if len(cells["Values"]) > 0 {
		t.Error("the workbook has values that were not asked for")
	}

	after, err := fileNames(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "the project's files", map[string][]string{"names": before}, map[string][]string{"names": after})
}

// TestInspectValues shows codes when it is asked to, and still no name: of the
// columns of names some have few values, those of the staff.
func TestInspectValues(t *testing.T) {
	s := sharedRegion(t).whole(t)
	got := inspected(s, "hosix", "--values", "--table", "dbo.PACIENTES")
	if !regexp.MustCompile(`(?m)^SEXO +"H" +[0-9]+$`).MatchString(got) {
		t.Errorf("no codes of SEXO are shown:\n%s", got)
	}
	got = inspected(s, "essp", "--values", "--table", "Consultations")
	if !strings.Contains(got, "Soignant") || regexp.MustCompile(`(?m)^Soignant +"`).MatchString(got) {
		t.Errorf("the staff is shown:\n%s", got)
	}
}

// TestInspectOrphans takes patients away, and finds just the visits that were
// theirs.
func TestInspectOrphans(t *testing.T) {
	s := sharedRegion(t).whole(t)
	gone, want := map[string]bool{}, int64(0)
	s.rewrite("hosix", func(table extract.Table, n int, row extract.Row) []extract.Row {
		at := func(name string) string {
			return row[slices.IndexFunc(table.Columns, func(c extract.Column) bool { return c.Name == name })].Text
		}
		switch {
		case table.Name == "dbo.PACIENTES" && n < 5:
			gone[at("NHC")] = true
			return nil
		case table.Name == "dbo.EPISODIOS" && gone[at("NHC")]:
			want++
		}
		return []extract.Row{row}
	})
	var got inspectResult
	if err := json.Unmarshal([]byte(inspected(s, "hosix", "--output", "json")), &got); err != nil {
		t.Fatal(err)
	}
	for _, table := range got.Sources[0].Tables {
		for _, r := range table.References {
			if table.Table == "dbo.EPISODIOS" && r.Column == "NHC" && (r.Orphans != want || want == 0 || !r.Exact) {
				t.Errorf("got %+v, want %d orphans", r, want)
			}
		}
	}
	if text := inspected(s, "hosix"); !strings.Contains(text, "leads to no dbo.PACIENTES NHC") {
		t.Errorf("the screen does not tell:\n%s", text)
	}
}

// TestInspectFollowsTheConfig reads the source itself where there is no
// snapshot, and then nothing of what is left out.
func TestInspectFollowsTheConfig(t *testing.T) {
	s := sharedRegion(t).whole(t)
	whole := inspected(s, "dedalus", "--table", "PATIENT", "--output", "json")
	s.remove("snapshots/dedalus")
	direct := inspected(s, "dedalus", "--table", "PATIENT", "--output", "json")
	var a, b inspectResult
	for text, to := range map[string]*inspectResult{whole: &a, direct: &b} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	if a.Sources[0].Snapshot == "" || b.Sources[0].Snapshot != "" {
		t.Errorf("got the snapshots %q and %q, want one and none", a.Sources[0].Snapshot, b.Sources[0].Snapshot)
	}
	first, _ := json.Marshal(a.Sources[0].Tables)
	second, _ := json.Marshal(b.Sources[0].Tables)
	if string(first) != string(second) {
		t.Errorf("the source differs from its snapshot:\n%s\n%s", first, second)
	}
	if _, err := os.Stat(s.path("snapshots/dedalus")); err == nil {
		t.Error("inspect made a snapshot")
	}
}
