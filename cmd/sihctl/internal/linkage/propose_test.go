package linkage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/transform/match"
)

// TestProposal holds what a draft makes of columns: a date that is a year for
// some is a date, and what only repeats others is left out.
func TestProposal(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,whole,both,first name,last name,dob,stay\n")
	for i := range 40 {
		first, last := []string{"Ada", "Carl", "Eve"}[i%3], []string{"Ashton", "Denford", "Hartley", "Norton"}[i%4]
		born := fmt.Sprintf("19%02d-03-%02d", 10+i, 1+i%28)
		if i%4 == 0 {
			born = born[:4]
		}
		fmt.Fprintf(&text, "%[1]d,%[2]s Middle%[1]d %[3]s,%[2]s %[3]s,%[2]s,%[3]s,%[4]s,%[5]d\n", i, first, last, born, 1900+7*i)
	}
	p, err := linkage.Propose(t.Context(), written(t, "people.csv", text.String()), "", "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range p.Columns {
		got[c.Column] = c.Kind
	}
	want := map[string]string{"id": "", "whole": "place", "both": "", "first name": "name", "last name": "name", "dob": "date", "stay": "code"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestProposalOfClients holds what a draft makes of columns whose values alone
// would mislead: given names of which there are few, days that many have in
// common, telephones written with blanks.
func TestProposalOfClients(t *testing.T) {
	var text strings.Builder
	text.WriteString("Customer No,Vorname,Apellidos,Mobile,Since,Branch name\n")
	for i := range 900 {
		fmt.Fprintf(&text, "K-%d,%s,%s,+49 16%d %d,%d-01-02,%s\n", i, []string{"Ada", "Jürgen", "Zoé"}[i%3], []string{"García", "Núñez"}[i%2],
			i%10, 7919*(i+200), 2019+i%3, []string{"North", "South"}[i/2%2])
	}
	p, err := linkage.Propose(t.Context(), written(t, "clients.csv", text.String()), "", "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range p.Columns {
		got[c.Column] = c.Kind
	}
	want := map[string]string{"Customer No": "", "Vorname": "name", "Apellidos": "name", "Mobile": "code", "Since": "category", "Branch name": "category"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestProposalOfMany holds that a file of more columns than a model may have,
// and one without any that tells something, are dealt with.
func TestProposalOfMany(t *testing.T) {
	var text strings.Builder
	for row := range 30 {
		for column := range 25 {
			if row == 0 {
				fmt.Fprintf(&text, "id%d,", column)
			} else {
				fmt.Fprintf(&text, "%d,", row*(column+7))
			}
		}
		text.WriteString([]string{"last\n", "x\n"}[min(row, 1)])
	}
	p, err := linkage.Propose(t.Context(), written(t, "wide.csv", text.String()), "", "")
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, c := range p.Columns {
		if c.Kind != "" {
			kept++
		}
	}
	if _, err := match.ParseModel([]byte(p.Text())); err != nil || kept != 16 {
		t.Errorf("%d columns kept, %v", kept, err)
	}
	_, err = linkage.Propose(t.Context(), written(t, "alike.csv", "id,name\n1,Ada\n2,Ada\n"), "", "")
	if err == nil || !strings.Contains(err.Error(), "tells its records apart") {
		t.Errorf("got %v", err)
	}
}
