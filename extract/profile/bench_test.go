package profile_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

// BenchmarkRow profiles a patients' table of twelve columns, a row each time.
func BenchmarkRow(b *testing.B) {
	table := extract.Table{Name: "patient", Key: []string{"id"}}
	for _, name := range []string{"id", "cin", "family", "given", "born", "sex", "phone", "commune", "active", "amount", "note", "updated"} {
		table.Columns = append(table.Columns, extract.Column{Name: name})
	}
	rows := make([]extract.Row, 50_000)
	for i := range rows {
		for _, s := range []string{
			fmt.Sprint(i), fmt.Sprintf("AB%06d", i), fmt.Sprint("FAMILY", i%9000), fmt.Sprint("Prénom", i%700),
			fmt.Sprintf("%02d/%02d/%d", i%28+1, i%12+1, 1930+i%90), "MF"[i%2 : i%2+1], fmt.Sprintf("06%08d", i*37), fmt.Sprint("Commune ", i%150),
			"1", fmt.Sprintf("%d.%02d", i%5000, i%100), "", fmt.Sprintf("2024-02-%02d 10:%02d:00.000", i%28+1, i%60),
		} {
			rows[i] = append(rows[i], sih.Text(s))
		}
	}
	p := profile.New(table, profile.Options{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.Row(rows[i%len(rows)])
	}
}
