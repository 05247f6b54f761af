package match

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/sihctl/sih"
)

// Cleaners are the functions that a model names: what a country knows about
// the spelling of names and numbers. A cleaner returns "" for a value that is
// as good as missing. Cleaners are called from several goroutines at a time.
type Cleaners map[string]func(string) string

// A Table holds the records to be matched. Its memory is at most 64 bytes a
// record for the fields, 16 for the id and 4 for its place in the input,
// besides the dictionaries.
type Table struct {
	// Complete makes, for each goroutine of [Table.Fill], a function that
	// fills in columns that follow from others. Nil completes nothing.
	Complete func() func(values []string)

	shard // whose words the rows have
	ids   []sih.ID
	lists []uint8 // per record; nil while there is one list
	// rows has plan.stride words per record; room guards its place while
	// goroutines write to their parts of it.
	rows []uint32
	room sync.RWMutex
	ran  bool
	list uint8 // that Add adds to
}

// A shard is what one goroutine needs to turn values into words.
type shard struct {
	plan         *plan
	model        *Model
	cleaners     Cleaners
	dictionaries []*dictionary
	calendars    []*calendar
	memo         [][]wordMemo // per field and origin
	unread       []int
	spans        []span // of the records whose words they are; nil for all
}

// A span is a range of records.
type span struct{ start, end int }

// NewTable returns an empty table. It fails when the model names a cleaner
// that is not there.
func NewTable(m *Model, cleaners Cleaners) (*Table, error) {
	p, err := compile(m)
	if err != nil {
		return nil, &ModelError{Err: err}
	}
	need := func(name string) error {
		if name != "" && cleaners[name] == nil {
			return &ModelError{Err: fmt.Errorf("there is no cleaner %q", name)}
		}
		return nil
	}
	for _, d := range p.dictionaries {
		for _, f := range d.forms {
			if err := need(f.clean); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range p.fields {
		for _, o := range f.from {
			if err := need(o.clean); err != nil {
				return nil, err
			}
		}
	}
	return &Table{shard: newShard(p, m, cleaners)}, nil
}

func newShard(p *plan, m *Model, cleaners Cleaners) shard {
	s := shard{plan: p, model: m, cleaners: cleaners, unread: make([]int, len(p.fields))}
	for _, d := range p.dictionaries {
		dict := newDictionary()
		for _, f := range d.forms {
			dict.forms = append(dict.forms, form{name: f.name, clean: cleaners[f.clean]})
		}
		s.dictionaries = append(s.dictionaries, dict)
	}
	for range p.calendars {
		s.calendars = append(s.calendars, newCalendar())
	}
	for _, f := range p.fields {
		s.memo = append(s.memo, make([]wordMemo, len(f.from)))
	}
	return s
}

// Grow makes room for n more records.
func (t *Table) Grow(n int) {
	t.ids = slices.Grow(t.ids, n)
	t.rows = slices.Grow(t.rows, n*t.plan.stride)
}

// NextList begins another list: see [Options.Lists]. Past 255 lists the
// further ones count as one.
func (t *Table) NextList() { t.list = uint8(min(int(t.list)+1, 255)) }

// Add adds a record. Values are those of the model's columns, in order; ""
// is a missing value. Dates are written as [sih.PartialDate] writes them, and a
// day that no calendar has in the same way, 1798-81-01; what cannot be read so
// is missing, and counted.
func (t *Table) Add(id sih.ID, values []string) error {
	if t.ran {
		return errors.New("add record: the table has been matched")
	}
	if len(values) != len(t.model.Columns) {
		return fmt.Errorf("add record: %d values for %d columns", len(values), len(t.model.Columns))
	}
	if err := t.enter(id, t.list); err != nil {
		return err
	}
	start := t.makeRoom()
	t.fillRows(values, t.rows[start:])
	return nil
}

// enter notes the next record's id and list.
func (t *Table) enter(id sih.ID, list uint8) error {
	if len(t.ids) >= math.MaxInt32 {
		return errors.New("add record: the table is full")
	}
	if list > 0 && t.lists == nil {
		t.lists = make([]uint8, len(t.ids), cap(t.ids))
	}
	t.ids = append(t.ids, id)
	if t.lists != nil {
		t.lists = append(t.lists, list)
	}
	return nil
}

// makeRoom makes rows for all records, and returns where the new ones start.
func (t *Table) makeRoom() int {
	start, end := len(t.rows), len(t.ids)*t.plan.stride
	t.rows = slices.Grow(t.rows, end-start)[:end]
	clear(t.rows[start:])
	return start
}

// fillRows turns the values of records into rows, which are all zero: a field
// of all records before the next, since what is remembered of a field then
// stays in the processor's nearest memory.
func (s *shard) fillRows(values []string, rows []uint32) {
	width := len(s.model.Columns)
	for i := range s.plan.fields {
		f := &s.plan.fields[i]
		for k, at := 0, f.at; at < len(rows); k, at = k+width, at+s.plan.stride {
			rows[at] |= s.code(i, values[k:k+width]) << f.shift
		}
	}
}

// code returns the word that a record has for a field.
func (s *shard) code(field int, values []string) uint32 {
	f := &s.plan.fields[field]
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
		if w := s.memo[field][i].code(s, field, o.clean, raw); w != 0 {
			return w
		}
	}
	return 0
}

// A wordMemo remembers the words of values seen before: cleaning a name costs
// more than looking it up, and most names come again. Of near-unique fields it
// learns nothing worth having, and gives up.
type wordMemo struct {
	Memo[uint32]
	asked, held int
	useless     bool
}

// tryMemo is after how many values a memo must have been of use.
const tryMemo = 1 << 13

func (m *wordMemo) code(s *shard, field int, cleaner, raw string) uint32 {
	if !m.useless {
		if w, ok := m.Get(raw); ok {
			m.held++
			return w
		}
		if m.asked++; m.asked == tryMemo && m.held < tryMemo/4 {
			m.Memo, m.useless = Memo[uint32]{}, true
		}
	}
	v := raw
	if cleaner != "" {
		v = s.cleaners[cleaner](raw)
	}
	w, ok := s.encode(field, v)
	if !ok {
		s.unread[field]++
		return 0
	}
	if !m.useless {
		m.Put(raw, w)
	}
	return w
}

// encode returns the word of a cleaned value, and whether it could be read.
func (s *shard) encode(field int, v string) (uint32, bool) {
	if v == "" {
		return 0, true
	}
	f := &s.plan.fields[field]
	switch f.kind {
	case textField:
		if len(v) > longestText {
			v = strings.ToValidUTF8(v[:longestText], "")
		}
		return s.dictionaries[f.texts].add(v), true
	case dateField:
		d, ok := dayOf(v)
		if !ok {
			return 0, false
		}
		return s.calendars[f.texts].add(d), true
	case signatureField:
		return signature(v), true
	case flagsField:
		var flags uint32
		for w := range strings.FieldsSeq(v) {
			flags |= f.words[w]
		}
		return flags, true
	}
	return f.words[v], true
}

// longestText is the greatest length of a text that is kept, in bytes: more
// than any name, and little enough for a field of megabytes to cost nothing.
const longestText = 256
