package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
	"github.com/xuri/excelize/v2"
)

// firstPair is the row of a review workbook in which the first pair stands.
const firstPair = 4

// fill writes verdicts into a workbook, from the first row on, and, where by is
// not empty, who decided.
func (s *site) fill(from, to, by string, verdicts ...string) {
	s.t.Helper()
	f, err := excelize.OpenFile(s.path(from))
	s.check(err)
	defer f.Close()
	sheet := f.GetSheetName(0)
	for i, v := range verdicts {
		s.check(f.SetCellStr(sheet, fmt.Sprintf("C%d", firstPair+i), v))
		if by != "" {
			s.check(f.SetCellStr(sheet, fmt.Sprintf("D%d", firstPair+i), by))
		}
	}
	s.check(f.SaveAs(s.path(to)))
}

func (s *site) json(to any, args ...string) {
	s.t.Helper()
	s.check(json.Unmarshal([]byte(s.must(exitDone, append(args, "--output", "json")...).stdout), to))
}

// TestReview holds the way of a doubtful pair: out to two reviewers, back, bound
// by the next match, told in the store, and undone.
func TestReview(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	var out pipeline.ReviewExportReport
	s.json(&out, "review", "export", "--for", "vigilance-1", "--lang", "en", "--out", s.path("review.xlsx"))
	if out.Pairs < 4 || out.Pairs != out.Doubtful {
		t.Fatalf("%d of %d pairs were exported, of a region that should have some", out.Pairs, out.Doubtful)
	}
	s.must(exitUsage, "review", "export", "--out", s.path("review.xlsx")) // it may be filled in
	var sample pipeline.ReviewExportReport
	s.json(&sample, "review", "export", "--sample", "3", "--for", "vigilance-2", "--lang", "ar", "--out", s.path("sample.xlsx"))
	if sample.Pairs != 3 {
		t.Errorf("%d pairs were drawn, want 3", sample.Pairs)
	}

	s.fill("review.xlsx", "first.xlsx", "", "same", "not the same", "unsure")
	s.fill("review.xlsx", "other.xlsx", "vigilance-2", "same", "same", "unsure")
	var in reviewImportResult
	s.json(&in, "review", "import", s.path("first.xlsx"))
	if in.Rows != 3 || in.Same != 1 || in.Apart != 1 || in.Unsure != 1 || in.Open != out.Pairs-3 || in.Added != 3 {
		t.Errorf("the first reviewer's workbook is read as %+v", in.ReviewImportReport)
	}
	s.json(&in, "review", "import", s.path("first.xlsx"))
	if in.Added != 0 || in.Known != 3 {
		t.Errorf("read twice, it is %+v", in.ReviewImportReport)
	}
	s.json(&in, "review", "import", s.path("other.xlsx"))
	if len(in.Conflicts) != 1 || !slices.Equal(in.Conflicts[0].Lines, []int{firstPair + 1}) || in.Conflicts[0].Same != "vigilance-2" || in.Conflicts[0].Apart != "vigilance-1" {
		t.Errorf("the contradiction is told as %+v", in.Conflicts)
	}
	// Of three pairs they agree on two; by chance on (1·2 + 1·0 + 1·1)/9 = 1/3.
	if len(in.Agreements) != 1 || in.Agreements[0].Alike != 2 || in.Agreements[0].Kappa == nil || *in.Agreements[0].Kappa != 0.5 {
		t.Errorf("the agreement is told as %+v", in.Agreements)
	}
	s.fill("review.xlsx", "second.xlsx", "vigilance-2", "same", "not the same", "unsure")
	s.json(&in, "review", "import", s.path("second.xlsx"))
	if in.Replaced != 1 || len(in.Conflicts) != 0 {
		t.Errorf("a changed mind is told as %+v", in.ReviewImportReport)
	}

	var matched pipeline.MatchReport
	s.must(exitUsage, "load") // what was matched no longer holds
	s.json(&matched, "match")
	if matched.Decided != 2 || matched.Skipped {
		t.Errorf("match keeps to %d decisions, want 2", matched.Decided)
	}
	if matched.Review > int64(out.Pairs-2) {
		t.Errorf("%d pairs are asked for, of %d of which 2 are decided", matched.Review, out.Pairs)
	}
	s.must(exitDone, "load", "--replace")
	s.must(exitDone, "verify")
	s.must(exitDone, "reconcile")
	tables, err := readTables(s.path("unified.db"))
	s.check(err)
	human := map[string]int{}
	for _, row := range tables["merge_decision"] {
		if strings.Contains(row, `method=SQLITE_TEXT "human"`) {
			for _, d := range []string{"merge", "apart"} {
				if strings.Contains(row, `decision=SQLITE_TEXT "`+d+`"`) {
					human[d]++
				}
			}
			if !strings.Contains(row, "vigilance-1, vigilance-2") {
				t.Error("a decision in the store does not tell who decided")
			}
		}
	}
	if human["merge"] != 1 || human["apart"] != 1 {
		t.Errorf("the store tells of decisions %v", human)
	}

	var list reviewListResult
	s.json(&list, "review", "list")
	var undo []string
	for _, d := range list.Decisions {
		undo = append(undo, fmt.Sprint(d.ID))
	}
	if len(undo) != 6 {
		t.Errorf("%d decisions hold, want 6", len(undo))
	}
	s.must(exitUsage, "review", "undo", undo[0], "99999")
	var again reviewListResult
	s.json(&again, "review", "list")
	if len(again.Decisions) != 6 {
		t.Error("a decision was undone together with one that does not exist")
	}
	s.must(exitDone, append([]string{"review", "undo"}, undo...)...)
	s.json(&matched, "match")
	if matched.Decided != 0 || matched.Review != int64(out.Doubtful) {
		t.Errorf("after all was undone %d decisions hold and %d pairs are asked for, want 0 and %d", matched.Decided, matched.Review, out.Doubtful)
	}
	s.must(exitDone, "audit", "verify")
}

// TestReviewRefused holds that a workbook with one row that cannot be taken is
// refused as a whole, with the row and the reason.
func TestReviewRefused(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.must(exitDone, "review", "export", "--lang", "fr", "--out", s.path("review.xlsx"))
	const verdict, second = "même personne", firstPair + 1
	for _, test := range []struct {
		name string
		want string
		do   func(f *excelize.File, sheet string) error
	}{
		{"a value", "was changed", func(f *excelize.File, sheet string) error {
			return f.SetCellStr(sheet, fmt.Sprintf("J%d", second), "AUTRE")
		}},
		{"the weight", "was changed", func(f *excelize.File, sheet string) error {
			return f.SetCellFloat(sheet, fmt.Sprintf("G%d", second), 99, 1, 64)
		}},
		{"another pair's key", "was changed", func(f *excelize.File, sheet string) error {
			key, err := f.GetCellValue(sheet, fmt.Sprintf("A%d", second+1))
			if err != nil {
				return err
			}
			return f.SetCellStr(sheet, fmt.Sprintf("A%d", second), key)
		}},
		{"no key", "its key", func(f *excelize.File, sheet string) error { return f.SetCellStr(sheet, fmt.Sprintf("A%d", second), "") }},
		{"a foreign key", "not of a workbook", func(f *excelize.File, sheet string) error {
			return f.SetCellStr(sheet, fmt.Sprintf("A%d", second), "00000000000000000000000000")
		}},
		{"a word that is no verdict", "none of the list", func(f *excelize.File, sheet string) error {
			return f.SetCellStr(sheet, fmt.Sprintf("C%d", second), "peut-être")
		}},
		{"no reviewer", "name is missing", func(f *excelize.File, sheet string) error { return f.SetCellStr(sheet, fmt.Sprintf("D%d", second), "") }},
		{"two verdicts on one pair", "otherwise in row", func(f *excelize.File, sheet string) error {
			if err := f.DuplicateRowTo(sheet, firstPair, second); err != nil {
				return err
			}
			return f.SetCellStr(sheet, fmt.Sprintf("C%d", second), "personnes différentes")
		}},
		{"a removed column", "was changed", func(f *excelize.File, sheet string) error { return f.RemoveCol(sheet, "J") }},
		{"a column before all", "columns were moved", func(f *excelize.File, sheet string) error { return f.InsertCols(sheet, "A", 1) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.fill("review.xlsx", "back.xlsx", "vigilance-1", verdict, verdict)
			f, err := excelize.OpenFile(s.path("back.xlsx"))
			s.check(err)
			s.check(test.do(f, f.GetSheetName(0)))
			s.check(f.Save())
			f.Close()
			e := s.must(exitUsage, "review", "import", s.path("back.xlsx"))
			if !strings.Contains(e.stderr, test.want) || test.want != "columns were moved" && !strings.Contains(e.stderr, "row ") {
				t.Errorf("it is refused with %s", e.stderr)
			}
		})
	}
	s.fill("review.xlsx", "back.xlsx", "vigilance-1", verdict, verdict)
	ledger, err := os.ReadFile(s.path(project.LedgerFile))
	s.check(err)
	s.execute(project.LedgerFile, "UPDATE review_pair SET evidence = '00'")
	if e := s.must(exitUsage, "review", "import", s.path("back.xlsx")); !strings.Contains(e.stderr, "say something else") {
		t.Errorf("an outdated workbook is refused with %s", e.stderr)
	}
	s.remove(project.LedgerFile) // another project's
	if e := s.must(exitUsage, "review", "import", s.path("back.xlsx")); !strings.Contains(e.stderr, "not of a workbook") {
		t.Errorf("a foreign workbook is refused with %s", e.stderr)
	}
	s.remove(project.LedgerFile)
	s.check(os.WriteFile(s.path(project.LedgerFile), ledger, 0o600))
	var list reviewListResult
	s.json(&list, "review", "list")
	if len(list.Decisions) != 0 {
		t.Errorf("%d decisions were taken of workbooks that were refused", len(list.Decisions))
	}
	s.must(exitDone, "review", "import", s.path("back.xlsx"))
}

// TestReviewWords holds that a reviewer reads of the model that sihctl brings
// in his own language.
func TestReviewWords(t *testing.T) {
	f, err := models.FS.Open(models.MaPatient)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := match.LoadModel(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range review.Languages() {
		for _, c := range m.Comparisons {
			for _, l := range c.Levels {
				if l.Say != "" && !review.Says(lang, l.Say) {
					t.Errorf("%s has no words for %q", lang, l.Say)
				}
			}
		}
		for _, r := range m.Rules {
			if !review.HasRule(lang, r.Name) {
				t.Errorf("%s has no words for the rule %s", lang, r.Name)
			}
		}
	}
}
