package match

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// Cleaners are the functions that a model names: what a country knows about
// the spelling of names and numbers. A cleaner returns "" for a value that is
// as good as missing. It is called from one goroutine.
type Cleaners map[string]func(string) string

// A Table holds the records to be matched. Its memory is at most 64 bytes a
// record for the fields and 16 for the id, besides the dictionaries.
type Table struct {
	plan         *plan
	model        *Model
	cleaners     Cleaners
	ids          []sih.ID
	rows         []uint32 // len(plan.fields) words per record
	dictionaries []*dictionary
	calendars    []*calendar
	memo         [][]memo // per field and origin
	unread       []int
	ran          bool
	list         uint8   // that records are added to
	lists        []uint8 // per record; nil while there is one list
}

// NewTable returns an empty table. It fails when the model names a cleaner
// that is not there.
func NewTable(m *Model, cleaners Cleaners) (*Table, error) {
	p, err := compile(m)
	if err != nil {
		return nil, &ModelError{Err: err}
	}
	t := &Table{plan: p, model: m, cleaners: cleaners, unread: make([]int, len(p.fields))}
	need := func(name string) error {
		if name != "" && cleaners[name] == nil {
			return &ModelError{Err: fmt.Errorf("there is no cleaner %q", name)}
		}
		return nil
	}
	for _, d := range p.dictionaries {
		dict := newDictionary()
		for _, f := range d.forms {
			if err := need(f.clean); err != nil {
				return nil, err
			}
			dict.forms = append(dict.forms, form{name: f.name, clean: cleaners[f.clean]})
		}
		t.dictionaries = append(t.dictionaries, dict)
	}
	for range p.calendars {
		t.calendars = append(t.calendars, newCalendar())
	}
	for _, f := range p.fields {
		for _, o := range f.from {
			if err := need(o.clean); err != nil {
				return nil, err
			}
		}
		t.memo = append(t.memo, make([]memo, len(f.from)))
	}
	return t, nil
}

// Grow makes room for n more records.
func (t *Table) Grow(n int) {
	t.ids = slices.Grow(t.ids, n)
	t.rows = slices.Grow(t.rows, n*len(t.plan.fields))
}

// NextList begins another list: see [Options.Lists]. Past 255 lists the
// further ones count as one.
func (t *Table) NextList() {
	if t.lists == nil {
		t.lists = make([]uint8, len(t.ids), cap(t.ids))
	}
	t.list = uint8(min(int(t.list)+1, 255))
}

// Len returns the number of records.
func (t *Table) Len() int { return len(t.ids) }

// Add adds a record. Values are those of the model's columns, in order; ""
// is a missing value. Dates are written as [sih.PartialDate] writes them; one
// that cannot be read is missing, and counted.
func (t *Table) Add(id sih.ID, values []string) error {
	switch {
	case t.ran:
		return errors.New("add record: the table has been matched")
	case len(values) != len(t.model.Columns):
		return fmt.Errorf("add record: %d values for %d columns", len(values), len(t.model.Columns))
	case len(t.ids) == math.MaxUint32:
		return errors.New("add record: the table is full")
	}
	t.ids = append(t.ids, id)
	if t.lists != nil {
		t.lists = append(t.lists, t.list)
	}
	for i := range t.plan.fields {
		t.rows = append(t.rows, t.code(i, values))
	}
	return nil
}

// code returns the word that a record has for a field.
func (t *Table) code(field int, values []string) uint32 {
	f := &t.plan.fields[field]
	for _, x := range f.missing {
		if slices.Contains(x.words, values[x.column]) {
			return 0
		}
	}
	for i, o := range f.from {
		raw := values[o.column]
		if raw == "" {
			continue
		}
		if w := t.memo[field][i].code(t, field, o.clean, raw); w != 0 {
			return w
		}
	}
	return 0
}

// A memo remembers the words of values seen before: cleaning a name costs
// more than looking it up, and most names come again. It stops learning at
// mostMemo values, which near-unique fields reach at once.
type memo struct{ seen map[string]uint32 }

const mostMemo = 1 << 15

func (m *memo) code(t *Table, field int, cleaner, raw string) uint32 {
	if w, ok := m.seen[raw]; ok {
		return w
	}
	s := raw
	if cleaner != "" {
		s = t.cleaners[cleaner](raw)
	}
	w, ok := t.encode(field, s)
	if !ok {
		t.unread[field]++
		return 0
	}
	if m.seen == nil {
		m.seen = map[string]uint32{}
	}
	if len(m.seen) < mostMemo {
		m.seen[strings.Clone(raw)] = w
	}
	return w
}

// encode returns the word of a cleaned value, and whether it could be read.
func (t *Table) encode(field int, s string) (uint32, bool) {
	if s == "" {
		return 0, true
	}
	f := &t.plan.fields[field]
	switch f.kind {
	case textField:
		return t.dictionaries[f.texts].add(s), true
	case dateField:
		p, err := sih.ParsePartialDate(s)
		if err != nil {
			return 0, false
		}
		return t.calendars[f.texts].add(p), true
	case signatureField:
		return signature(s), true
	case flagsField:
		var flags uint32
		for w := range strings.FieldsSeq(s) {
			flags |= f.words[w]
		}
		return flags, true
	}
	return f.words[s], true
}

// A frozen table is sorted by id and no longer changes; workers share it.
type frozen struct {
	plan         *plan
	model        *Model
	ids          []sih.ID
	lists        []uint8  // per record; nil for one list
	input        []uint32 // per record, its number in the order of adding; nil where that is its rank
	rows         []uint32
	stride       int
	dictionaries []*dictionary
	calendars    []*calendar
	// rarities holds, per comparison that adjusts for frequency, what each
	// code adds, in thousandths of a bit.
	rarities [][]int32
	// common marks, per comparison that knows common texts, their codes.
	common [][]bool
}

func (f *frozen) row(i uint32) []uint32 {
	at := int(i) * f.stride
	return f.rows[at : at+f.stride : at+f.stride]
}

// freeze sorts the records by id, completes the dictionaries, and finds which
// numbers are shared.
func (t *Table) freeze() (*frozen, error) {
	t.ran = true
	t.memo = nil
	f := &frozen{
		plan: t.plan, model: t.model, ids: t.ids, lists: t.lists, rows: t.rows, stride: len(t.plan.fields),
		dictionaries: t.dictionaries, calendars: t.calendars,
	}
	f.sort()
	for i := 1; i < len(f.ids); i++ {
		if f.ids[i] == f.ids[i-1] {
			return nil, fmt.Errorf("match: record %s was added twice", f.ids[i])
		}
	}
	for _, d := range f.dictionaries {
		d.freeze()
	}
	f.rarities = make([][]int32, len(f.plan.comparisons))
	f.common = make([][]bool, len(f.plan.comparisons))
	for i := range f.plan.comparisons {
		if err := f.countValues(i); err != nil {
			return nil, err
		}
	}
	f.markShared()
	return f, nil
}

// sort puts the records in the order of their ids, in place, by following the
// cycles of the permutation.
func (f *frozen) sort() {
	less := func(a, b uint32) int { return slices.Compare(f.ids[a][:], f.ids[b][:]) }
	order := make([]uint32, len(f.ids))
	for i := range order {
		order[i] = uint32(i)
	}
	if slices.IsSortedFunc(order, less) {
		return
	}
	slices.SortFunc(order, less)
	f.input = slices.Clone(order)
	if f.lists != nil {
		lists := make([]uint8, len(f.lists))
		for i, from := range order {
			lists[i] = f.lists[from]
		}
		f.lists = lists
	}
	held := make([]uint32, f.stride)
	for start := range order {
		from := order[start]
		if from == uint32(start) {
			continue
		}
		id := f.ids[start]
		copy(held, f.row(uint32(start)))
		to := uint32(start)
		for from != uint32(start) {
			f.ids[to] = f.ids[from]
			copy(f.row(to), f.row(from))
			order[to] = to
			to, from = from, order[from]
		}
		f.ids[to] = id
		copy(f.row(to), held)
		order[to] = to
	}
}

// rarest is the least frequency that a value is taken to have. Below it, most
// distinct values are misspellings, whose rarity proves nothing.
const rarest = 1e-4

// fewest is the least number of records that make a text common, in whatever
// share: fewer may be one person's.
const fewest = 8

// countValues finds, for the i-th comparison, how much the frequency of each
// value adds to a level that is adjusted for it, log2 u(same) - log2
// max(frequency, rarest), and which texts are common.
func (f *frozen) countValues(i int) error {
	x := &f.plan.comparisons[i]
	common := f.model.Comparisons[i].Common
	j := slices.IndexFunc(x.levels, func(l level) bool { return l.frequency > 0 })
	if j < 0 && common == 0 {
		return nil
	}
	p := &f.plan.fields[x.field]
	codes := 0
	key := func(w uint32) uint32 { return w }
	switch x.kind {
	case textField:
		d := f.dictionaries[p.texts]
		codes = d.len()
		// Texts without a key are counted together, at 0: what they are is
		// not known well enough to call them rare.
		key = func(w uint32) uint32 { return d.key(x.key, w) }
	case dateField:
		codes = len(f.calendars[p.texts].days)
	case wordField:
		codes = len(p.words) + 1
	default:
		return &ModelError{Err: fmt.Errorf("comparison %q: its kind has no frequencies", f.model.Comparisons[i].Name)}
	}
	count := make([]int32, codes)
	total := 0
	for at := x.field; at < len(f.rows); at += f.stride {
		if w := f.rows[at]; w != 0 {
			count[key(w)]++
			total++
		}
	}
	if common > 0 {
		least := max(fewest, int32(common*float64(total)))
		f.common[i] = make([]bool, codes)
		for w := range f.common[i] {
			f.common[i][w] = w > 0 && count[key(uint32(w))] >= least
		}
	}
	if j < 0 {
		return nil
	}
	f.rarities[i] = make([]int32, codes)
	for w := 1; w < codes; w++ {
		share := max(float64(count[key(uint32(w))])/float64(max(total, 1)), rarest)
		f.rarities[i][w] = millibits(math.Log2(x.levels[j].uSame) - math.Log2(share))
	}
	return nil
}

// markShared marks, for each field that says when, the values that belong to
// several people.
func (f *frozen) markShared() {
	for field := range f.plan.fields {
		p := &f.plan.fields[field]
		if p.above == 0 {
			continue
		}
		d := f.dictionaries[p.texts]
		d.shared = make([]bool, d.len())
		holders := f.holders(field)
		c := comparer{frozen: f}
		for len(holders) > 0 {
			code := f.row(holders[0])[field]
			n := 1
			for n < len(holders) && f.row(holders[n])[field] == code {
				n++
			}
			d.shared[code] = n > p.above || c.disagree(holders[:n], p.shared)
			holders = holders[n:]
		}
	}
}

// holders returns the records that have the field, those of one value side by
// side.
func (f *frozen) holders(field int) []uint32 {
	var out []uint32
	for i := range f.ids {
		if f.row(uint32(i))[field] != 0 {
			out = append(out, uint32(i))
		}
	}
	slices.SortFunc(out, func(a, b uint32) int {
		if c := cmp.Compare(f.row(a)[field], f.row(b)[field]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	return out
}

// disagree tells whether two of the records fit one of the conditions.
func (c *comparer) disagree(records []uint32, any []condition) bool {
	for i, a := range records {
		for _, b := range records[:i] {
			for _, cond := range any {
				n := c.compare(cond.comparison, c.row(a), c.row(b))
				if cond.allow>>n&1 != 0 {
					return true
				}
			}
		}
	}
	return false
}
