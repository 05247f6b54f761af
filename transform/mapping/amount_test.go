package mapping_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/transform/mapping"
)

const billsMapping = `
system: x
from: BILL
key: [ID]
facility: SITE
where: "STATE != 'X'"
excluded: deleted
to:
  claim:
    source_person_id: {of: PATIENT, key: [IPP]}
    organisation_id: {facility: true}
    kind: {value: invoice}
    claim_number: ID
    status: {value: active}
    issued_on: {from: DAY, reject: true, steps: [{date: yyyy-MM-dd}]}
    total: {from: TOTAL, when: "STATE != 'O'", steps: [money]}
    currency: {value: MAD}
  claim_line:
    needs: [LINE]
    claim_id: {self: claim}
    source_person_id: {of: PATIENT, key: [IPP]}
    line_number: {from: LINE, reject: true}
    amount: {from: LINE_AMOUNT, steps: [money]}
`

// TestAmountsOfRowsLeftOut holds what rows that are kept out would have brought.
func TestAmountsOfRowsLeftOut(t *testing.T) {
	bills := mapping.Table{Name: "BILL", Columns: []string{"ID", "IPP", "DAY", "TOTAL", "STATE", "LINE", "LINE_AMOUNT", "SITE"}}
	r := run(t, compileStays(t, billsMapping, bills),
		"1;7;2024-01-02;100.00;A;1;60.00;1",  // accepted
		"2;7;2024-01-02;1 234.56;X;;;1",      // excluded
		"3;7;2024-13-02;78.90;A;;;1",         // rejected: the day
		" ;7;2024-01-02;0.01;A;;;1",          // rejected: no key
		"5;7;2024-01-02;many;X;;;1",          // excluded, its amount cannot be read
		"6;7;2024-01-02;5.00;A;none;12.34;1", // accepted, its line is not
		"7;7;2024-13-02;5.00;O;2;43.21;1",    // rejected, and only its line has an amount
		"8;7;2024-01-02;-20.00;X;;;1",        // excluded: what was given back
	)
	left, notes, err := r.Notes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range left {
		got = append(got, fmt.Sprint(l.Row, " ", l.State, " ", l.Amount))
	}
	for _, n := range notes {
		got = append(got, fmt.Sprint(n.Row, " ", n.Table, " ", n.Severity, " ", n.Reason, " ", n.Amount))
	}
	want := []string{
		"1 excluded 123456", "2 rejected 7890", "3 rejected 1", "4 excluded 0", "6 rejected 4321", "7 excluded -2000",
		"2 claim reject R02 7890", "3 claim reject R01 1", "5 claim_line reject R08 1234", "6 claim reject R02 4321",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, n := range map[string]int64{"claim": 2, "claim_line": 1} {
		if r.Meta.Entities[name] != n {
			t.Errorf("%d of %s, want %d", r.Meta.Entities[name], name, n)
		}
	}
}
