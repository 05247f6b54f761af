package extract_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
)

func hospital() []extract.Table {
	return []extract.Table{
		{Name: "PATIENT", Key: []string{"ID"}, Order: []string{"ID"}, Columns: []extract.Column{{Name: "ID", Type: "int"}, {Name: "NOM", Type: "varchar(40)", Nullable: true}}},
		{Name: "SEJOUR", Columns: []extract.Column{{Name: "ID", Type: "int"}}},
	}
}

func TestDifferences(t *testing.T) {
	tests := []struct {
		name   string
		change func([]extract.Table) []extract.Table
		want   []string
	}{
		{"nothing", func(t []extract.Table) []extract.Table { return t }, nil},
		{"a table less", func(t []extract.Table) []extract.Table { return t[:1] }, []string{"table SEJOUR was dropped"}},
		{"a table more", func(t []extract.Table) []extract.Table { return append(t, extract.Table{Name: "LIT"}) }, []string{"table LIT was added"}},
		{"other tables first", func(t []extract.Table) []extract.Table { return []extract.Table{t[1], t[0]} }, []string{"the tables come in another order"}},
		{"columns", func(t []extract.Table) []extract.Table {
			t[0].Columns = []extract.Column{{Name: "ID", Type: "bigint"}, {Name: "PRENOM", Type: "text"}}
			t[0].Key = nil
			return t
		}, []string{"column NOM of PATIENT was dropped", "column ID of PATIENT was int and is bigint", "column PRENOM of PATIENT was added"}},
		{"may be NULL", func(t []extract.Table) []extract.Table { t[1].Columns[0].Nullable = true; return t }, []string{"column ID of SEJOUR can now be NULL"}},
		{"may not be NULL", func(t []extract.Table) []extract.Table { t[0].Columns[1].Nullable = false; return t }, []string{"column NOM of PATIENT could be NULL and no longer can"}},
		{"other columns first", func(t []extract.Table) []extract.Table {
			t[0].Columns[0], t[0].Columns[1] = t[0].Columns[1], t[0].Columns[0]
			return t
		}, []string{"the columns of PATIENT come in another order"}},
		{"key", func(t []extract.Table) []extract.Table { t[0].Key, t[0].Order = nil, nil; return t }, []string{"the key of PATIENT was [ID] and is []", "PATIENT was read in the order of [ID] and would now be in that of []"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now := test.change(hospital())
			if diff := cmp.Diff(test.want, extract.Differences(hospital(), now)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if got, want := extract.Fingerprint(hospital()) == extract.Fingerprint(now), test.want == nil; got != want {
				t.Errorf("the fingerprints are equal: %t, want %t", got, want)
			}
		})
	}
}

func TestFileDifferences(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	before := []extract.File{{"a", 1, noon}, {"b", 2, noon}, {"c", 3, noon}}
	now := []extract.File{{"a", 1, noon.In(time.FixedZone("", 3600))}, {"b", 2, noon.Add(1)}, {"d", 3, noon}}
	want := []string{"file b was written to", "file d was added", "file c is gone"}
	if diff := cmp.Diff(want, extract.FileDifferences(before, now)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if got := extract.FileDifferences(before[:1], []extract.File{{"a", 2, noon}}); len(got) != 1 {
		t.Errorf("a longer file: got %v", got)
	}
}
