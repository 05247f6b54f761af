// Package draft writes the first draft of a mapping from what a source's
// tables look like: likely targets by the names of tables and columns in
// French, Spanish, Turkish, English and Arabic and by what the columns hold,
// and everything else as still to be decided. A draft is a beginning: whoever
// goes on with it decides.
package draft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
)

// Draft is the draft of a system's mapping.
type Draft struct {
	System string
	Tables []Table
	Rules  *rule.Set
}

// Table is what became of one table in the draft.
type Table struct {
	Name   string
	Target *sih.Table // nil where nothing is likely
	Rows   int64
	Fields []Field
	Open   []string // required columns that nothing was found for
	Key    []string
	column map[string]bool // the columns that fields read
	seen   *profile.Table
}

// Field is a unified column and what is likely to fill it.
type Field struct {
	Name   string
	Column string // of the source; empty for a constant
	Text   string // the form, as YAML
	Codes  *Codes
}

// Codes are the codes that a column holds, to be translated.
type Codes struct {
	Name   string
	Values []profile.Value
}

// New makes a draft of what was seen of a source's tables.
func New(system string, rules *rule.Set, tables []profile.Table) *Draft {
	d := &Draft{System: system, Rules: rules}
	for i := range tables {
		t := Table{Name: tables[i].Table, Rows: tables[i].Rows, seen: &tables[i], column: map[string]bool{}}
		t.Key = keyOf(t.seen)
		if t.Rows > 0 && !dictionary(t.Name) {
			t.Target = sih.TableByName(targetOf(t.Name))
		}
		d.Tables = append(d.Tables, t)
	}
	d.onePatient()
	for i := range d.Tables {
		if d.Tables[i].Target != nil {
			d.fields(&d.Tables[i])
		}
	}
	for i := range d.Tables {
		if t := &d.Tables[i]; len(t.column) == 0 {
			t.Target, t.Fields, t.Open = nil, nil, nil // nothing of it was recognised
		}
	}
	return d
}

// dictionary tells whether a table by its name only explains codes.
func dictionary(name string) bool {
	for word := range strings.FieldsSeq(plainName(name)) {
		if slices.Contains([]string{"type", "types", "tipo", "tipos", "tur", "class", "dictionnaire", "nomenclature", "reference", "ref", "code", "codes"}, word) {
			return true
		}
	}
	return false
}

// keyOf is the key that the source declares, else the first column that does
// not repeat, else all of them.
func keyOf(t *profile.Table) []string {
	if t.Key != nil {
		return t.Key.Columns
	}
	var all []string
	for _, c := range t.Columns {
		if strings.HasPrefix(c.Column, "_") {
			continue
		}
		if c.DistinctExact && c.Distinct == t.Rows && t.Rows > 0 {
			return []string{c.Column}
		}
		all = append(all, c.Column)
	}
	return all
}

// onePatient keeps, of the tables that look like the patients', the one that
// has most of what a patient has. The others are left open.
func (d *Draft) onePatient() {
	best, most := -1, 0
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Target == nil || t.Target.Name != "source_person" {
			continue
		}
		n := 1
		if slices.Contains([]string{"patient", "patients", "pacientes", "paciente", "hasta", "malade", "malades", "patient data"}, strings.TrimPrefix(plainName(t.Name), "dbo ")) {
			n += 2
		}
		for _, c := range t.seen.Columns {
			if slices.Contains([]string{"family_name family", "given_name given", "birth_date", "sex", "cin"}, meaningOf(t.Target, c.Column)) {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	for i := range d.Tables {
		if t := &d.Tables[i]; i != best && t.Target != nil && t.Target.Name == "source_person" {
			t.Target = nil
		}
	}
}

// meaningOf returns the meaning of a column for a unified table.
func meaningOf(target *sih.Table, column string) string {
	plain := plainName(column)
	for _, m := range meanings {
		if _, ok := unifiedColumn(target, m.columns); ok && meansName(plain, m.names) {
			return m.columns
		}
	}
	return ""
}

// unifiedColumn returns the first of the columns that the table has.
func unifiedColumn(t *sih.Table, columns string) (string, bool) {
	for name := range strings.FieldsSeq(columns) {
		if t.Has(name) || name == "as_of" && t.Name == "source_person" {
			return name, true
		}
	}
	return "", false
}

func (d *Draft) fields(t *Table) {
	taken := map[string]bool{}
	for i := range t.seen.Columns {
		c := &t.seen.Columns[i]
		name, ok := unifiedColumn(t.Target, meaningOf(t.Target, c.Column))
		if !ok || taken[name] || c.Valued == 0 {
			continue
		}
		if f, ok := d.field(t, name, c); ok {
			taken[name] = true
			t.column[c.Column] = true
			t.Fields = append(t.Fields, f)
		}
	}
	d.references(t, taken)
	for i := range t.Target.Columns {
		c := &t.Target.Columns[i]
		if !c.NotNull || taken[c.Name] || !mapping.Mappable(c) {
			continue
		}
		if text, ok := d.usual(t, c); ok {
			t.Fields = append(t.Fields, Field{Name: c.Name, Text: text})
		} else {
			t.Open = append(t.Open, c.Name)
		}
	}
	order := func(f Field) int { // as the unified table has them
		return t.Target.Column(f.Name)
	}
	slices.SortStableFunc(t.Fields, func(a, b Field) int { return order(a) - order(b) })
}

// field is the form for a unified column that is likely to be filled by a
// column; it is false where what the column holds cannot be that.
func (d *Draft) field(t *Table, name string, c *profile.Column) (Field, bool) {
	f := Field{Name: name, Column: c.Column}
	kind, target := sih.KindPDate, (*sih.Column)(nil)
	if name != "as_of" {
		target = &t.Target.Columns[t.Target.Column(name)]
		kind = target.Kind
	}
	steps := ""
	switch kind {
	case sih.KindTS, sih.KindDate, sih.KindPDate:
		layout, ok := d.layout(c, kind)
		if !ok {
			return f, false
		}
		step := map[sih.Kind]string{sih.KindTS: "datetime", sih.KindDate: "date", sih.KindPDate: "pdate"}[kind]
		if name == "birth_date" {
			step = "birth"
		}
		steps = "[{" + step + ": " + quoted(layout) + "}]"
	case sih.KindNum, sih.KindInt:
		if c.Numbers == nil && len(c.Dates) > 0 {
			return f, false
		}
		steps = "[decimal]"
		if kind == sih.KindInt {
			steps = "[int]"
		}
	case sih.KindMoney:
		if c.Numbers == nil {
			return f, false
		}
		steps = "[money]"
	case sih.KindBool:
		steps = "[bool]"
	case sih.KindID:
		return f, false
	default:
		switch name {
		case "cin", "idcs", "nin", "passport", "amo_no", "phone", "nationality", "unit":
			steps = "[" + strings.TrimSuffix(strings.Replace(name, "amo_no", "amo", 1), "_") + "]"
		case "blood_group":
			steps = "[blood]"
		case "family_name", "given_name", "maiden_name", "father_name", "mother_name", "family", "given":
			steps = "[text, name]"
		case "family_name_ar", "given_name_ar":
			steps = "[text, name_ar]"
		case "commune":
			steps = "[text]"
		}
		if steps == "" && target != nil && len(target.Codes) > 0 {
			f.Codes = &Codes{"codes/" + fileName(t.Name) + "_" + fileName(c.Column) + ".csv", c.Values}
			unmapped := ", unmapped: reject"
			if slices.Contains(target.Codes, "unknown") {
				unmapped = ", unmapped: unknown, default: unknown"
			}
			if !target.NotNull {
				unmapped = ""
			}
			f.Text = "{from: " + quoted(c.Column) + ", code: " + f.Codes.Name + unmapped + "}"
			return f, true
		}
	}
	if steps == "" {
		f.Text = quoted(c.Column)
	} else {
		f.Text = "{from: " + quoted(c.Column) + ", steps: " + steps + "}"
	}
	return f, true
}

// layout is how most dates of a column are written, as the step takes it.
func (d *Draft) layout(c *profile.Column, kind sih.Kind) (string, bool) {
	if len(c.Dates) == 0 || 2*c.Dates[0].Count < c.Valued {
		return "", false
	}
	layout, _, _ := strings.Cut(c.Dates[0].Layout, ".S")
	if step := "datetime"; kind == sih.KindTS {
		_, err := d.Rules.Step(step, layout)
		return layout, err == nil
	}
	layout, _, _ = strings.Cut(layout, " H")
	_, err := d.Rules.Step("date", layout)
	return layout, err == nil
}

// references finds the columns that hold the key of the patient and the stay.
func (d *Draft) references(t *Table, taken map[string]bool) {
	for i := range t.Target.Columns {
		c := &t.Target.Columns[i]
		if c.Ref == "" || taken[c.Name] || !mapping.Mappable(c) {
			continue
		}
		if c.Ref == "organisation" && c.Name != "parent_id" {
			t.Fields = append(t.Fields, Field{Name: c.Name, Text: "{facility: true}"})
			taken[c.Name] = true
			continue
		}
		for j := range d.Tables {
			to := &d.Tables[j]
			if to.Target == nil || to.Target.Name != c.Ref || to == t || len(to.Key) != 1 {
				continue
			}
			if column := t.pointer(to); column != "" {
				t.Fields = append(t.Fields, Field{Name: c.Name, Column: column, Text: "{of: " + quoted(to.Name) + ", key: [" + quoted(column) + "]}"})
				t.column[column] = true
				taken[c.Name] = true
				break
			}
		}
	}
}

// pointer finds the column that holds the key of another table: one of the
// same name, or one named after the table.
func (t *Table) pointer(to *Table) string {
	key, name := plainName(to.Key[0]), strings.TrimPrefix(plainName(to.Name), "dbo ")
	for _, c := range t.seen.Columns {
		switch plain := plainName(c.Column); {
		case plain == key && plain != "id":
			return c.Column
		case plain == "id "+name, plain == name+" id", plain == name+" no", plain == "num "+name, plain == name:
			return c.Column
		case to.Target.Name == "source_person" && slices.Contains([]string{"patient id", "id patient", "pid", "person id", "ipp", "patient"}, plain):
			return c.Column
		}
	}
	return ""
}

// usual is what a required column holds where the source has nothing for it.
func (d *Draft) usual(t *Table, c *sih.Column) (string, bool) {
	value := ""
	switch {
	case c.Name == "code_system":
		value = "local:" + d.System
	case c.Name == "currency":
		value = "MAD"
	case c.Name == "sex":
		value = "unknown"
	case c.Name == "intent":
		value = "order"
	case c.Name == "role":
		value = "principal"
	case c.Name == "category" && strings.Contains(plainName(t.Name), "lab"):
		value = "laboratory"
	case c.Name == "category" && slices.Contains(c.Codes, "exam"):
		value = "exam"
	case c.Name == "local_id" && len(t.Key) == 1:
		return quoted(t.Key[0]), true
	case c.Name == "status" && slices.Contains(c.Codes, "unknown"):
		value = "unknown"
	case c.Name == "status" && slices.Contains(c.Codes, "active"):
		value = "active"
	default:
		return "", false
	}
	return fmt.Sprintf("{value: %s}", quoted(value)), true
}
