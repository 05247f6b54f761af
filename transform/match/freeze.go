package match

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/sihctl/sih"
	"golang.org/x/sync/errgroup"
)

// A frozen table is sorted by id and no longer changes; workers share it.
type frozen struct {
	plan         *plan
	model        *Model
	ids          []sih.ID
	lists        []uint8  // per record; nil for one list
	input        []uint32 // per record, its number in the order of adding
	rows         []uint32
	stride       int
	dictionaries []*dictionary
	calendars    []*calendar
	values       [mostComparisons]values
}

// values is what is known of the values of a comparison, by their codes.
type values struct {
	// keys tells which are the same; nil where only a value itself is.
	keys []uint32
	// rarities holds what each adds, in thousandths of a bit; nil where
	// frequency does not count.
	rarities []int32
	// common marks the common ones; known holds the key of those that are known
	// for what they are. Both are nil where it does not matter.
	common []bool
	known  []uint32
	// spelled tells how each is spelled, in text; nil where nothing asks.
	spelled []spelling
	text    []byte
}

// letters returns the letters of a value.
func (v *values) letters(s *spelling) []byte { return v.text[s.at : s.at+s.length] }

func (f *frozen) row(i uint32) []uint32 {
	at := int(i) * f.stride
	return f.rows[at : at+f.stride : at+f.stride]
}

// freeze sorts the records by id, completes the dictionaries, and finds which
// numbers are whose.
func (t *Table) freeze(opts *Options) (*frozen, error) {
	t.ran = true
	t.memo = nil
	f := &frozen{
		plan: t.plan, model: t.model, ids: t.ids, lists: t.lists, rows: t.rows, stride: t.plan.stride,
		dictionaries: t.dictionaries, calendars: t.calendars,
	}
	var group errgroup.Group
	group.SetLimit(opts.workers())
	group.Go(func() error { f.sort(); return nil })
	for _, d := range f.dictionaries {
		group.Go(func() error { d.freeze(); return nil })
	}
	group.Wait()
	for i := 1; i < len(f.ids); i++ {
		if f.ids[i] == f.ids[i-1] {
			a, b := f.input[i-1], f.input[i]
			return nil, &RepeatedError{First: int(min(a, b)), Second: int(max(a, b))}
		}
	}
	for _, p := range f.plan.passes {
		for _, k := range slices.Concat(p.key, p.refine) {
			if k.kind == bagPart {
				f.dictionaries[k.texts].fillBags(k.form)
			}
		}
	}
	for i := range f.plan.comparisons {
		for _, l := range f.plan.comparisons[i].levels {
			if l.test == testWhole {
				f.dictionaries[f.plan.comparisons[i].texts].fillBags(l.n)
			}
		}
	}
	f.dropCrowded()
	f.moveMinors(opts.AsOf)
	for i := range f.plan.comparisons {
		if err := f.countValues(i); err != nil {
			return nil, err
		}
	}
	f.keepTexts()
	f.markShared()
	return f, nil
}

// A RepeatedError tells that two records have the same id. They are numbered
// in the order in which they were added, from 0.
type RepeatedError struct{ First, Second int }

// Error numbers the records from 1.
func (e *RepeatedError) Error() string {
	return fmt.Sprintf("match: records %d and %d have the same id", e.First+1, e.Second+1)
}

// sort puts the records in the order of their ids, in place, by following the
// cycles of the permutation.
func (f *frozen) sort() {
	order := f.order()
	f.input = slices.Clone(order)
	if lists := f.lists; lists != nil {
		f.lists = make([]uint8, len(lists))
		for i, from := range order {
			f.lists[i] = lists[from]
		}
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

func compareIDs(a, b sih.ID) int { return bytes.Compare(a[:], b[:]) }

// order returns the records in the order of their ids: by radix on the first
// bits, by comparison where those are the same.
func (f *frozen) order() []uint32 {
	order := make([]uint32, len(f.ids))
	for i := range order {
		order[i] = uint32(i)
	}
	if slices.IsSortedFunc(f.ids, compareIDs) {
		return order
	}
	keys := make([]uint64, len(f.ids))
	for i := range keys {
		keys[i] = binary.BigEndian.Uint64(f.ids[i][:8])
	}
	sortByKey(keys, order, new(sorter))
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && keys[end] == keys[start] {
			end++
		}
		if end > start+1 {
			slices.SortFunc(order[start:end], func(a, b uint32) int { return compareIDs(f.ids[a], f.ids[b]) })
		}
		start = end
	}
	return order
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
	for at := 0; at < len(f.rows); at += f.stride {
		if w := p.of(f.rows[at : at+f.stride]); w != 0 {
			count[key(w)]++
			total++
		}
	}
	if common > 0 {
		least := max(fewest, int32(common*float64(total)))
		f.values[i].common = make([]bool, codes)
		for w := range codes {
			f.values[i].common[w] = w > 0 && count[key(uint32(w))] >= least
		}
	}
	if j < 0 {
		return nil
	}
	rarities := make([]int32, codes)
	// Where most values are rarer, as whole names are, rarity is the rule.
	floor := min(rarest, x.levels[j].uSame)
	for w := 1; w < codes; w++ {
		share := max(float64(count[key(uint32(w))])/float64(max(total, 1)), floor)
		rarities[w] = millibits(math.Log2(x.levels[j].uSame) - math.Log2(share))
	}
	f.values[i].rarities = rarities
	return nil
}

// keepTexts finds what the comparisons of texts work on.
func (f *frozen) keepTexts() {
	type place struct{ texts, form int }
	made := map[place]values{}
	for i := range f.plan.comparisons {
		x, v := &f.plan.comparisons[i], &f.values[i]
		if x.kind != textField {
			continue
		}
		d := f.dictionaries[x.texts]
		if x.key >= 0 {
			v.keys = d.forms[x.key].code
		}
		if x.known >= 0 {
			v.known = d.forms[x.known].code
		}
		if !x.asksLetters() {
			continue
		}
		p := place{x.texts, x.text}
		if _, ok := made[p]; !ok {
			text, spelled := d.spellings(x.text)
			made[p] = values{text: text, spelled: spelled}
		}
		v.text, v.spelled = made[p].text, made[p].spelled
	}
}
