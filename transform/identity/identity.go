// Package identity completes a source person once a mapping has filled it:
// what depends on several fields, and the identifiers, names, addresses and
// telephones that follow from it. It holds what every system's patients have
// in common, so that no mapping repeats it.
package identity

import (
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/name"
	"github.com/sihctl/sih/transform/rule"
)

// The columns of source_person that are read or filled here, found once.
var (
	person     = sih.TableByName("source_person")
	identifier = sih.TableByName("person_identifier")
	personName = sih.TableByName("person_name")
	address    = sih.TableByName("person_address")
	telecom    = sih.TableByName("person_telecom")

	colLocal     = person.Column("local_id")
	colFacility  = person.Column("facility_id")
	colSex       = person.Column("sex")
	colBirth     = person.Column("birth_date")
	colCIN       = person.Column("cin")
	colGrade     = person.Column("cin_grade")
	colGuardian  = person.Column("guardian_cin")
	colFamily    = person.Column("family_name")
	colGiven     = person.Column("given_name")
	colMaiden    = person.Column("maiden_name")
	colFamilyAr  = person.Column("family_name_ar")
	colGivenAr   = person.Column("given_name_ar")
	colFamilyKey = person.Column("family_key")
	colGivenKey  = person.Column("given_key")
	colPhone     = person.Column("phone")
	colCommune   = person.Column("commune")
	colAddress   = person.Column("address")
)

// profile is what a country's patients are numbered by.
type profile struct {
	// card is the system of the column cin. Its numbers are graded, and told
	// from a guardian's, where that is the Moroccan card, whose form is known.
	card    string
	numbers []number
}

// number is a column with the system that its numbers are of.
type number struct {
	column              int
	slot, system, owner string
}

// The numbers of Morocco, and of Algeria, whose card, passport and residence
// permit the schema has no system of its own for.
var (
	moroccan = profile{"ma:cin", []number{
		{person.Column("idcs"), "idcs", "ma:idcs", "self"},
		{person.Column("nin"), "nin", "dz:nin", "self"},
		{person.Column("passport"), "passport", "ma:passport", "self"},
		{person.Column("residence_card"), "residence", "ma:residence", "self"},
		{person.Column("amo_no"), "amo", "ma:amo", "insured"},
	}}
	algerian = profile{"legacy", []number{
		{person.Column("idcs"), "idcs", "ma:idcs", "self"},
		{person.Column("nin"), "nin", "dz:nin", "self"},
		{person.Column("passport"), "passport", "legacy", "self"},
		{person.Column("residence_card"), "residence", "legacy", "self"},
		{person.Column("amo_no"), "chifa", "dz:chifa", "insured"},
	}}
)

// For returns what completes a source person by a country's rules: ma or dz.
func For(country string) func(*mapping.Completion) {
	p := &moroccan
	if country == "dz" {
		p = &algerian
	}
	return p.complete
}

// complete fills what follows from several fields of a source person: the
// number's grade, whose it is, the names' keys; and makes its identity rows.
func (p *profile) complete(c *mapping.Completion) {
	v := c.Entity.Values
	if v[colSex].IsNull() {
		// A person is not worth rejecting for want of a sex.
		v[colSex] = sih.CodeValue("unknown")
	}
	if p.card == "ma:cin" {
		whose(c, v)
	}
	v[colFamilyKey] = key(v[colFamily], v[colFamilyAr])
	v[colGivenKey] = key(v[colGiven], v[colGivenAr])
	if name.Test(v[colFamily].String()+" "+v[colGiven].String()) || name.Test(v[colFamily].String()) {
		c.Issue("", sih.R14, sih.Warning, "looks like a test patient")
	}
	p.rows(c, v)
	names(c, v)
	contact(c, v)
}

// whose grades the national number, and moves it to the guardian where the
// patient is too young to have a card: hospitals ask the parent's for a minor.
func whose(c *mapping.Completion, v []sih.Value) {
	if v[colCIN].IsNull() {
		return
	}
	norm, grade := rule.CIN(v[colCIN].String())
	if (grade == "valid" || grade == "atypical") && !v[colBirth].IsNull() && c.AsOf.Precision != sih.Unknown &&
		rule.Guardian(v[colBirth].PDate(), c.AsOf.Last) {
		if v[colGuardian].IsNull() {
			v[colGuardian] = sih.StrValue(norm)
		}
		v[colCIN] = sih.Value{}
		return
	}
	v[colGrade] = sih.CodeValue(grade)
}

func key(latin, arabic sih.Value) sih.Value {
	k := ""
	if !latin.IsNull() {
		k = name.Key(latin.String())
	}
	if k == "" && !arabic.IsNull() {
		k = name.Key(arabic.String())
	}
	if len(k) > 120 {
		k = k[:120]
	}
	return sih.StrValue(k)
}

// owned fills what every identity row begins with.
func owned(c *mapping.Completion, e *sih.Entity) {
	e.Values[1] = c.Entity.Values[0]
}

func set(e *sih.Entity, column string, v sih.Value) { e.Values[e.Table.Column(column)] = v }

// rows makes a row for each of the patient's numbers.
func (p *profile) rows(c *mapping.Completion, v []sih.Value) {
	add := func(slot, system, value, norm, owner, grade string, issuer sih.Value) {
		c.Emit(identifier, slot, func(e *sih.Entity) {
			owned(c, e)
			set(e, "id_system", sih.CodeValue(system))
			set(e, "id_value", sih.StrValue(value))
			set(e, "id_norm", sih.StrValue(norm))
			set(e, "owner", sih.CodeValue(owner))
			set(e, "issuer_id", issuer)
			set(e, "grade", sih.CodeValue(grade))
			set(e, "status", sih.CodeValue("active"))
		})
	}
	if local := v[colLocal].String(); local != "" {
		add("ipp", "ipp", local, local, "self", "valid", v[colFacility])
	}
	if cin := v[colCIN].String(); cin != "" {
		norm, grade := cin, "valid"
		if p.card == "ma:cin" {
			norm, grade = rule.CIN(cin)
		}
		add("cin", p.card, cin, orSelf(norm, cin), "self", grade, sih.Value{})
	}
	if cin := v[colGuardian].String(); cin != "" {
		norm, grade := rule.CIN(cin)
		add("guardian", "ma:cin", cin, orSelf(norm, cin), "guardian", grade, sih.Value{})
	}
	for _, n := range p.numbers {
		if s := v[n.column].String(); s != "" {
			add(n.slot, n.system, s, s, n.owner, "valid", sih.Value{})
		}
	}
}

func orSelf(norm, s string) string {
	if norm == "" {
		return s
	}
	return norm
}

func names(c *mapping.Completion, v []sih.Value) {
	add := func(slot, use, script string, family, given, nameKey sih.Value) {
		full := strings.TrimSpace(given.String() + " " + family.String())
		if full == "" {
			return
		}
		c.Emit(personName, slot, func(e *sih.Entity) {
			owned(c, e)
			set(e, "name_use", sih.CodeValue(use))
			set(e, "script", sih.CodeValue(script))
			set(e, "family", family)
			set(e, "given", given)
			set(e, "full_text", sih.StrValue(full))
			k := strings.TrimSpace(v[colGivenKey].String() + " " + nameKey.String())
			if k == "" {
				k = "-" // nothing of the name is left to compare
			}
			set(e, "name_key", sih.StrValue(cut(k, 200)))
		})
	}
	script := func(latin sih.Value) string {
		if name.IsArabic(latin.String()) {
			return "Arab"
		}
		return "Latn"
	}
	add("latn", "official", script(sih.TextValue(v[colFamily].String()+v[colGiven].String())), v[colFamily], v[colGiven], v[colFamilyKey])
	add("arab", "official", "Arab", v[colFamilyAr], v[colGivenAr], v[colFamilyKey])
	if maiden := v[colMaiden]; !maiden.IsNull() {
		add("maiden", "maiden", script(maiden), maiden, v[colGiven], sih.StrValue(name.Key(maiden.String())))
	}
}

func cut(s string, limit int) string {
	if len(s) > limit {
		return s[:limit]
	}
	return s
}

func contact(c *mapping.Completion, v []sih.Value) {
	if phone := v[colPhone]; !phone.IsNull() {
		c.Emit(telecom, "phone", func(e *sih.Entity) {
			owned(c, e)
			set(e, "telecom_kind", sih.CodeValue("phone"))
			set(e, "telecom_value", phone)
			set(e, "telecom_norm", phone)
		})
	}
	if v[colAddress].IsNull() && v[colCommune].IsNull() {
		return
	}
	c.Emit(address, "home", func(e *sih.Entity) {
		owned(c, e)
		set(e, "address_use", sih.CodeValue("home"))
		set(e, "address_text", v[colAddress])
		set(e, "commune", v[colCommune])
	})
}
