package workbook_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/workbook"
)

func TestWriteRejects(t *testing.T) {
	var out bytes.Buffer
	n, err := workbook.WriteRejects(&out, workbook.Content{Lang: "en"}, seq(
		workbook.Reject{Source: "s", SourceTable: "T", SourceKey: "=1+1", Reason: sih.R02, Severity: sih.Reject, Value: "AB123456", Amount: -1250, Detail: "a;b"},
		workbook.Reject{Source: "s", SourceTable: "T", SourceKey: "-x", Reason: sih.R06, Detail: "@y"},
	))
	if err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	want := "\ufeffReason;Effect;Source;Source table;Key;Facility;Unified table;Column;Source value;Hang on it;Amount (MAD);Hangs on;Detail\r\n" +
		"R02;rejection;s;T;'=1+1;;;;•••;;-12.50;;\"a;b\"\r\n" +
		"R06;warning;s;T;'-x;;;;;;;;'@y\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A workbook of one facility has its sheets and no Summary.
func TestFacility(t *testing.T) {
	c := content(tally(1, 1), 0, 5)
	c.Lang, c.Facility = "en", "CHP-01"
	f := open(t, write(t, c))
	if diff := cmp.Diff([]string{"Entity counts", "Control totals", "Rejects", "Reject rows"}, f.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	if got := value(t, f, "Rejects", "G3"); got != "5" {
		t.Errorf("the causes add up to %s", got)
	}
	if foot, err := f.GetHeaderFooter("Rejects"); err != nil || !strings.Contains(foot.OddFooter, "CHP-01") {
		t.Errorf("footer %+v, %v", foot, err)
	}
}
