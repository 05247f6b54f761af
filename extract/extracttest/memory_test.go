package extracttest_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
)

// The suite passes a database that does what is promised.
func TestMemory(t *testing.T) {
	columns := []extract.Column{{Name: "A", Type: "text"}, {Name: "B", Type: "text", Nullable: true}}
	keyed := extracttest.Content{Table: extract.Table{Name: "KEYED", Columns: columns, Key: []string{"A", "B"}, Order: []string{"B", "A"}}}
	for _, b := range "xyz" {
		for _, a := range "123" {
			keyed.Rows = append(keyed.Rows, extract.Row{sih.Text(string(a)), sih.Text(string(b))})
		}
	}
	want := []extracttest.Content{
		{Table: extract.Table{Name: "EMPTY", Columns: columns, Order: []string{"A"}}},
		keyed,
		{Table: extract.Table{Name: "KEYLESS", Columns: columns}, Rows: []extract.Row{{sih.Text("1"), sih.Null}, {sih.Text("1"), sih.Null}}},
	}
	extracttest.RunDatabase(t, func(*testing.T) extract.Database { return &extracttest.Memory{Content: want} }, want)
	extracttest.Run(t, func(*testing.T, string) extract.Source { return &extracttest.Memory{Content: want} }, want)
}
