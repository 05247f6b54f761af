package linkage

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

const (
	// houseful is the greatest number of records that may live together; a
	// value that more have says nothing of who does.
	houseful = 10
	// A column is a household's where of the pairs of records that share a
	// value fewest others are of two people, where fewest kin of these are of
	// one family, and where fewest sharers of its records are in such a pair.
	fewestOthers, fewestKin, fewestSharers = 0.5, 0.2, 0.1
	// leastName is the least length of names, in bytes, that namesakes share.
	leastName = 8
	// fewestPairs tell anything.
	fewestPairs = 20
)

// relativeNames are what columns of somebody else's name are called.
var relativeNames = regexp.MustCompile(`(?i)father|mother|spouse|husband|wife|guardian|parent|household|head_of|next_of_kin|\bp[eè]re|\bm[eè]re|_p[eè]re|_m[eè]re|conjoint|[eé]poux|tuteur|foyer|vater|mutter|haushalt|padre|madre|c[oó]nyuge|hogar`)

// leaveOutHouseholds leaves out the columns whose values people who live
// together have in common, a telephone or an address: weighed like names they
// would take the household for the person. Such a value is shared by records
// of other births and other given names, which bear one family name: those
// that share a rare post code do not.
func (p *Proposal) leaveOutHouseholds(rows []extract.Row, columns []profile.Column) {
	at := func(c ProposedColumn) int {
		return slices.IndexFunc(columns, func(x profile.Column) bool { return x.Column == c.Column })
	}
	born, names := -1, []int(nil)
	for i, c := range p.Columns {
		switch {
		case c.Kind == "":
		case relativeNames.MatchString(c.Column):
			p.Columns[i].Kind, p.Columns[i].Why = "", "called another's: what a household has in common"
		case c.Kind == "date" && (born < 0 || c.Distinct > p.Columns[born].Distinct):
			born = i
		case c.Kind == "name":
			names = append(names, at(c))
		}
	}
	if born < 0 || len(names) < 2 {
		return
	}
	who := make([]identityOf, len(rows))
	for i, row := range rows {
		who[i].born = date(row[at(p.Columns[born])].Text)
		for _, n := range names {
			who[i].names = append(who[i].names, fold(row[n].Text))
		}
	}
	for i, c := range p.Columns {
		switch {
		case c.Kind == "code" && numbers(rows, at(c), who):
			p.Columns[i].Kind, p.Columns[i].Why = "", "records of one name and birth never share it: it numbers them"
		case (c.Kind == "code" || c.Kind == "place") && ofHouseholds(rows, at(c), who):
			p.Columns[i].Kind, p.Columns[i].Why = "", "people of one family share its values: it is a household's"
		}
	}
}

// An identityOf is what tells a record's person from others of the household.
type identityOf struct {
	born  string
	names []string
}

// year returns the year of birth, or "".
func (a *identityOf) year() string { return a.born[:min(4, len(a.born))] }

// two tells whether two records are surely two people, and whether these are
// of one family.
func (a *identityOf) two(b *identityOf) (two, kin bool) {
	if a.born == "" || b.born == "" || a.year() == b.year() {
		return false, false
	}
	for i, x := range a.names {
		y := b.names[i]
		if x == "" || y == "" {
			continue
		}
		two, kin = two || x[0] != y[0], kin || x == y
	}
	return two, two && kin
}

// numbers tells whether a column numbers records, and not persons: records of
// the same names and birth have it, and hardly ever the same.
func numbers(rows []extract.Row, column int, who []identityOf) bool {
	last := map[string]string{} // per person, as far as names and birth tell
	pairs, same := 0, 0
	for i, row := range rows {
		v := fold(row[column].Text)
		key := strings.Join(who[i].names, "\x00")
		if v == "" || len(who[i].born) < len("1980-05-12") || len(key) < leastName {
			continue
		}
		key += "\x00" + who[i].born
		if was, ok := last[key]; ok {
			pairs++
			if was == v {
				same++
			}
		}
		last[key] = v
	}
	return pairs >= fewestPairs && same*20 < pairs
}

// ofHouseholds tells whether a column's values are those of households.
func ofHouseholds(rows []extract.Row, column int, who []identityOf) bool {
	holders := map[string][]int{}
	filled := 0
	for i, row := range rows {
		if v := fold(row[column].Text); v != "" {
			holders[v] = append(holders[v], i)
			filled++
		}
	}
	var pairs, others, kin, sharers float64
	for _, list := range holders {
		if len(list) > houseful {
			continue
		}
		shares := make([]bool, len(list))
		for i, x := range list {
			for j, y := range list[:i] {
				if who[x].born == "" || who[y].born == "" {
					continue
				}
				pairs++
				two, related := who[x].two(&who[y])
				if two {
					others++
					shares[i], shares[j] = true, true
				}
				if related {
					kin++
				}
			}
		}
		for _, s := range shares {
			if s {
				sharers++
			}
		}
	}
	return pairs >= fewestPairs && others >= fewestOthers*pairs && kin >= fewestKin*others && sharers >= fewestSharers*float64(filled)
}
