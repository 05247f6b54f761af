package linkage

import (
	"slices"
	"strings"

	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/name"
)

// completion returns what empties the cells that say that they are empty, and
// makes the columns of a model that no file has and that follow from others.
func completion(m *match.Model, used []bool) func(values []string) {
	at := func(column string) int { return slices.Index(m.Columns, column) }
	if flags := at("flags"); flags < 0 || used[flags] {
		return blank
	}
	maiden := at("maiden_name")
	family, given, familyAr, givenAr := at("family_name"), at("given_name"), at("family_name_ar"), at("given_name_ar")
	flag := FlagColumn(m)
	return func(values []string) {
		blank(values)
		for _, i := range [...]int{family, given, familyAr} {
			marry(values, i, maiden)
		}
		split(values, family, given)
		split(values, familyAr, givenAr)
		flag(values)
	}
}

// FlagColumn returns what fills a model's column of flags from those of names,
// where it has one. It remembers names, and is for one goroutine.
func FlagColumn(m *match.Model) func(values []string) {
	at := func(column string) int { return slices.Index(m.Columns, column) }
	flags := at("flags")
	if flags < 0 {
		return func([]string) {}
	}
	family, given, familyAr, givenAr := at("family_name"), at("given_name"), at("family_name_ar"), at("given_name_ar")
	get := func(values []string, i int) string {
		if i < 0 {
			return ""
		}
		return values[i]
	}
	f := NewFlagger()
	return func(values []string) {
		values[flags] = f.Flags(get(values, family), get(values, given), get(values, familyAr), get(values, givenAr))
	}
}

// blank empties the cells in which a program wrote that there is nothing.
func blank(values []string) {
	for i, v := range values {
		// Hardly a value is as short and begins so; the map need not be asked.
		if len(v) >= 2 && len(v) <= 6 && strings.IndexByte(`nN(<\#`, v[0]) >= 0 && emptyWords[strings.ToLower(v)] {
			values[i] = ""
		}
	}
}

var emptyWords = words(`null (null) <null> \n n/a #n/a nan none nil`)

// marry moves a second family name out of a cell that holds two.
func marry(values []string, at, maiden int) {
	if at < 0 || maiden < 0 || !mayHoldTwo(values[at]) {
		return
	}
	if first, other := name.Married(values[at]); other != "" {
		values[at] = first
		if values[maiden] == "" {
			values[maiden] = other
		}
	}
}

// mayHoldTwo tells whether a cell may hold two names: it has brackets, or three
// words. It is asked of every name, and takes the first bytes of blanks beyond
// ASCII for blanks.
func mayHoldTwo(s string) bool {
	blanks := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '(' || c == '[':
			return true
		case c <= ' ' || c == 0xc2 || c >= 0xe1 && c <= 0xe3:
			blanks++
		}
	}
	return blanks >= 2
}

// split parts a whole name that stands in the family name's cell.
func split(values []string, family, given int) {
	if family < 0 || given < 0 || values[given] != "" || !strings.Contains(values[family], " ") {
		return
	}
	if f, g := name.Split(values[family]); g != "" && f != "" {
		values[family], values[given] = f, g
	}
}

// A Flagger tells what the matcher must know of a record besides its columns.
// It remembers names, and is for one goroutine.
type Flagger struct{ seen match.Memo[flag] }

type flag uint8

const (
	placeholder flag = 1 << iota
	test
)

// NewFlagger returns a flagger.
func NewFlagger() *Flagger { return new(Flagger) }

// Flags tells whether a record's name stands for nobody in particular, or for
// a test: "placeholder", "test" or both.
func (f *Flagger) Flags(family, given, familyAr, givenAr string) string {
	if family == "" && given == "" {
		family, given = familyAr, givenAr
	}
	found := f.of(family) | f.of(given)
	// A phrase may be parted between the two cells: NOUVEAU, NE.
	if family != "" && given != "" && (len(family) <= 3 || len(given) <= 3) {
		found |= f.of(family + " " + given)
	}
	switch found {
	case placeholder:
		return "placeholder"
	case test:
		return "test"
	case placeholder | test:
		return "placeholder test"
	}
	return ""
}

func (f *Flagger) of(s string) flag {
	if s == "" {
		return 0 // a name that is missing stands for nobody in particular
	}
	if found, ok := f.seen.Get(s); ok {
		return found
	}
	found := flag(0)
	if name.Placeholder(s) {
		found |= placeholder
	}
	if name.Test(s) {
		found |= test
	}
	f.seen.Put(s, found)
	return found
}
