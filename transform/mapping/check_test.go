package mapping_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/mapping"
)

// TestChecks looks at several fields of one entity.
func TestChecks(t *testing.T) {
	files := `
system: x
from: SEJOUR
key: [ID]
to:
  encounter:
    source_person_id: {of: PATIENT, key: [IPP]}
    organisation_id: {facility: true}
    class: {value: IMP}
    status: {value: in-progress}
    start_ts: {from: ENTREE, steps: [{datetime: yyyy-MM-dd HH:mm}]}
    end_ts: {from: SORTIE, steps: [{datetime: yyyy-MM-dd HH:mm}]}
  claim:
    source_person_id: {of: PATIENT, key: [IPP]}
    organisation_id: {facility: true}
    kind: {value: invoice}
    claim_number: ID
    status: {value: active}
    issued_on: {from: ENTREE, take: '^(\S+)'}
    currency: {value: MAD}
    total: {from: SITE, steps: [money]}
    insurer_part: {from: TYPE, steps: [money]}
    patient_part: {from: ETAT, steps: [money]}
  claim_line:
    source_person_id: {of: PATIENT, key: [IPP]}
    claim_id: {self: claim}
    line_number: {value: "1"}
    quantity: {from: SITE, steps: [decimal]}
    unit_price: {from: TYPE, steps: [money]}
    amount: {from: ETAT, steps: [money]}
`
	f, err := mapping.Parse("x.yaml", []byte(files))
	if err != nil {
		t.Fatal(err)
	}
	s := setting()
	s.Facility = "1"
	s.Today, _ = sih.DateOf(2026, 1, 31)
	p, err := mapping.Compile(f, stays, s)
	for _, fault := range mapping.AllFaults(err) {
		t.Error(fault)
	}
	if err != nil {
		t.FailNow()
	}
	for _, tt := range []struct {
		name, row string
		want      []string
	}{
		{"all is well", "1;7;3;1;2025-12-30 10:00;2026-01-02 09:00;2;", []string{"claim_line.amount R12"}},
		{"nothing to add up", "1;7;;;2025-12-30 10:00;NULL;;", nil},
		{"before the admission", "1;7;;;2025-12-30 10:00;2025-12-30 09:59;;", []string{"encounter.end_ts R11"}},
		{"more than a year", "1;7;;;2023-01-01 10:00;2024-02-02 09:00;;", []string{"encounter.end_ts R08"}},
		{"open for years", "1;7;;;2023-01-01 10:00;NULL;;", []string{"encounter.end_ts R08"}},
		{"parts", "1;7;2;50,00;2025-12-30 10:00;NULL;100,00;", []string{"claim.total R12"}},
		{"a line of a third", "1;7;0.3333;3,00;2025-12-30 10:00;NULL;1,00;", []string{"claim.total R08"}},
		{"a credit note", "1;7;-2;50,00;2025-12-30 10:00;NULL;-100,00;", []string{"claim.total R12"}},
		{"a wrong sign", "1;7;2;50,00;2025-12-30 10:00;NULL;-100,00;", []string{"claim.total R12", "claim_line.amount R12"}},
	} {
		r := run(t, p, tt.row)
		_, notes, err := r.Notes()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range notes {
			if n.Reason != sih.R01 {
				got = append(got, fmt.Sprintf("%s.%s %s", n.Table, n.Field, n.Reason))
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
