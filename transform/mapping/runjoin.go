package mapping

import (
	"fmt"
	"iter"
	"slices"

	"github.com/sihctl/sih"
)

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
	if err := r.join(rows); err != nil {
		return err
	}
	if err := r.findTakers(chunk, rows); err != nil {
		return fmt.Errorf("look for who takes in %s: %w", p.Table.Name, err)
	}
	return nil
}

// join looks up what other tables have for the rows.
func (r *Runner) join(rows func() iter.Seq2[[]sih.Raw, error]) error {
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
