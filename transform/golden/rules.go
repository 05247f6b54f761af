package golden

import (
	"github.com/sihctl/sih"
)

// trusted returns the claims of verified records, or all when there is none.
func trusted(claims []claim) []claim {
	n := 0
	for n < len(claims) && claims[n].verified {
		n++
	}
	if n == 0 {
		return claims
	}
	return claims[:n]
}

// chosen returns the choice of a claim among all that are known.
func chosen(c claim, known []claim) (sih.Value, Choice) {
	out := Choice{From: c.from, Known: len(known)}
	for _, k := range known {
		if k.value == c.value {
			out.Agree++
		}
	}
	return c.value, out
}

// best returns the first claim of the greatest vote; the claims stand in the
// order of preference.
func best(claims []claim, vote func(claim) int) claim {
	winner, most := claims[0], vote(claims[0])
	for _, c := range claims[1:] {
		if n := vote(c); n > most {
			winner, most = c, n
		}
	}
	return winner
}

// frequent takes the value that most records have.
func frequent(known []claim) (sih.Value, Choice) {
	candidates := trusted(known)
	return chosen(best(candidates, func(c claim) (n int) {
		for _, k := range candidates {
			if k.value == c.value {
				n++
			}
		}
		return n
	}), known)
}

// fineness orders precisions, the finest greatest.
var fineness = map[sih.Precision]int{sih.Day: 4, sih.Month: 3, sih.Range: 2, sih.Year: 1}

// precise takes, among the dates known most precisely, the one that most
// records have or, being less precise, allow.
func precise(known []claim) (sih.Value, Choice) {
	candidates := trusted(known)
	return chosen(best(candidates, func(c claim) int {
		d := c.value.PDate()
		same, allowed := 0, 0
		for _, k := range candidates {
			e := k.value.PDate()
			if k.value == c.value {
				same++
			} else if e.First <= d.First && d.Last <= e.Last {
				allowed++
			}
		}
		// Fineness first, then equal dates, then those that allow it: no
		// person has a thousand records.
		return (fineness[d.Precision]*1000+min(same, 999))*1000 + min(allowed, 999)
	}), known)
}

// anyTrue takes true if any record says so.
func anyTrue(known []claim) (sih.Value, Choice) {
	candidates := trusted(known)
	return chosen(best(candidates, func(c claim) int {
		if c.value.Bool() {
			return 1
		}
		return 0
	}), known)
}

// earliestDeath takes the earliest death that does not come before the
// person's birth; without one, nothing.
func (m *merger) earliestDeath(known []claim) (sih.Value, Choice) {
	plausible := make([]claim, 0, len(known))
	for _, c := range trusted(known) {
		if m.survivedBirth(c) {
			plausible = append(plausible, c)
		}
	}
	if len(plausible) == 0 {
		return sih.Value{}, Choice{Known: len(known)}
	}
	winner := plausible[0]
	for _, c := range plausible[1:] {
		if c.value.Int() < winner.value.Int() {
			winner = c
		}
	}
	return chosen(winner, known)
}

// survivedBirth tells whether a death comes after the person's birth, as far
// as it is known.
func (m *merger) survivedBirth(c claim) bool {
	births := m.known("birth_date")
	if len(births) == 0 {
		return true
	}
	birth, _ := precise(births)
	const day = 24 * 3600 * 1000
	// A death of the day of birth is plausible wherever the clock stood.
	return c.value.Int() >= (int64(birth.PDate().First)-1)*day
}

// undisputed takes the value that all records have that have one.
func undisputed(known []claim) (sih.Value, Choice) {
	candidates := trusted(known)
	for _, c := range candidates[1:] {
		if c.value != candidates[0].value {
			return sih.Value{}, Choice{Known: len(known)}
		}
	}
	return chosen(candidates[0], known)
}

// daysPerYear is the mean length of a Gregorian year.
const daysPerYear = 365.2425

// conflicts names the columns in which the records contradict each other:
// two sexes, two valid national numbers, two numbers of the population
// register, births known to the day that are years apart, two blood groups.
func (m *merger) conflicts() []string {
	var out []string
	if m.differ("sex", func(Source) bool { return true }) {
		out = append(out, "sex")
	}
	if m.birthsApart() {
		out = append(out, "birth_date")
	}
	if m.differ("blood_group", func(Source) bool { return true }) {
		out = append(out, "blood_group")
	}
	if m.differ("cin", hasValidCIN) {
		out = append(out, "cin")
	}
	if m.differ("idcs", func(Source) bool { return true }) {
		out = append(out, "idcs")
	}
	return out
}

// differ tells whether two of the records that count have different values.
func (m *merger) differ(column string, counts func(Source) bool) bool {
	var first sih.Value
	for _, r := range m.records {
		v := r.Entity.Get(column)
		if v.IsNull() || column == "sex" && v.String() == "unknown" || !counts(r) {
			continue
		}
		if first.IsNull() {
			first = v
		} else if v != first {
			return true
		}
	}
	return false
}

func (m *merger) birthsApart() bool {
	years := m.policy.BirthYears
	if years == 0 {
		years = 2
	}
	var least, most sih.Date
	found := false
	for _, c := range m.known("birth_date") {
		d := c.value.PDate()
		if d.Precision != sih.Day {
			continue
		}
		if !found {
			least, most, found = d.First, d.First, true
		}
		least, most = min(least, d.First), max(most, d.First)
	}
	return found && float64(most-least) > daysPerYear*float64(years)
}

// status returns how far the identity is established. A blood group that is
// disputed is a danger, not a doubt about who the person is.
func (m *merger) status(conflicts []string) string {
	for _, c := range conflicts {
		if c != "blood_group" {
			return "conflict"
		}
	}
	switch grade(m.records[0]) {
	case 0:
		return "validated"
	case 1:
		return "retrieved"
	}
	return "provisional"
}
