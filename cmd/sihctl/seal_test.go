package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/xuri/excelize/v2"
)

// TestSeal holds that a workbook is sealed when only the cells that were to be
// filled in say something else, and that the seal is in the audit log.
func TestSeal(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.must(exitDone, "reconcile", "--lang", "en")
	edited := func(name string, edit func(f *excelize.File) error) string {
		f, err := excelize.OpenFile(s.path("reconciliation.xlsx"))
		s.check(err)
		defer f.Close()
		s.check(edit(f))
		s.check(f.SaveAs(s.path(name)))
		return s.path(name)
	}
	var r pipeline.SealReport
	s.json(&r, "seal", edited("signed.xlsx", func(f *excelize.File) error { return f.SetCellStr("Sign-off", "B5", "The engineer") }))
	if r.Filled != 1 || len(r.SHA256) != 64 || r.SHA256 == r.Written {
		t.Errorf("a workbook with one signature is sealed as %+v", r)
	}
	if log := s.must(exitDone, "audit", "show").stdout; !strings.Contains(log, "sealed workbook signed.xlsx") {
		t.Errorf("the seal is not in the log:\n%s", log)
	}
	e := s.must(exitUsage, "seal", edited("bent.xlsx", func(f *excelize.File) error { return f.SetCellStr("Sign-off", "A5", "Somebody else") }))
	if !strings.Contains(e.stderr, `sheet "Sign-off", cell A5: it was changed`) || strings.Contains(e.stderr, "Somebody") {
		t.Errorf("a changed label is told as %s", e.stderr)
	}
	s.write("no.xlsx", "no workbook")
	s.must(exitUsage, "seal", s.path("no.xlsx"))
	s.must(exitUsage, "seal", s.path("none.xlsx"))

	// A copy that is not what the log tells of proves nothing.
	kept, err := filepath.Glob(s.path("workbooks/*.xlsx"))
	s.check(err)
	if len(kept) == 0 {
		t.Fatal("no workbook is kept")
	}
	bent, err := os.ReadFile(s.path("bent.xlsx"))
	s.check(err)
	for _, k := range kept {
		s.check(os.WriteFile(k, bent, 0o600))
	}
	if e := s.must(exitUsage, "seal", s.path("bent.xlsx")); !strings.Contains(e.stderr, "keeps no workbook") {
		t.Errorf("against a copy that was bent too it is told %s", e.stderr)
	}
}
