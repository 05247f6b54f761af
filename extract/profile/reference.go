package profile

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Reference is a column that seems to hold the key of another table, or of
// another row of its own. No catalogue says so: the names of the two columns
// do, or their values.
type Reference struct {
	Column string `json:"column"`
	Table  string `json:"table"` // that it leads to
	Key    string `json:"key"`   // the column there
	// Evidence is name where the two columns are called alike, and values where
	// nearly all values stand there though they are not.
	Evidence string `json:"evidence"`
	Rows     int64  `json:"rows"` // with a value
	// Orphans counts the rows of these whose value stands nowhere in Key, and
	// OrphanValues their distinct values. They are estimates unless Exact.
	Orphans      int64 `json:"orphans"`
	OrphanValues int64 `json:"orphan_values"`
	Exact        bool  `json:"exact"`
}

// Share returns the share of orphans among the rows with a value.
func (r Reference) Share() float64 {
	if r.Rows == 0 {
		return 0
	}
	return float64(r.Orphans) / float64(r.Rows)
}

// The bounds of what is taken for a reference: the share of a column's values
// that must stand in the key. Where the names say so, many may be orphans, and
// are just what is looked for. Where they do not, whole numbers prove nothing
// by standing among others that leave few gaps: what chance would give counts
// against it.
const (
	leastAlike  = 0.3 // called alike
	leastNearly = 0.5 // called nearly alike
	leastValues = 0.9 // called otherwise
	leastBeyond = 0.5 // beyond chance
	leastCommon = 20  // values in common, where the names say nothing
)

// Relate tells of each table which of its columns seem to lead where, and what
// of it is orphaned. Tables are those whose profiles took part.
func (s *Source) Relate(tables []Table) {
	type place struct{ table, column string }
	at := map[place]*Column{}
	rows := map[string]int64{}
	for i := range tables {
		t := &tables[i]
		rows[t.Table] = t.Rows
		for j := range t.Columns {
			at[place{t.Table, t.Columns[j].Column}] = &t.Columns[j]
		}
	}
	var keys []*values
	for _, v := range s.columns {
		c := at[place{v.table, v.column}]
		if c != nil && v.keyOf(c, rows[v.table]) {
			keys = append(keys, v)
		}
	}
	for i := range tables {
		t := &tables[i]
		t.References = []Reference{}
		for _, v := range s.columns {
			if v.table != t.Table || v.n == 0 {
				continue
			}
			if r, ok := s.lead(v, at[place{v.table, v.column}], keys); ok {
				t.References = append(t.References, r)
			}
		}
		t.Findings = append(t.Findings, orphans(t.References)...)
	}
}

// orphans notes what leads to nothing.
func orphans(all []Reference) (out []Finding) {
	for _, r := range all {
		if r.Orphans > 0 {
			about := ""
			if !r.Exact {
				about = "about "
			}
			out = append(out, Finding{"orphans", r.Column, r.Orphans,
				fmt.Sprintf("leads to no %s %s: %s%.3g %% of its rows", r.Table, r.Key, about, 100*r.Share())})
		}
	}
	return out
}

// keyOf tells whether the column identifies the rows of its table: it is
// declared to, or each row has a value and each another one.
func (v *values) keyOf(c *Column, rows int64) bool {
	switch {
	case v.n == 0:
		return false
	case v.key:
		return true
	}
	return c.Valued == rows && rows > 1 && !slices.ContainsFunc(v.slots, func(s slot) bool { return s.rows > 1 })
}

// lead finds the key that a column seems to hold.
func (s *Source) lead(v *values, c *Column, keys []*values) (best Reference, found bool) {
	var grade [3]float64
	own := slices.Contains(keys, v)
	for _, k := range keys {
		if k == v || own && !leads(v, k) {
			continue
		}
		alike := v.alike(k)
		common, orphans, orphanValues := v.compare(k)
		share := float64(common) / float64(v.n)
		beyond := share - v.chance(k)
		switch {
		case alike == 2 && share >= leastAlike && (!v.key || beyond >= leastBeyond):
		case alike == 1 && share >= leastNearly && (!v.key || beyond >= leastBeyond):
		case share >= leastValues && beyond >= leastBeyond && common >= leastCommon:
		default:
			continue
		}
		declared := 0.0
		if k.key {
			declared = 1
		}
		this := [3]float64{share + float64(alike)/4, declared, float64(k.n)}
		if found && slices.Compare(this[:], grade[:]) <= 0 {
			continue
		}
		grade, found = this, true
		best = Reference{Column: v.column, Table: k.table, Key: k.column, Evidence: "values", Rows: c.Valued, Exact: s.shift == 0}
		if alike > 0 {
			best.Evidence = "name"
		}
		best.Orphans, best.OrphanValues = orphans, orphanValues
		if s.shift > 0 {
			total := int64(0)
			for _, o := range v.slots {
				total += o.rows
			}
			best.Orphans = int64(math.Round(float64(orphans) / float64(total) * float64(c.Valued)))
			best.OrphanValues = orphanValues << s.shift
		}
	}
	return best, found
}

// leads tells, of two columns that both identify the rows of their tables, that
// the first leads to the second and not the second to the first: a bill that
// is paid once stands in both, and every payment has a bill.
func leads(v, k *values) bool {
	common, _, _ := v.compare(k)
	here, there := float64(common)/float64(v.n), float64(common)/float64(k.n)
	if here != there || v.key != k.key {
		return here > there || here == there && k.key
	}
	return slices.Index(v.source.columns, k) < slices.Index(v.source.columns, v)
}

// compare counts the values that stand in the key as well, and the others with
// their rows.
func (v *values) compare(k *values) (common int, orphans, orphanValues int64) {
	for _, s := range v.slots {
		switch {
		case s.hash == 0:
		case k.has(s.hash):
			common++
		default:
			orphans += s.rows
			orphanValues++
		}
	}
	return common, orphans, orphanValues
}

// chance returns the share of a column's values that would stand in the key if
// both held whole numbers at random: how dense those of the key are.
func (v *values) chance(k *values) float64 {
	if 2*v.digits < v.seen || 2*k.digits < k.seen {
		return 0
	}
	span := k.high - k.low + 1
	all := float64(k.n) * math.Pow(2, float64(k.source.shift))
	dense := min(1, all/span)
	within := min(v.high, k.high) - max(v.low, k.low) + 1
	return dense * min(1, max(0, within)/(v.high-v.low+1))
}

// generic are names that say nothing of what they name.
var generic = []string{"id", "code", "cod", "no", "num", "nr", "numero", "key", "cle", "ref", "clave", "sira", "ligne", "linea", "orden"}

// alike tells how much a column is called like a key: 2 alike, as NHC and NHC,
// or PATIENT_ID and ID of PATIENT; 1 nearly, as NHC_FUSION and NHC; 0 not.
func (v *values) alike(k *values) int {
	name, key := plain(v.column), plain(k.column)
	table := plain(k.table[strings.LastIndexByte(k.table, '.')+1:])
	stem := strings.TrimSuffix(table, "s")
	says := !slices.Contains(generic, key)
	switch {
	case name == key && says && v.table != k.table,
		name == table+key, name == stem+key, name == key+table, name == key+stem:
		return 2
	case says && len(key) >= 3 && (strings.HasPrefix(name, key) || strings.HasSuffix(name, key)) && name != key,
		!says && len(stem) >= 3 && (name == table || name == stem):
		return 1
	}
	return 0
}

// plain leaves the letters and digits of a name, small.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r == '_', r == '-', r == ' ', r == '.':
			return -1
		}
		return r
	}, name)
}
