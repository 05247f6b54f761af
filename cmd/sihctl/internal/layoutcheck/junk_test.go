package layoutcheck_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/transform/identity"
	"github.com/sihctl/sih/transform/mapping"
)

// junk are pieces of values that systems were seen to hold, and worse.
var junk = []string{
	"", " ", "0", "-", "1", "-1", "12/8", "X", "H", "M", "F", "N", "S", "A", "NULL", "?", "¿", "\ufffd", "\x00", "\t", "\u200f", "\u0301", "é", "Ã©", "القطاع", "ÇáÞØÇÚ", "مُحَمَّد", "١٢٣",
	"1934-00-00", "0000-00-00", "1900-01-01 00:00:00.000", "31/02/2024", "02/01/2024 25:61", "2024-03-31 02:30:00", "45351", "45351.99", "99999999999999999999", "1e400", "-0", "0,5", "1 234,50", "1.234,50", "1,234.50", "NaN", "∞",
	"AB123456", "AA111111", "K-1O4567", "2345678906", "109850123400012012", "0661 23 45 67", "+212 661234567", "00213555123456", "O NEG", "0 RH-", "J18.9", "J189", "K 10", "12 cp", "mg/dl",
	"Allergie: Pénicilline", "aucune", "لا يوجد", "bébé de ALAMI", "TEST TEST", "EL ALAOUI Mohamed", "ALAMI, Sara", strings.Repeat("long ", 300), strings.Repeat("9", 400), "[{\"a\":1}]", "'; DROP TABLE patient; --", "=1+1", "\xff\xfe", "\xc7\xe1",
}

// TestJunk maps rows of junk by every mapping: no row may stop the program,
// and each must end as one of the four. SIH_JUNK_ROWS sets how many rows of
// each table there are.
func TestJunk(t *testing.T) {
	rows := 150
	if n, err := strconv.Atoi(os.Getenv("SIH_JUNK_ROWS")); err == nil {
		rows = n
	}
	rng := rand.New(rand.NewPCG(3, 7))
	all := int64(0)
	for _, l := range simulate.Layouts() {
		s := setting(t, string(l.Source))
		s.Complete = map[string]func(*mapping.Completion){"source_person": identity.For("ma")}
		files, err := mapping.Load(s.Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, tab := range l.Tables {
			x := table(l, tab)
			plan, err := mapping.Compile(mapping.ForTable(files, tab.Name), x, s)
			if err != nil {
				t.Fatal(err)
			}
			trial := &mapping.Trial{Lean: true}
			r := plan.NewTrial(trial, time.UTC)
			row := make([]sih.Raw, len(x.Columns))
			for n := range rows {
				for i := range row {
					row[i] = junkValue(rng)
				}
				before := trial.Meta
				r.Row(n, row)
				m := trial.Meta
				if m.Rows != before.Rows+1 || m.Rows != m.Accepted+m.Rejected+m.Excluded+m.Joined {
					t.Fatalf("%s: a row ends as %d accepted, %d rejected, %d excluded of %d", tab.Name, m.Accepted, m.Rejected, m.Excluded, m.Rows)
				}
				rejected := m.Rejected > before.Rejected
				reasoned := false
				for _, note := range trial.Notes {
					reasoned = reasoned || note.Severity == sih.Reject && note.Reason.Meaning() != "unknown reason"
				}
				if rejected && !reasoned {
					t.Fatalf("%s: a row is rejected for no reason", tab.Name)
				}
				trial.Notes = trial.Notes[:0]
			}
			r.Flush()
			trial.Meta.Codes = nil
			all += trial.Meta.Rows
		}
	}
	t.Logf("%d rows", all)
}

func junkValue(rng *rand.Rand) sih.Raw {
	switch rng.IntN(10) {
	case 0:
		return sih.Null
	case 1: // bytes
		b := make([]byte, rng.IntN(12))
		for i := range b {
			b[i] = byte(rng.IntN(256))
		}
		return sih.Raw{Text: string(b), Bytes: true}
	case 2: // pieces put together
		return sih.Text(junk[rng.IntN(len(junk))] + junk[rng.IntN(len(junk))])
	case 3: // a piece cut anywhere
		s := junk[rng.IntN(len(junk))]
		return sih.Text(s[:rng.IntN(len(s)+1)])
	case 4:
		return sih.Text(strconv.FormatInt(rng.Int64N(1e9), 10))
	}
	return sih.Text(junk[rng.IntN(len(junk))])
}
