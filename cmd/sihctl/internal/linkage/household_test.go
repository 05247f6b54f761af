package linkage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
)

// TestProposalOfHouseholds holds that a draft leaves out what a household has
// in common and what numbers the records, and keeps what is a person's own, and
// what strangers share: a rare post code.
func TestProposalOfHouseholds(t *testing.T) {
	given := strings.Fields("Ada Bob Carl Dora Eve Fred Greta Hans Ida Jan Karl Lena")
	family := strings.Fields("Ashton Bell Carter Denford Ellis Foster Grant Hartley Irving Jones Keller Lang Morton Norton Owen Parker Quinn Reed Stone Turner")
	var text strings.Builder
	text.WriteString("id,first,last,born,father name,phone,house,card,serial,postcode\n")
	id := 0
	for house := range 120 {
		for member := range 3 {
			first := given[(house*5+member*4)%len(given)] + []string{"", "-Ann", "-Lee", "-Max", "-Zoe"}[house%5]
			last := family[house*7%len(family)] + []string{"", "by", "ton"}[house%3]
			for range 1 + (house+member)%2 { // records of each
				id++
				fmt.Fprintf(&text, "%d,%s,%s,%d-%02d-%02d,%s,06%08d,H-%d,%d-%d,K%06d,%05d\n", id, first, last,
					1930+25*member+house%20, 1+(house+member)%12, 1+house%28, given[house%len(given)], house*7919, house, house, member*31, id*17, (house*3+member*29)%180)
			}
		}
	}
	p, err := linkage.Propose(t.Context(), written(t, "people.csv", strings.NewReplacer("first,last", "first name,last name").Replace(text.String())), "", "")
	if err != nil {
		t.Fatal(err)
	}
	got, why := map[string]string{}, map[string]string{}
	for _, c := range p.Columns {
		got[c.Column], why[c.Column] = c.Kind, c.Why
	}
	want := map[string]string{"id": "", "first name": "name", "last name": "name", "born": "date", "father name": "",
		"phone": "", "house": "", "card": "code", "serial": "", "postcode": "code"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%v", diff, why)
	}
}
