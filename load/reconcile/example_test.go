package reconcile_test

import (
	"fmt"

	"github.com/sihctl/sih/load/reconcile"
)

// Two workers count a chunk each; a row of the second is lost.
func ExampleTally() {
	key := reconcile.RowsKey{Source: "khemisset-hosix", Table: "dbo.PACIENTES"}
	var first, second reconcile.Tally
	*first.Rows(key) = reconcile.RowsCount{Extracted: 100, Accepted: 97, Rejected: 1, Excluded: 2, Listed: 3}
	*second.Rows(key) = reconcile.RowsCount{Extracted: 60, Accepted: 59}

	var all reconcile.Tally
	all.Merge(&first)
	all.Merge(&second)
	report := all.Report(nil)
	fmt.Println(report.Balanced())
	for d := range report.Differences() {
		fmt.Println(d.Equation, d.Source, d.Table, d.Value)
	}
	// Output:
	// false
	// rows khemisset-hosix dbo.PACIENTES 1
}
