package match

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

type partKind uint8

const (
	wholePart partKind = iota
	formPart
	startPart
	yearPart
	monthPart
	bagPart
)

// A keyPart yields a part of a blocking key from a record.
type keyPart struct {
	kind  partKind
	field int
	slot  slot
	form  int
	texts int
	// either joins the same part of another field, in either order.
	either bool
	other  int
	beside slot // of the other field
}

func (c *compiler) keyParts(names []string) ([]keyPart, error) {
	var out []keyPart
	for _, name := range names {
		p, err := c.keyPart(name)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func (c *compiler) keyPart(name string) (p keyPart, err error) {
	if first, second, ok := strings.Cut(name, "+"); ok {
		return c.eitherPart(first, second)
	}
	if first, second, ok := strings.Cut(name, "~"); ok {
		p, err := c.eitherPart(first, second)
		p.kind = bagPart
		if err == nil && p.form < 0 {
			err = errors.New("words are of a form")
		}
		return p, err
	}
	field, what, derived := strings.Cut(name, ".")
	if p.field, err = c.field(field); err != nil {
		return p, err
	}
	f := c.plan.fields[p.field]
	p.texts, p.slot, p.form = f.texts, f.slot, -1
	switch {
	case !derived:
	case f.kind == textField && what == "start3":
		p.kind = startPart
	case f.kind == textField:
		p.kind = formPart
		p.form, err = c.form(p.field, what)
	case f.kind == dateField && what == "year":
		p.kind = yearPart
	case f.kind == dateField && what == "month":
		p.kind = monthPart
	default:
		err = fmt.Errorf("field %q has no part %q", field, what)
	}
	if f.kind == flagsField {
		err = errors.New("flags are no key")
	}
	return p, err
}

// eitherPart resolves two texts, or the same form of two, in either order.
func (c *compiler) eitherPart(first, second string) (keyPart, error) {
	p, err := c.keyPart(first)
	if err != nil {
		return p, err
	}
	q, err := c.keyPart(second)
	switch {
	case err != nil:
		return p, err
	case p.kind > formPart || p.kind != q.kind || p.form != q.form || p.texts != q.texts ||
		c.plan.fields[p.field].kind != textField || c.plan.fields[q.field].kind != textField:
		return p, fmt.Errorf("%q and %q are not texts of one dictionary and form", first, second)
	}
	p.either, p.other, p.beside = true, q.field, q.slot
	return p, nil
}

// part returns a part of a row's key; 0 is missing.
func (f *frozen) part(p *keyPart, row []uint32) uint64 {
	if !p.either {
		return f.value(p, p.slot.of(row))
	}
	if p.kind == bagPart {
		// A word may be in either field, so one of them may be empty.
		bags := f.dictionaries[p.texts].forms[p.form].bags
		bag := bags[p.slot.of(row)] + bags[p.beside.of(row)]
		return bag
	}
	a, b := f.value(p, p.slot.of(row)), f.value(p, p.beside.of(row))
	if a == 0 || b == 0 {
		return 0
	}
	return mix(min(a, b), max(a, b))
}

// value returns what a part makes of a word.
func (f *frozen) value(p *keyPart, w uint32) uint64 {
	if w == 0 {
		return 0
	}
	switch p.kind {
	case formPart:
		return uint64(f.dictionaries[p.texts].forms[p.form].code[w])
	case startPart:
		text := f.dictionaries[p.texts].entry(w)
		key := uint64(1)
		for _, c := range text[:min(len(text), 3)] {
			key = key<<8 | uint64(c)
		}
		return key
	case yearPart:
		return uint64(f.calendars[p.texts].days[w].year())
	case monthPart:
		d := f.calendars[p.texts].days[w]
		if !d.exact {
			return 0
		}
		return uint64(d.digits >> 8)
	}
	return uint64(w)
}

// key joins the parts of a record's key; ok is false when one is missing.
func (f *frozen) key(parts []keyPart, row []uint32) (key uint64, ok bool) {
	for i := range parts {
		p := f.part(&parts[i], row)
		if p == 0 {
			return 0, false
		}
		key = mix(key, p)
	}
	return key, true
}

// A block is a range of a pass's sorted records.
type block struct{ start, end uint32 }

func (b block) size() uint32 { return b.end - b.start }

func (b block) pairs() uint64 {
	n := uint64(b.size())
	return n * (n - 1) / 2
}

// A blocking is one pass over the records: they are sorted by key, so that
// each block is a range.
type blocking struct {
	records []uint32
	blocks  []block
	stats   PassStats
}

// block groups the records by the key of a pass. Blocks larger than the pass
// allows are refined, and what cannot be refined is cut; budget is the
// greatest number of pairs, kept by refining smaller and smaller blocks.
func (f *frozen) block(number int, budget uint64, s *sorter) *blocking {
	p := &f.plan.passes[number]
	if cap(s.made) < len(f.ids) {
		s.made = make([]uint64, 0, len(f.ids))
	}
	keys := s.made[:0]
	records := make([]uint32, 0, len(f.ids))
	for i := range f.ids {
		if key, ok := f.key(p.key, f.row(uint32(i))); ok {
			keys = append(keys, key)
			records = append(records, uint32(i))
		}
	}
	sortByKey(keys, records, s)
	b := &blocking{records: records}
	for limit := p.largest; ; limit = max(limit/2, 2) {
		b.blocks = b.blocks[:0]
		b.stats = PassStats{Name: f.model.Passes[number].Name, Records: len(records), Limit: limit}
		for start := 0; start < len(records); {
			end := start + 1
			for end < len(records) && keys[end] == keys[start] {
				end++
			}
			f.split(b, p.refine, s, block{uint32(start), uint32(end)}, limit, 0)
			start = end
		}
		if b.stats.Pairs <= budget || limit == 2 {
			break
		}
	}
	b.stats.Blocks = len(b.blocks)
	return b
}

// split adds a group of records to the blocks: as it is, if it is no larger
// than limit, otherwise refined by the next part, or cut when there is none.
// Records that lack the refining part stay together.
func (f *frozen) split(b *blocking, refine []keyPart, s *sorter, g block, limit, depth int) {
	size := int(g.end - g.start)
	if size < 2 {
		return
	}
	if size <= limit {
		b.blocks = append(b.blocks, g)
		b.stats.Pairs += g.pairs()
		return
	}
	if depth == 0 {
		b.stats.Refined++
	}
	if depth == len(refine) {
		// Nothing is left to tell them apart by. Equal pieces, so that the
		// last one is not a single record.
		b.stats.Cut += size
		pieces := (size + limit - 1) / limit
		for i := range pieces {
			piece := block{g.start + uint32(i*size/pieces), g.start + uint32((i+1)*size/pieces)}
			f.split(b, refine, s, piece, math.MaxInt, depth)
		}
		return
	}
	part := &refine[depth]
	records := b.records[g.start:g.end]
	keys := make([]uint64, size)
	slices.Sort(records)
	for i, r := range records {
		keys[i] = mix(f.part(part, f.row(r)), hashA)
	}
	sortByKey(keys, records, s)
	for start := 0; start < size; {
		end := start + 1
		for end < size && keys[end] == keys[start] {
			end++
		}
		f.split(b, refine, s, block{g.start + uint32(start), g.start + uint32(end)}, limit, depth+1)
		start = end
	}
}
