package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/load/reconcile"
)

// TestAmountsLeftOut plants bills that are excluded and bills and a receipt that
// are rejected, and holds that what was extracted is, to the centime, what the
// store has, what was rejected and what was excluded; that the workbook tells
// each; and that a row or a centime lost from what is left out is found, in the
// project and by who has the snapshots and the store alone.
func TestAmountsLeftOut(t *testing.T) {
	unraced(t)
	s := sharedRegion(t).whole(t)
	s.editMapping("facture.yaml", "facility: FINESS\n", "facility: FINESS\nwhere: \"STATUT != 'BROUILLON'\"\nexcluded: a draft that was never sent\n")
	extracted := int64(0)
	s.lines("incoming/dedalus/FACTURE.csv", func(n int, f []string) [][]string {
		extracted += centimesOf(t, f[6])
		bill := func(number, patient, total, state string) []string {
			g := slices.Clone(f)
			g[0], g[2], g[6], g[7], g[8], g[9], g[10] = number, patient, total, total, "0,00", "0,00", state
			extracted += centimesOf(t, total)
			return g
		}
		if n > 1 {
			return [][]string{f}
		}
		return [][]string{f,
			bill("D1", f[2], "1 234,56", "BROUILLON"), bill("D2", f[2], "0,07", "BROUILLON"),
			bill("R1", "NOBODY", "78,90", "EMISE"), bill("", f[2], "0,01", "EMISE"),
		}
	})
	s.lines("incoming/dedalus/REGLEMENT.csv", func(n int, f []string) [][]string {
		if n > 1 {
			return [][]string{f}
		}
		g := slices.Clone(f)
		g[0], g[1], g[5], g[8] = "Q0", "R1", "5,55", "N"
		return [][]string{f, g}
	})
	s.remove("snapshots/dedalus")
	s.edit("sihctl.yaml", `"*": {rejected: 2%}`, `"*": {rejected: 20%}`) // of a table of few rows
	s.must(exitDone, "migrate", "--lang", "en")

	const of = " WHERE source_system = 'dedalus' AND source_table = 'FACTURE'"
	kept := s.count("SELECT sum(total) FROM claim" + of)
	rejected := s.count("SELECT coalesce(sum(amount), 0) FROM source_record" + of + " AND state = 'rejected'")
	excluded := s.count("SELECT coalesce(sum(amount), 0) FROM source_record" + of + " AND state = 'excluded'")
	if excluded != 1234_56+7 || rejected < 78_90+1 || kept+rejected+excluded != extracted {
		t.Errorf("extracted %d, in the store %d, rejected %d, excluded %d", extracted, kept, rejected, excluded)
	}
	if n := s.count("SELECT sum(amount) FROM reject" + of + " AND table_name = 'claim' AND severity = 'reject'"); n != rejected {
		t.Errorf("the list of issues has %d centimes of rejected bills, and the records %d", n, rejected)
	}
	cells, err := readCells(s.path("reconciliation.xlsx"))
	s.check(err)
	holds := func(cells map[string][]string, sheet string, words ...string) {
		t.Helper()
		if !slices.ContainsFunc(cells[sheet], func(line string) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, strconv.Quote(w)) })
		}) {
			t.Errorf("no line of %s says %q", sheet, words)
		}
	}
	said := func(cells map[string][]string) {
		t.Helper()
		holds(cells, "Excluded", "FACTURE", "2", "1234.63", "a draft that was never sent")
		holds(cells, "Excluded rows", "FACTURE", "D1", "1234.56")
		holds(cells, "Reject rows", "R04", "FACTURE", "R1", "78.9")
		holds(cells, "Reject rows", "R01", "FACTURE", "0.01")
		holds(cells, "Reject rows", "R16", "REGLEMENT", "Q0", "5.55")
		sum := strconv.FormatFloat(float64(rejected+excluded)/100, 'f', -1, 64)
		holds(cells, "Row counts", "FACTURE", sum)
	}
	said(cells)

	out := t.TempDir() + "/alone.xlsx"
	alone := []string{"reconcile", "--lang", "en", "--output", "json", "--store", s.path("unified.db"), "--out", out, "--mapping", s.path("mappings")}
	for _, source := range []string{"bilmed", "dedalus", "enova", "essp", "hosix"} {
		alone = append(alone, "--snapshot", s.path("snapshots/"+source))
	}
	s.must(exitDone, alone...)
	cells, err = readCells(out)
	s.check(err)
	said(cells)

	for _, test := range []struct {
		name, sql string
		want      []string
	}{
		{"a centime of an excluded bill", "UPDATE source_record SET amount = amount - 1 WHERE state = 'excluded' AND source_key = 'D1'", []string{"left_out 1"}},
		{"a centime of a rejected bill", "UPDATE source_record SET amount = amount + 1 WHERE state = 'rejected' AND source_key = 'R1'", []string{"left_out -1"}},
		{"an excluded row", "DELETE FROM source_record WHERE state = 'excluded' AND source_key = 'D2'", []string{"listed 1", "left_out 7"}},
		{"a rejected row", "DELETE FROM source_record WHERE state = 'rejected' AND source_key = 'R1'", []string{"listed 1", "left_out 7890"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			back := s.keep("unified.db")
			s.execute("unified.db", test.sql)
			for _, args := range [][]string{{"reconcile", "--lang", "en", "--output", "json"}, alone} {
				e := s.must(exitDiffers, args...)
				var result reconcileResult
				s.check(json.Unmarshal([]byte(e.stdout), &result))
				var got []string
				for _, d := range result.Differences {
					if d.Source == "dedalus" && d.Table == "FACTURE" && d.Equation != reconcile.Rows {
						got = append(got, fmt.Sprint(d.Equation, " ", d.Value))
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" || len(result.Differences) != len(test.want) {
					t.Errorf("%d differences (-want +got): %s", len(result.Differences), diff)
				}
			}
			s.isRed("reconciliation.xlsx", true)
			s.isRed(out, true)
			back()
		})
	}
}

// centimesOf reads an amount as the export of dedalus writes it, with two
// decimals and any blanks between thousands.
func centimesOf(t *testing.T, text string) int64 {
	t.Helper()
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, text)
	if at := strings.LastIndexByte(text, ','); at != len(text)-3 || digits == "" {
		t.Fatalf("an amount is written otherwise: %d characters", len(text))
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
