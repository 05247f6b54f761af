package match

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// The bounds of a model: a row has at most 16 words of 32 bits, one cache
// line, in which small fields share a word, and the levels of a pair fit 16 times four bits.
const (
	mostFields      = 32
	mostWords32     = 16
	mostComparisons = 16
	mostLevels      = 15
	mostPasses      = 250
	mostRules       = 64
	mostGroups      = 8 // counting that of the levels without one
)

type fieldKind uint8

const (
	textField fieldKind = iota
	dateField
	wordField
	flagsField
	signatureField
)

var fieldKinds = map[string]fieldKind{
	"text": textField, "name": textField, "place": textField, "code": textField, "category": textField,
	"date": dateField, "word": wordField, "flags": flagsField, "signature": signatureField,
}

// A plan is a model whose names are resolved to positions.
type plan struct {
	fields      []fieldPlan
	comparisons []comparison
	views       []view
	texts       []uint8 // the comparisons of texts, in the order of their turn
	rules       []rule
	ruleSets
	passes       []pass
	groups       []string
	caps         []int32 // per group, in thousandths of a bit; group 0 is no group
	dictionaries []dictionaryPlan
	calendars    int
	stride       int // words of a row
}

type dictionaryPlan struct {
	name  string
	forms []formPlan
}

type formPlan struct{ name, clean string }

type fieldPlan struct {
	slot
	minors  minors
	kind    fieldKind
	from    []originPlan
	texts   int // number of its dictionary or calendar
	words   map[string]uint32
	missing []exclusion
	shared  [][]condition // one of which suffices
	above   int
}

type originPlan struct {
	column int
	clean  string
}

type exclusion struct {
	column int
	words  []string
}

type pass struct {
	key, refine []keyPart
	largest     int
}

// compile resolves a model and checks it. It sees every fault that the file
// alone shows; cleaners are known to [NewTable] only.
func compile(m *Model) (*plan, error) {
	c := compiler{m: m, plan: &plan{}}
	steps := []func() error{c.fields, c.comparisons, c.sharing, c.rules, c.passes, c.thresholds}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	c.plan.ruleSets = newRuleSets(c.plan)
	c.order()
	c.views()
	return c.plan, nil
}

type compiler struct {
	m      *Model
	plan   *plan
	groups []string
}

func (c *compiler) column(name string) (int, error) {
	if i := slices.Index(c.m.Columns, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("there is no column %q", name)
}

func (c *compiler) field(name string) (int, error) {
	if i := slices.IndexFunc(c.m.Fields, func(f Field) bool { return f.Name == name }); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("there is no field %q", name)
}

func (c *compiler) fields() error {
	if len(c.m.Columns) == 0 {
		return faultAt(errors.New("a model needs columns"), "columns")
	}
	if len(c.m.Fields) == 0 || len(c.m.Fields) > mostFields {
		return faultAt(fmt.Errorf("a model has 1 to %d fields", mostFields), "fields")
	}
	for i, f := range c.m.Fields {
		if n, _ := c.field(f.Name); n != i {
			return faultAt(fmt.Errorf("field %q is there twice", f.Name), "fields", i)
		}
		p, err := c.oneField(f)
		if err != nil {
			return faultAt(fmt.Errorf("field %q: %w", f.Name, err), "fields", i)
		}
		c.plan.fields = append(c.plan.fields, p)
	}
	if err := c.minors(); err != nil {
		return err
	}
	return c.slots()
}

func (c *compiler) oneField(f Field) (p fieldPlan, err error) {
	kind, ok := fieldKinds[f.Kind]
	switch {
	case f.Name == "":
		return p, errors.New("it needs a name")
	case !ok:
		return p, errors.New("kind must be name, place, code, category, text, date, word, flags or signature")
	case len(f.From) == 0:
		return p, errors.New("it comes from no column")
	case kind != textField && (f.Dictionary != "" || len(f.Forms) > 0 || f.Shared != nil):
		return p, errors.New("only a text has a dictionary, forms and shared values")
	case (kind == wordField || kind == flagsField) != (len(f.Words) > 0):
		return p, errors.New("words belong to kinds word and flags")
	case f.Most != 0 && (f.Most < 2 || kind != textField && kind != signatureField):
		return p, errors.New("most is 2 or more, and for texts and signatures")
	case len(f.Words) > 31:
		return p, errors.New("it has at most 31 words")
	}
	p.kind = kind
	for _, o := range f.From {
		n, err := c.column(o.Column)
		if err != nil {
			return p, err
		}
		p.from = append(p.from, originPlan{n, o.Clean})
	}
	for _, name := range sortedKeys(f.MissingWhen) {
		n, err := c.column(name)
		if err != nil {
			return p, err
		}
		p.missing = append(p.missing, exclusion{n, f.MissingWhen[name]})
	}
	p.words = map[string]uint32{}
	for i, w := range f.Words {
		p.words[w] = uint32(i + 1)
		if kind == flagsField {
			p.words[w] = 1 << i
		}
	}
	switch kind {
	case textField:
		p.texts, err = c.dictionary(f)
	case dateField:
		p.texts = c.plan.calendars
		c.plan.calendars++
	}
	return p, err
}

// dictionary returns the number of the field's dictionary and adds the
// field's forms to it.
func (c *compiler) dictionary(f Field) (int, error) {
	name := f.Dictionary
	if name == "" {
		name = "field " + f.Name
	}
	n := slices.IndexFunc(c.plan.dictionaries, func(d dictionaryPlan) bool { return d.name == name })
	if n < 0 {
		n = len(c.plan.dictionaries)
		c.plan.dictionaries = append(c.plan.dictionaries, dictionaryPlan{name: name})
	}
	d := &c.plan.dictionaries[n]
	for _, form := range sortedKeys(f.Forms) {
		i := slices.IndexFunc(d.forms, func(p formPlan) bool { return p.name == form })
		if i < 0 {
			d.forms = append(d.forms, formPlan{form, f.Forms[form]})
		} else if d.forms[i].clean != f.Forms[form] {
			return 0, fmt.Errorf("form %q is made in two ways in dictionary %q", form, name)
		}
	}
	return n, nil
}

func (c *compiler) form(field int, name string) (int, error) {
	forms := c.plan.dictionaries[c.plan.fields[field].texts].forms
	if i := slices.IndexFunc(forms, func(p formPlan) bool { return p.name == name }); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("field %q has no form %q", c.m.Fields[field].Name, name)
}

func (c *compiler) passes() error {
	if len(c.m.Passes) == 0 || len(c.m.Passes) > mostPasses {
		return faultAt(fmt.Errorf("a model has 1 to %d passes", mostPasses), "passes")
	}
	for i, p := range c.m.Passes {
		key, err := c.keyParts(p.Key)
		if err == nil && len(key) == 0 {
			err = errors.New("it needs a key")
		}
		if err != nil {
			return faultAt(fmt.Errorf("pass %q: %w", p.Name, err), "passes", i, "key")
		}
		refine, err := c.keyParts(p.Refine)
		if err != nil {
			return faultAt(fmt.Errorf("pass %q: %w", p.Name, err), "passes", i, "refine")
		}
		largest := p.Largest
		if largest == 0 {
			largest = 100
		}
		if largest < 2 {
			return faultAt(fmt.Errorf("pass %q: largest must be 2 or more", p.Name), "passes", i, "largest")
		}
		c.plan.passes = append(c.plan.passes, pass{key, refine, largest})
	}
	return nil
}

// Keyed tells whether records that have these columns alone, as Model.Columns
// orders them, can have the key of any pass. Where they cannot, no two of them
// are ever compared.
func (t *Table) Keyed(has []bool) bool {
	field := func(i int) bool {
		return slices.ContainsFunc(t.plan.fields[i].from, func(o originPlan) bool { return has[o.column] })
	}
	lacking := func(p keyPart) bool {
		switch {
		case p.kind == bagPart: // of the words of both, either has some
			return !field(p.field) && !field(p.other)
		case p.either:
			return !field(p.field) || !field(p.other)
		}
		return !field(p.field)
	}
	return slices.ContainsFunc(t.plan.passes, func(p pass) bool { return !slices.ContainsFunc(p.key, lacking) })
}

func (c *compiler) thresholds() error {
	t := &c.m.Thresholds
	open := func(p float64) bool { return p > 0 && p < 1 }
	switch {
	case t.Expected <= 0:
		return faultAt(errors.New("expected must be positive"), "thresholds", "expected")
	case !open(t.Merge) || !open(t.Review) || !open(t.Link):
		return faultAt(errors.New("merge, review and link are probabilities between 0 and 1"), "thresholds")
	case t.Review > t.Merge:
		return faultAt(errors.New("review must not exceed merge"), "thresholds", "review")
	case t.Lone != 0 && (!open(t.Lone) || t.Lone > t.Link):
		return faultAt(errors.New("lone is a probability, and not above link"), "thresholds", "lone")
	case t.Bridge != 0 && !open(t.Bridge):
		return faultAt(errors.New("bridge is a probability between 0 and 1"), "thresholds", "bridge")
	case !(t.Clip >= 0):
		return faultAt(errors.New("clip is a weight in bits"), "thresholds", "clip")
	case t.Largest < 2 || t.Budget < 1:
		return faultAt(errors.New("largest is 2 or more, budget 1 or more"), "thresholds")
	}
	return nil
}

// millibits returns x bits in thousandths of a bit, the unit of all weights:
// integers add up to the same in any order.
func millibits(x float64) int32 { return int32(math.Round(1000 * x)) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
