package linkage

import (
	"strings"

	"github.com/sihctl/sih/transform/name"
)

// A derivation makes a column that a model has and a file lacks.
type derivation struct {
	column string
	from   []string // of which one suffices
	make   func(values []string, where map[string]int) string
}

// derived is a derivation whose column is found.
type derived struct {
	at     int
	derive func(values []string, where map[string]int) string
}

var derivations = []derivation{
	{"flags", []string{"family_name", "given_name", "family_name_ar", "given_name_ar"}, func(v []string, where map[string]int) string {
		get := func(column string) string {
			if i, ok := where[column]; ok {
				return v[i]
			}
			return ""
		}
		return Flags(get("family_name"), get("given_name"), get("family_name_ar"), get("given_name_ar"))
	}},
}

// possible tells whether a file has what the column is made of.
func (d *derivation) possible(p *columns) bool {
	for _, name := range d.from {
		if i, ok := p.where[name]; ok && p.at[i] >= 0 {
			return true
		}
	}
	return false
}

// Flags tells what the matcher must know of a record besides its columns:
// whether its name stands for nobody in particular, or for a test.
func Flags(family, given, familyAr, givenAr string) string {
	if family == "" && given == "" {
		family, given = familyAr, givenAr
	}
	var placeholder, test bool
	for _, s := range [...]string{family, given, family + " " + given} {
		if strings.TrimSpace(s) == "" {
			continue // a name that is missing stands for nobody in particular
		}
		placeholder = placeholder || name.Placeholder(s)
		test = test || name.Test(s)
	}
	out := ""
	if placeholder {
		out = "placeholder"
	}
	if test {
		out += " test"
	}
	return out
}
