package simulate_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
)

func TestDefectsComeAtTheirRates(t *testing.T) {
	s, err := simulate.Generate(40000, t.TempDir(), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	rows := func(of ...string) (n int) { // one table a hospital system, in their order
		for i, source := range []sih.SourceID{"enova", "hosix", "dedalus", "bilmed"} {
			n += s.Rows[source][of[i]]
		}
		return n
	}
	d, r := s.Defects, simulate.DefaultRates()
	bills := rows("facture", "dbo.FACTURAS", "FACTURE", "dbo.FATURA")
	visits := rows("sejour", "dbo.EPISODIOS", "SEJOUR", "dbo.PROTOKOL") + s.Rows["enova"]["consultation"] + s.Rows["essp"]["Consultations"]
	acts := rows("acte", "dbo.ACTOS", "ACTE", "dbo.ISLEM")
	for _, c := range []struct {
		name    string
		got, of int
		rate    float64
	}{
		{"typos", d.Typos, s.Records, r.Typo}, {"swapped names", d.Swapped, s.Records, r.SwappedNames}, {"bad births", d.BadBirths, s.Records, r.BadBirth},
		{"test patients", d.Tests, s.Records, r.TestPatient}, {"left-over numbers", d.LeftOvers, s.Records, r.CINLeftOver},
		{"bills without stay", d.BillsNoStay, bills, r.BillNoStay}, {"negative bills", d.NegativeBills, bills, r.BillNegative}, {"bills twice", d.TwiceBilled, bills, r.BillTwice}, {"wrong sums", d.WrongSums, bills, r.BillSum},
		{"unreadable amounts", d.Unreadable, rows("encaissement", "dbo.COBROS", "REGLEMENT", "dbo.TAHSILAT"), r.UnreadableAmount},
		{"orphan stays", d.OrphanStays, visits, r.OrphanStay}, {"orphan acts", d.OrphanActs, acts, r.OrphanAct}, {"before birth", d.BeforeBirth, visits, r.BeforeBirth},
		{"none known", d.NoneKnown, rows("allergie", "dbo.ALERGIAS", "ALLERGIE", "dbo.ALERJI"), r.NoneKnown},
		{"remarks beside registers", d.JunkCells, s.Rows["essp"]["Fichier patients"], r.JunkCell},
		{"vital signs twice", d.Twice, s.Rows["enova"]["constante"], r.DuplicateVital},
	} {
		want := float64(c.of) * c.rate
		// Four standard deviations, and a fifth where the rate's own
		// denominator is a little less than the rows there are.
		if math.Abs(float64(c.got)-want) > 4*math.Sqrt(want)+want/5 {
			t.Errorf("%s: got %d, want about %.0f", c.name, c.got, want)
		}
	}
	none := []string{"DuplicateKeys", "Ragged", "OpenQuotes"} // of files alone
	for i := range reflect.TypeOf(d).NumField() {
		f := reflect.TypeOf(d).Field(i).Name
		if reflect.ValueOf(d).Field(i).Int() == 0 && f != none[0] && f != none[1] && f != none[2] {
			t.Errorf("no defect %s", f)
		}
	}
}

func TestNoDefectWithoutARate(t *testing.T) {
	s, err := simulate.Write(context.Background(), t.TempDir(), simulate.Config{Patients: 1500, Seed: 1, Defects: simulate.Rates{Serial: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	if s.Defects != (simulate.Defects{}) {
		t.Errorf("got %+v", s.Defects)
	}
	for _, trap := range []string{"test", "placeholder", "guardian-cin", "spouse-cin", "leftover-cin"} {
		if n := s.Traps[trap]; n > 0 {
			t.Errorf("got %d records of trap %s", n, trap)
		}
	}
}

func TestFilesHaveOddLines(t *testing.T) {
	rates := simulate.Rates{DuplicateKey: 0.01, Ragged: 0.01, OpenQuote: 0.01}
	s, err := simulate.Write(context.Background(), t.TempDir(), simulate.Config{Patients: 1500, Seed: 1, Defects: rates})
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, rows := range s.Rows["dedalus"] {
		lines += rows
	}
	for name, got := range map[string]int{"twice": s.Defects.DuplicateKeys, "ragged": s.Defects.Ragged, "open quotes": s.Defects.OpenQuotes} {
		if share := float64(got) / float64(lines); share < 0.004 || share > 0.015 {
			t.Errorf("%s: got %.4f of the lines", name, share)
		}
	}
}
