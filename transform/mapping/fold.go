package mapping

import (
	"errors"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// maxGathered is how long a text may become that a join puts together of
// several records: 1 MiB. What lies beyond is cut off.
const maxGathered = 1 << 20

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
