// Package golden computes a person, the golden record, from the patient
// records that are one human being. A [Policy] says which of several values
// survives; [Policy.Merge] applies it and tells where each value came from and
// where the records disagreed. What does not survive is not lost: it stays in
// the source persons, and as names, identifiers and addresses.
//
// The package performs no I/O and reads no clock. Ties go by the id of the
// record, so any order of the records yields the same person.
package golden

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
)

// A Source is one patient record of the person.
type Source struct {
	// Entity is a row of source_person.
	Entity sih.Entity
	// Verified tells that an authority has confirmed the record's identity,
	// as the national identity office does. Its values come before all
	// others.
	Verified bool
}

// A Policy says which value survives. The zero Policy is the default.
type Policy struct {
	// Trust lists sources, as the config names them, the most trusted first.
	// It decides between values that are otherwise equal; sources that are
	// not listed come last.
	Trust []string
	// BirthYears is how many years two births, each known to the day, may be
	// apart before the identity is in conflict; 0 is 2.
	BirthYears int
}

// A Person is a golden record and its story.
type Person struct {
	// Entity is a row of person, without what the loader fills in: run_id,
	// row_hash and updated_at.
	Entity sih.Entity
	// Choices tells where the values came from, in the order of the columns.
	Choices []Choice
	// Conflicts names the columns, of person or source_person, in which the
	// records disagree so much that they may not be one person.
	Conflicts []string
}

// A Choice is a value that survived, or did not.
type Choice struct {
	Column string
	// From is the record that the value was taken from; zero where the value
	// was left empty because the records disagree.
	From sih.ID
	// Rule names the rule that chose.
	Rule string
	// Agree and Known count the records that have this value, and any.
	Agree, Known int
}

// Competed tells whether some record had another value.
func (c Choice) Competed() bool { return c.Agree < c.Known }

// The rules, in the words that provenance keeps.
const (
	RuleFrequent   = "most frequent"
	RulePrecise    = "most precise, then most frequent"
	RuleAny        = "true if any record says so"
	RuleEarliest   = "earliest plausible"
	RuleUndisputed = "only when undisputed"
)

// rules says which rule each column of person goes by, in their order.
var rules = []struct{ column, rule string }{
	{"sex", RuleFrequent},
	{"birth_date", RulePrecise},
	{"birth_place", RuleFrequent},
	{"deceased", RuleAny},
	{"death_ts", RuleEarliest},
	{"nationality", RuleFrequent},
	{"blood_group", RuleUndisputed},
}

// Merge returns the person that the records are. Its id and founder are the
// smallest id among the records; a caller that keeps an older founder sets it
// afterwards. It fails only when there is no record, or one is no row of
// source_person.
func (p Policy) Merge(records []Source) (Person, error) {
	if len(records) == 0 {
		return Person{}, errors.New("merge person: no records")
	}
	table := sih.TableByName("person")
	for _, r := range records {
		if r.Entity.Table != sih.TableByName("source_person") {
			return Person{}, errors.New("merge person: a record is not of table source_person")
		}
	}
	m := merger{policy: p, records: p.ranked(records)}
	out := Person{Entity: sih.Entity{Table: table, Values: make([]sih.Value, len(table.Columns))}}
	set := func(column string, v sih.Value) { out.Entity.Values[table.Column(column)] = v }
	for _, r := range rules {
		v, c, err := m.choose(r.column, r.rule)
		if err != nil {
			return Person{}, fmt.Errorf("merge person: %w", err)
		}
		if c.Known > 0 {
			c.Column, c.Rule = r.column, r.rule
			out.Choices = append(out.Choices, c)
		}
		set(r.column, v)
	}
	if out.Entity.Get("sex").IsNull() {
		set("sex", sih.CodeValue("unknown"))
	}
	founder := m.founder()
	set("id", sih.IDValue(founder))
	set("founder", sih.IDValue(founder))
	set("active", sih.BoolValue(true))
	out.Conflicts = m.conflicts()
	set("identity_status", sih.CodeValue(m.status(out.Conflicts)))
	return out, nil
}

// A merger is one merge at work. Its records stand in the order of
// preference.
type merger struct {
	policy  Policy
	records []Source
}

// ranked returns the records in the order of preference: verified ones first,
// then those with a valid national number, then by trust, then by id.
func (p Policy) ranked(records []Source) []Source {
	out := slices.Clone(records)
	trust := func(s Source) int {
		if i := slices.Index(p.Trust, s.Entity.Get("source_system").String()); i >= 0 {
			return i
		}
		return len(p.Trust)
	}
	slices.SortFunc(out, func(a, b Source) int {
		return cmp.Or(
			cmp.Compare(grade(a), grade(b)),
			cmp.Compare(trust(a), trust(b)),
			compareIDs(id(a), id(b)))
	})
	return out
}

// grade is how well a record's identity is established, the best first.
func grade(s Source) int {
	switch {
	case s.Verified:
		return 0
	case hasValidCIN(s) || !s.Entity.Get("idcs").IsNull():
		return 1
	}
	return 2
}

func hasValidCIN(s Source) bool {
	return !s.Entity.Get("cin").IsNull() && s.Entity.Get("cin_grade").String() == "valid"
}

func id(s Source) sih.ID { return s.Entity.Get("id").ID() }

func compareIDs(a, b sih.ID) int { return slices.Compare(a[:], b[:]) }

func (m *merger) founder() sih.ID {
	least := id(m.records[0])
	for _, r := range m.records[1:] {
		if compareIDs(id(r), least) < 0 {
			least = id(r)
		}
	}
	return least
}

// choose returns the value of a column that survives. Known is 0 when no
// record has one.
func (m *merger) choose(column, rule string) (sih.Value, Choice, error) {
	known := m.known(column)
	if len(known) == 0 {
		return sih.Value{}, Choice{}, nil
	}
	switch rule {
	case RuleFrequent:
		v, c := frequent(known)
		return v, c, nil
	case RulePrecise:
		v, c := precise(known)
		return v, c, nil
	case RuleAny:
		v, c := anyTrue(known)
		return v, c, nil
	case RuleEarliest:
		v, c := m.earliestDeath(known)
		return v, c, nil
	case RuleUndisputed:
		v, c := undisputed(known)
		return v, c, nil
	}
	return sih.Value{}, Choice{}, fmt.Errorf("there is no rule %q", rule)
}

// A claim is what one record says.
type claim struct {
	value    sih.Value
	from     sih.ID
	verified bool
}

// known returns what the records say in a column, in the order of preference.
// An unknown sex says nothing; a known death says that the person is deceased.
func (m *merger) known(column string) []claim {
	var out []claim
	for _, r := range m.records {
		v := r.Entity.Get(column)
		switch {
		case column == "sex" && v.String() == "unknown":
			v = sih.Value{}
		case column == "deceased" && v.IsNull() && !r.Entity.Get("death_ts").IsNull():
			v = sih.BoolValue(true)
		}
		if !v.IsNull() {
			out = append(out, claim{v, id(r), r.Verified})
		}
	}
	return out
}
