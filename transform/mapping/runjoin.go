package mapping

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// maxGathered is how long a text may become that a join puts together of
// several records: 1 MiB. What lies beyond is cut off.
const maxGathered = 1 << 20

// chunkJoin is what a join has for the records of a chunk. Its memory grows
// with the chunk, whatever the size of the other table: of all the records
// under a key only what is taken in is kept.
type chunkJoin struct {
	slot   []int32 // by row of the chunk: number of its key, or -1
	values []sih.Raw
	width  int
}

// Begin prepares the runner for the rows of a chunk, which is the one with that
// number of its table: it looks up what other tables have for them. Rows may be
// called several times and yields them all each time. A table without joins
// needs none of it.
func (r *Runner) Begin(chunk int, rows func() iter.Seq2[[]sih.Raw, error]) error {
	p := r.plan
	r.joins = r.joins[:0]
	deepest := -1
	for i := range p.joins {
		r.joins = append(r.joins, chunkJoin{width: len(p.joins[i].take)})
		deepest = max(deepest, p.joins[i].level)
	}
	for level := 0; level <= deepest; level++ {
		if err := r.lookUp(level, rows); err != nil {
			return fmt.Errorf("join to %s: %w", p.Table.Name, err)
		}
	}
	if err := r.findTakers(chunk, rows); err != nil {
		return fmt.Errorf("look for who takes in %s: %w", p.Table.Name, err)
	}
	return nil
}

// keySet numbers the keys of a chunk's rows.
type keySet struct {
	numbers map[string]int32
	slot    []int32
	buf     []byte
}

func (k *keySet) add(row []sih.Raw, columns []int) {
	b, ok := appendKey(k.buf[:0], row, columns)
	k.buf = b
	if !ok {
		k.slot = append(k.slot, -1)
		return
	}
	n, known := k.numbers[string(b)]
	if !known {
		n = int32(len(k.numbers))
		k.numbers[string(b)] = n
	}
	k.slot = append(k.slot, n)
}

// sorted returns the keys in order, and the number of each.
func (k *keySet) sorted() (keys []string, numbers []int32) {
	keys = make([]string, 0, len(k.numbers))
	for key := range k.numbers {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	numbers = make([]int32, len(keys))
	for i, key := range keys {
		numbers[i] = k.numbers[key]
	}
	return keys, numbers
}

// lookUp fills the joins of one level for all rows.
func (r *Runner) lookUp(level int, rows func() iter.Seq2[[]sih.Raw, error]) error {
	p := r.plan
	var at []int
	for i := range p.joins {
		if p.joins[i].level == level && !p.joins[i].absent {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return nil
	}
	sets := make([]keySet, len(at))
	for i := range sets {
		sets[i].numbers = map[string]int32{}
	}
	n := 0
	for row, err := range rows() {
		if err != nil {
			return err
		}
		row = r.extend(n, p.Corrected(row, r.fix, nil))
		for i, join := range at {
			sets[i].add(row, p.joins[join].ours)
		}
		n++
	}
	for i, join := range at {
		j := &p.joins[join]
		index, err := p.setting.Index(j.index)
		if err != nil {
			return err
		}
		fold := newFold(j, len(sets[i].numbers))
		if err := fold.find(index, &sets[i]); err != nil {
			return fmt.Errorf("%s: %w", j.spec.Name, err)
		}
		r.joins[join].slot, r.joins[join].values = sets[i].slot, fold.values
	}
	return nil
}

// extend returns the row with what joins add to it, as far as they are filled.
func (r *Runner) extend(n int, row []sih.Raw) []sih.Raw {
	p := r.plan
	if len(p.virtual) == 0 {
		return row
	}
	r.wide = append(r.wide[:0], row...)
	for range p.virtual {
		r.wide = append(r.wide, sih.Null)
	}
	for i := range r.joins {
		c := &r.joins[i]
		if n >= len(c.slot) || c.slot[n] < 0 {
			continue
		}
		for k, v := range c.values[int(c.slot[n])*c.width:][:c.width] {
			r.wide[p.joins[i].at[k]] = v
		}
	}
	return r.wide
}

// fold keeps, of the records under each key, what a join takes in.
type fold struct {
	j      *joinPlan
	full   []sih.Raw
	values []sih.Raw // by key: what is taken
	place  []place   // by key and attribute: whose it is, zero for nobody's
	order  []sih.Raw // by key and attribute: by what it is the first
	kinds  int       // attributes, or 1
	mine   []sih.Raw // the order of the record at hand
	env    map[string]any
	run    Runner // for its machine
	kept   map[string]int
	group  []gathered // the records under the key at hand, where all are taken
	owner  int        // that key
	bytes  int
	taken  func(chunk, row int) // told of each record that is taken where all are
}

// gathered is a record of which all under its key are taken.
type gathered struct{ order, texts []sih.Raw }

type place struct{ chunk, row int32 }

func newFold(j *joinPlan, keys int) *fold {
	f := &fold{j: j, full: make([]sih.Raw, len(j.other.Columns)), kinds: 1, env: map[string]any{}}
	if j.by >= 0 {
		f.kinds = len(j.spec.Attributes)
		f.kept = map[string]int{}
		for i, a := range j.spec.Attributes {
			for _, v := range a.Values {
				f.kept[v] = i
			}
		}
	}
	f.values = make([]sih.Raw, keys*len(j.take))
	for i := range f.values {
		f.values[i] = sih.Null
	}
	f.place = make([]place, keys*f.kinds)
	f.order = make([]sih.Raw, keys*f.kinds*len(j.order))
	return f
}

// find folds all records that go by the keys.
func (f *fold) find(index Index, set *keySet) error {
	keys, numbers := set.sorted()
	err := index.Find(keys, func(key, chunk, row int, fields []sih.Raw) error {
		return f.add(int(numbers[key]), place{int32(chunk) + 1, int32(row)}, fields)
	})
	f.together()
	return err
}

func (f *fold) add(key int, at place, fields []sih.Raw) error {
	j := f.j
	for i, column := range j.index.Columns {
		f.full[column] = fields[i]
	}
	if j.where != nil {
		ok, err := j.where.holds(f.full, f.env, &f.run.machine)
		if err != nil {
			return errors.New("where: " + err.Error())
		}
		if !ok {
			return nil
		}
	}
	if j.spec.All != nil {
		f.gather(key, at)
		return nil
	}
	kind := 0
	if j.by >= 0 {
		var wanted bool
		if kind, wanted = f.kept[strings.TrimSpace(f.full[j.by].Text)]; !wanted {
			return nil
		}
	}
	held := key*f.kinds + kind
	order := f.order[held*len(j.order):][:len(j.order)]
	if f.place[held] != (place{}) && !f.before(order) {
		return nil
	}
	f.place[held] = at
	for i, o := range j.order {
		order[i] = clone(f.full[o.at])
	}
	for i, source := range j.take {
		switch {
		case j.by < 0:
			f.values[key*len(j.take)+i] = clone(f.full[source])
		case source == kind:
			f.values[key*len(j.take)+i] = clone(f.full[j.value])
		}
	}
	return nil
}

// clone keeps a field beyond the index's memory.
func clone(r sih.Raw) sih.Raw {
	r.Text = strings.Clone(r.Text)
	return r
}

// before tells whether the record at hand comes before the one held. Of equal
// ones the first in the source stays.
func (f *fold) before(held []sih.Raw) bool {
	f.mine = f.mine[:0]
	for _, o := range f.j.order {
		f.mine = append(f.mine, f.full[o.at])
	}
	return f.j.compare(f.mine, held) < 0
}

// compare orders records by the join's order.
func (j *joinPlan) compare(a, b []sih.Raw) int {
	for i, o := range j.order {
		c := compareRaw(a[i], b[i])
		if c == 0 {
			continue
		}
		if o.down && !a[i].Empty() && !b[i].Empty() {
			c = -c
		}
		return c
	}
	return 0
}

// compareRaw orders numbers by size and before texts; what is empty is last.
func compareRaw(a, b sih.Raw) int {
	if a.Empty() || b.Empty() {
		switch {
		case a.Empty() == b.Empty():
			return 0
		case a.Empty():
			return 1
		}
		return -1
	}
	s, t := strings.TrimSpace(a.Text), strings.TrimSpace(b.Text)
	m, err1 := sih.ParseDecimal(s, 4)
	n, err2 := sih.ParseDecimal(t, 4)
	switch {
	case err1 == nil && err2 == nil && m != n:
		if m < n {
			return -1
		}
		return 1
	case err1 == nil && err2 == nil:
		return 0
	case err1 == nil:
		return -1
	case err2 == nil:
		return 1
	}
	return strings.Compare(s, t)
}

// gather keeps the record's texts until all under its key are there.
func (f *fold) gather(key int, at place) {
	if key != f.owner {
		f.together()
		f.owner = key
	}
	f.place[key] = at
	if f.taken != nil {
		f.taken(int(at.chunk-1), int(at.row))
	}
	var g gathered
	for _, source := range f.j.take {
		f.bytes += len(f.full[source].Text)
	}
	if f.bytes > maxGathered {
		return
	}
	for _, source := range f.j.take {
		g.texts = append(g.texts, clone(f.full[source]))
	}
	for _, o := range f.j.order {
		g.order = append(g.order, clone(f.full[o.at]))
	}
	f.group = append(f.group, g)
}

// together writes the texts of the records under one key as one.
func (f *fold) together() {
	slices.SortStableFunc(f.group, func(a, b gathered) int { return f.j.compare(a.order, b.order) })
	for i := range f.j.take {
		var text strings.Builder
		out := sih.Null
		for _, g := range f.group {
			v := g.texts[i]
			if v.Empty() {
				continue
			}
			if !out.Null {
				text.WriteString(*f.j.spec.All)
			}
			text.WriteString(v.Text)
			out = sih.Raw{Bytes: v.Bytes || out.Bytes}
		}
		if !out.Null {
			out.Text = text.String()
			f.values[f.owner*len(f.j.take)+i] = out
		}
	}
	f.group, f.bytes = f.group[:0], 0
}

// fate is what becomes of a record that other tables take in.
type fate uint8

// The fates, the better ones above.
const (
	notTaken fate = iota
	takenExcluded
	takenRejected
	takenIn
)

// takenRow says what becomes of a row of a chunk, and into which table it went.
type takenRow struct {
	fate fate
	by   string
}

// findTakers finds which rows of the chunk are taken in by records of other
// tables, and what became of those.
func (r *Runner) findTakers(chunk int, rows func() iter.Seq2[[]sih.Raw, error]) error {
	p := r.plan
	r.taken = r.taken[:0]
	for i := range p.takers {
		t := &p.takers[i]
		set := keySet{numbers: map[string]int32{}}
		for row, err := range rows() {
			if err != nil {
				return err
			}
			set.add(p.Corrected(row, r.fix, nil), t.join.theirs)
		}
		for len(r.taken) < len(set.slot) {
			r.taken = append(r.taken, takenRow{})
		}
		if err := r.findTaker(chunk, t, &set); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) findTaker(chunk int, t *taker, set *keySet) error {
	p := r.plan
	own, err := p.setting.Index(t.join.index)
	if err != nil {
		return err
	}
	here := make([]bool, len(set.slot))
	mark := func(c, row int) {
		if c == chunk && row < len(here) {
			here[row] = true
		}
	}
	fold := newFold(t.join, len(set.numbers))
	fold.taken = mark
	if err := fold.find(own, set); err != nil {
		return fmt.Errorf("%s: %w", t.join.spec.Name, err)
	}
	if t.join.spec.All == nil {
		for _, at := range fold.place {
			if at != (place{}) {
				mark(int(at.chunk-1), int(at.row))
			}
		}
	}
	fates, err := t.plan.setting.Index(t.fates)
	if err != nil {
		return err
	}
	best := make([]fate, len(set.numbers))
	keys, numbers := set.sorted()
	err = fates.Find(keys, func(key, _, _ int, fields []sih.Raw) error {
		n := numbers[key]
		best[n] = max(best[n], fateOf[fields[0].Text])
		return nil
	})
	for row, slot := range set.slot {
		if slot >= 0 && here[row] && best[slot] > r.taken[row].fate {
			r.taken[row] = takenRow{best[slot], t.plan.Table.Name}
		}
	}
	return err
}

// fateOf reads what an index of fates holds.
var fateOf = map[string]fate{"accepted": takenIn, "joined": takenIn, "excluded": takenExcluded, "rejected": takenRejected}

// unmade says what becomes of a record of which nothing was made: it is joined
// where another table has taken it in.
func (r *Runner) unmade() {
	m := r.meta
	f := r.plan.File
	if !f.Joined {
		m.Excluded++
		r.left("excluded", "holds nothing that is mapped", r.content())
		return
	}
	var t takenRow
	if r.number < len(r.taken) {
		t = r.taken[r.number]
	}
	switch t.fate {
	case takenIn:
		m.Joined++
		r.left("joined", "taken in by "+t.by, "")
	case takenExcluded:
		m.Excluded++
		r.left("excluded", "belongs to a record of "+t.by+" that is excluded", r.content())
	case takenRejected:
		r.rejectRow(fault{reason: sih.R16, detail: "belongs to a record of " + t.by + " that was rejected"})
	default:
		if f.Otherwise != "" {
			m.Excluded++
			r.left("excluded", f.Otherwise, r.content())
			return
		}
		r.rejectRow(fault{reason: sih.R04, detail: "no record takes it in"})
	}
}
