package profile

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/sihctl/sih"
)

// The bounds of what is kept of a column.
const (
	maxDistinct = 10_000  // values that are counted one by one
	maxBytes    = 1 << 20 // of their texts
	maxPatterns = 1_000   // patterns that are counted one by one
	shown       = 8       // patterns that are shown
	shownValues = 20      // values that are shown
	maxCodes    = 100     // distinct values of a column of codes
	maxCode     = 40      // characters of a code
	sampled     = 2_000   // values after which a column without valid numbers of cards is no longer graded
)

// column gathers what is known of a column. All that is said of a value
// follows from its text alone: so long as there are few distinct values they
// are only counted, and each is looked at once, in the end, for all its rows.
type column struct {
	grade func(string) string

	nulls, empty, valued int64

	// entries are the distinct values in the order in which they came; index
	// finds them. Once they are too many both are nil, and values are looked at
	// as they come.
	entries []entry
	index   map[string]int32
	bytes   int
	last    int32 // entry of the value before

	many *sketch // nil so long as entries are counted

	minLength, maxLength int
	scan                 scan
	patterns             map[string]*int64
	others               int64
	text                 Text
	numbers              Numbers
	min, max             float64
	dates                map[layout]*span
	grades               map[string]int64
	graded, valid        int     // values looked at, whatever their number
	values               *values // nil where they are not compared with others'
}

// entry is a distinct value and in how many rows it stands.
type entry struct {
	value sih.Raw
	count int64
}

func newColumn(grade func(string) string) *column {
	return &column{
		grade: grade, index: map[string]int32{}, last: -1, minLength: math.MaxInt,
		patterns: map[string]*int64{}, dates: map[layout]*span{}, grades: map[string]int64{},
		min: math.Inf(1), max: math.Inf(-1),
	}
}

// add takes the column's field of a row.
func (c *column) add(v sih.Raw) {
	switch {
	case v.Null:
		c.nulls++
		return
	case v.Empty():
		c.empty++
		return
	}
	c.valued++
	if c.many != nil {
		c.many.add(hash(v.Text, 0))
		c.look(v, 1)
		return
	}
	if c.last >= 0 && c.entries[c.last].value == v {
		c.entries[c.last].count++
		return
	}
	if i, ok := c.index[v.Text]; ok {
		c.entries[i].count++
		c.last = i
		return
	}
	if len(c.entries) == maxDistinct || c.bytes+len(v.Text) > maxBytes {
		c.overflow()
		c.many.add(hash(v.Text, 0))
		c.look(v, 1)
		return
	}
	v.Text = strings.Clone(v.Text) // a row's memory is the row's
	c.last = int32(len(c.entries))
	c.index[v.Text] = c.last
	c.entries = append(c.entries, entry{v, 1})
	c.bytes += len(v.Text)
}

// overflow passes from counting values one by one to estimating.
func (c *column) overflow() {
	c.many = new(sketch)
	for _, e := range c.entries {
		c.many.add(hash(e.value.Text, 0))
		c.look(e.value, e.count)
	}
	c.entries, c.index = nil, nil
}

// look looks at a value that stands in n rows.
func (c *column) look(v sih.Raw, n int64) {
	s := &c.scan
	s.text(v)
	c.minLength, c.maxLength = min(c.minLength, s.length), max(c.maxLength, s.length)
	c.pattern(n)
	s.signs.count(&c.text, n)
	isDate := false
	if s.signs&notText == 0 {
		isDate = c.read(v, n)
	}
	if c.values != nil {
		c.values.add(v.Text, n, isDate)
	}
}

// read looks for what a text says: a date, a number, the number of a card. It
// tells whether it is a date.
func (c *column) read(v sih.Raw, n int64) (isDate bool) {
	s := &c.scan
	if s.digits > 0 && s.length <= maxDate {
		text := strings.TrimSpace(v.Text)
		if d, ok := parseDate(text); ok {
			c.date(d, n)
			// Eight digits may as well be a number.
			isDate = d.layout.order != compact
		}
		c.number(text, n)
	}
	c.card(v.Text, n)
	return isDate
}

func (c *column) pattern(n int64) {
	if count := c.patterns[string(c.scan.pattern)]; count != nil {
		*count += n
		return
	}
	if len(c.patterns) == maxPatterns {
		c.others += n
		return
	}
	first := n // so that n itself need not be on the heap
	c.patterns[string(c.scan.pattern)] = &first
}

func (c *column) number(text string, n int64) {
	v, ok := parseNumber(text)
	switch {
	case !ok:
	case v.zero:
		c.text.Zeros += n
	default:
		c.numbers.Count += n
		c.numbers.Decimals = max(c.numbers.Decimals, v.decimals)
		if v.comma {
			c.numbers.Commas += n
		}
		c.min, c.max = min(c.min, v.value), max(c.max, v.value)
	}
}

func (c *column) date(d date, n int64) {
	s := c.dates[d.layout]
	if s == nil {
		s = newSpan()
		c.dates[d.layout] = s
	}
	s.add(d, n)
}

// card grades a value as the number of an identity card, until the column has
// shown that it holds none.
func (c *column) card(text string, n int64) {
	if c.grade == nil || c.graded >= sampled && c.valid*10 < c.graded {
		return
	}
	c.graded++
	grade := c.grade(text)
	if grade == "valid" {
		c.valid++
	}
	c.grades[grade] += n
}

// finish tells what is known of the column.
func (c *column) finish(values bool) Column {
	out := Column{Nulls: c.nulls, Empty: c.empty, Valued: c.valued, DistinctExact: c.many == nil, Patterns: []Pattern{}}
	if c.many != nil {
		out.Distinct = c.many.count()
	} else {
		out.Distinct = int64(len(c.entries))
		for _, e := range c.entries {
			c.look(e.value, e.count)
		}
	}
	out.Text = c.text
	if c.valued == 0 {
		return out
	}
	out.MinLength, out.MaxLength = c.minLength, c.maxLength
	out.Patterns, out.OtherPatterns = c.topPatterns()
	out.Dates = spans(c.dates)
	if c.numbers.Count > 0 {
		c.numbers.Min, c.numbers.Max = outwards(c.min, c.max)
		out.Numbers = &c.numbers
	}
	if graded := sum(c.grades); graded > 0 && graded+c.text.NotText == c.valued && 2*c.grades["valid"] >= graded {
		out.Grades = c.grades
	}
	if values && c.many == nil && out.Distinct <= maxCodes && c.valued >= 10*out.Distinct && c.maxLength <= maxCode && !slices.ContainsFunc(c.entries, worded) {
		out.Values = c.topValues()
	}
	return out
}

func sum(counts map[string]int64) (n int64) {
	for _, v := range counts {
		n += v
	}
	return n
}

// topPatterns returns the most frequent patterns and how many values the
// others have.
func (c *column) topPatterns() (top []Pattern, others int64) {
	for p, n := range c.patterns {
		top = append(top, Pattern{p, *n})
	}
	slices.SortFunc(top, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Pattern, b.Pattern))
	})
	others = c.others
	for _, p := range top[min(shown, len(top)):] {
		others += p.Count
	}
	return slices.Clip(top[:min(shown, len(top))]), others
}

// rare is in how many rows a value stands that is not shown: it could be a name
// that strayed.
const rare = 2

// worded tells whether a value that is not rare is a text, or somebody's name,
// rather than a code: it has two words of three letters or more.
func worded(e entry) bool {
	if e.count <= rare {
		return false
	}
	words, letters := 0, 0
	for _, r := range e.value.Text {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			letters = 0
			continue
		}
		if letters++; letters == 3 {
			words++
		}
	}
	return words > 1
}

// people are what columns of names are called, in the languages of the systems
// that are read.
var people = []string{
	"nom", "prenom", "prénom", "name", "nombre", "apellido", "adi", "soyad", "patient", "paciente", "hasta", "madre", "padre", "mere", "mère", "pere", "père",
	"medecin", "médecin", "medico", "doctor", "docteur", "doktor", "soignant", "infirm", "enferm", "hemsire", "agent", "user", "usuario", "utilisateur", "kullanici",
	"اسم", "نسب", "طبيب", "مريض", "ممرض",
}

// personal tells whether a column is called like one of names.
func personal(column string) bool {
	column = strings.ToLower(column)
	return slices.ContainsFunc(people, func(word string) bool { return strings.Contains(column, word) })
}

// topValues returns the most frequent values that are text and not rare.
func (c *column) topValues() (top []Value) {
	for _, e := range c.entries {
		if !e.value.Bytes && e.count > rare {
			top = append(top, Value{e.value.Text, e.count})
		}
	}
	slices.SortFunc(top, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return top[:min(shownValues, len(top))]
}
