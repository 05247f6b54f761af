package match

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A comparison is a Comparison resolved.
type comparison struct {
	slot
	field  int
	also   int // word of the row that may hold the value too, or -1
	kind   fieldKind
	key    int // form, or -1
	text   int // form, or -1
	known  int // form, or -1
	levels []level
	// weights and groups are those of the levels, from 1; rare has the bits of
	// levels whose weight is adjusted for frequency.
	weights [16]int32
	groups  [16]uint8
	rare    uint16
	// across tells that a level may hold though one of the records lacks the
	// field itself.
	across bool
	// beside are the words of the row, of other fields, that such a level looks
	// at; between tells that it may hold between two of them.
	beside  []int
	between bool
	// shareable tells that values may belong to several people; that two such
	// values differ says nothing.
	shareable bool
	// plain tells that no spelling is looked at: the level follows from dates,
	// from words, or from values being the same.
	plain bool
	// sameSettles tells that the level of equal values is known without a
	// look at the rest: sameAt. sharedSettles tells that it is sharedAt for a
	// value that several people carry.
	sameSettles, sharedSettles bool
	sameAt, sharedAt           uint8
	// most is the greatest weight of a level that can hold between unequal
	// values, before the adjustment for frequency; apartMost that of a level
	// that needs but one of the values.
	most, acrossMost int32
	// mostBeside is the greatest weight of a level tried before same.
	mostBeside int32
	same       *level // the level of equal values; nil when there is none
	adjusted   bool   // a level besides same is adjusted for frequency
	// sameMost is the greatest weight of same, adjusted.
	sameMost int32
	group    uint8 // of its levels
	mixed    bool  // its levels are of several groups; group is then 0
	texts    int   // number of the dictionary or calendar
	// periods are the levels of dates that can hold for two days of which
	// neither is a slip of the other, in their order, each longer than the one
	// before.
	periods   []period
	overlapAt uint32 // the level of dates that may be one day, or 0
}

// A period is a level of dates that lie at most so many days apart.
type period struct {
	days  int32
	level uint32
}

// A level is a Level resolved.
type level struct {
	test      test
	group     uint8
	common    bool // holds between two common texts too
	weight    int32
	n         int // letters, edits, days, least similarity or form
	frequency float64
	flag      uint32  // the flags of testFlag
	uSame     float64 // u of the comparison's level same, where frequency is set
	fields    []int   // words of the row, of testSwap, testWhole, testOther, testCross
}

// A vector holds a pair's levels, four bits each.
type vector uint64

func (v vector) level(comparison int) uint8 { return uint8(v>>(4*comparison)) & 15 }

func (c *compiler) comparisons() error {
	if n := len(c.m.Comparisons); n == 0 || n > mostComparisons {
		return faultAt(fmt.Errorf("a model has 1 to %d comparisons", mostComparisons), "comparisons")
	}
	c.groups = append([]string{""}, sortedKeys(c.m.Caps)...)
	if len(c.groups) > mostGroups {
		return faultAt(fmt.Errorf("a model has at most %d groups", mostGroups-1), "caps")
	}
	c.plan.groups = c.groups
	c.plan.caps = make([]int32, len(c.groups))
	for i, g := range c.groups[1:] {
		c.plan.caps[i+1] = millibits(c.m.Caps[g])
	}
	for i, x := range c.m.Comparisons {
		if n := slices.IndexFunc(c.m.Comparisons, func(y Comparison) bool { return y.Name == x.Name }); n != i {
			return faultAt(fmt.Errorf("comparison %q is there twice", x.Name), "comparisons", i)
		}
		field, err := c.field(x.Field)
		if err != nil {
			return faultAt(fmt.Errorf("comparison %q: %w", x.Name, err), "comparisons", i)
		}
		out := comparison{slot: c.plan.fields[field].slot, field: field, also: -1, texts: c.plan.fields[field].texts, kind: c.plan.fields[field].kind, key: -1, text: -1, known: -1, shareable: c.m.Fields[field].Shared != nil}
		if err := c.forms(x, &out); err != nil {
			return faultAt(fmt.Errorf("comparison %q: %w", x.Name, err), "comparisons", i)
		}
		if len(x.Levels) == 0 || len(x.Levels) > mostLevels {
			return faultAt(fmt.Errorf("comparison %q has 1 to %d levels", x.Name, mostLevels), "comparisons", i)
		}
		for j, l := range x.Levels {
			p, err := c.level(x, l, field, j == len(x.Levels)-1)
			if err != nil {
				return faultAt(fmt.Errorf("comparison %q, level %q: %w", x.Name, l.Name, err), "comparisons", i, "levels", j)
			}
			if p.test == testOther || p.test == testCross {
				out.across, out.between = true, out.between || p.test == testOther
				out.beside = append(out.beside, p.fields...)
			}
			out.levels = append(out.levels, p)
		}
		if err := c.likelihoods(x, out.levels); err != nil {
			return faultAt(fmt.Errorf("comparison %q: %w", x.Name, err), "comparisons", i, "levels")
		}
		if !(x.Own >= 0 && x.Own <= 1) {
			return faultAt(fmt.Errorf("comparison %q: own is a share", x.Name), "comparisons", i, "own")
		}
		if x.Also != "" {
			also, err := c.sisters(field, []string{x.Also})
			if err != nil || out.kind != textField {
				return faultAt(fmt.Errorf("comparison %q: also is another text of the same dictionary", x.Name), "comparisons", i)
			}
			out.also = also[0]
		}
		c.plan.comparisons = append(c.plan.comparisons, out)
		c.plan.comparisons[i].bounds()
	}
	return nil
}

// bounds finds what the levels can add at most.
func (x *comparison) bounds() {
	const least = math.MinInt32 / 64
	x.most, x.acrossMost, x.mostBeside, x.sameMost = least, 0, least, least
	simple := true // no test but same and else
	for i := range x.levels {
		l := &x.levels[i]
		if i == 0 {
			x.group = l.group
		} else if x.group != l.group {
			x.group, x.mixed = 0, true
		}
		switch l.test {
		case testOverlap:
			if x.overlapAt == 0 {
				x.overlapAt = uint32(i + 1)
			}
		case testYears:
			if n := len(x.periods); n == 0 || int32(l.n) > x.periods[n-1].days {
				x.periods = append(x.periods, period{int32(l.n), uint32(i + 1)})
			}
		case testElse:
			x.periods = append(x.periods, period{math.MaxInt32, uint32(i + 1)})
		}
		x.weights[i+1], x.groups[i+1] = l.weight, l.group
		if l.frequency > 0 {
			x.rare |= 1 << (i + 1)
		}
		most := l.weight
		if l.frequency > 0 {
			most += int32(l.frequency*float64(millibits(math.Log2(l.uSame/min(rarest, l.uSame))))) + 1
		}
		if l.test == testSame && x.same == nil {
			x.same, x.sameMost = l, max(l.weight, most)
			x.sameAt = uint8(i + 1)
			continue
		}
		if l.test == testShared && x.sharedAt == 0 {
			x.sharedAt = uint8(i + 1)
		}
		simple = simple && l.test == testElse
		x.sameMost = max(x.sameMost, most)
		x.most = max(x.most, l.weight)
		x.adjusted = x.adjusted || l.frequency > 0
		if x.across {
			x.acrossMost = max(x.acrossMost, most)
		}
		if x.same == nil {
			x.mostBeside = max(x.mostBeside, l.weight)
		}
	}
	x.plain = x.kind != textField || simple && x.also < 0 && !x.shareable
	x.sharedSettles = x.also < 0 && x.sharedAt == 1 && x.sameAt == 2
	x.sameSettles = x.sameAt == 1 || x.sharedSettles
}

// asksLetters tells whether a level looks at the letters of texts.
func (x *comparison) asksLetters() bool {
	return slices.ContainsFunc(x.levels, func(l level) bool {
		switch l.test {
		case testJaro, testEdits, testStart, testSwap, testOther:
			return true
		}
		return false
	})
}

// forms resolves the forms that a comparison of texts works on.
func (c *compiler) forms(x Comparison, out *comparison) (err error) {
	if out.kind != textField {
		if x.Key != "" || x.Text != "" || x.Common != 0 || x.Known != "" {
			return errors.New("key, text, common and known are for texts")
		}
		return nil
	}
	if x.Common < 0 || x.Common > 1 {
		return errors.New("common is a share of the records")
	}
	if x.Key != "" {
		if out.key, err = c.form(out.field, x.Key); err != nil {
			return err
		}
	}
	if x.Text != "" {
		if out.text, err = c.form(out.field, x.Text); err != nil {
			return err
		}
	}
	if x.Known != "" {
		out.known, err = c.form(out.field, x.Known)
	}
	return err
}

// likelihoods checks that the levels' m, and their u, make up the whole, and
// tells the adjusted levels what u they adjust.
func (c *compiler) likelihoods(x Comparison, levels []level) error {
	var m, u, uSame float64
	for i, l := range x.Levels {
		m, u = m+l.M, u+l.U
		if levels[i].test == testSame && uSame == 0 {
			uSame = l.U
		}
	}
	if math.Abs(m-1) > 0.005 || math.Abs(u-1) > 0.005 {
		return fmt.Errorf("m sum to %.4f and u to %.4f; both must be 1", m, u)
	}
	for i := range levels {
		if levels[i].frequency > 0 && uSame == 0 {
			return errors.New("frequency needs a level same before")
		}
		levels[i].uSame = uSame
	}
	return nil
}

func (c *compiler) level(x Comparison, l Level, field int, last bool) (p level, err error) {
	words := strings.Fields(l.When)
	kind := c.plan.fields[field].kind
	switch {
	case l.Name == "" || l.Name == "missing" || l.Name == "not":
		return p, errors.New("a level has a name, which is neither missing nor not")
	case len(words) == 0:
		return p, errors.New("it has no test")
	case (words[0] == "else") != last:
		return p, errors.New("else is the last level, and only it")
	case !(l.M > 0 && l.M <= 1 && l.U > 0 && l.U <= 1):
		return p, errors.New("m and u are probabilities above 0")
	case l.Frequency < 0 || l.Frequency > 1:
		return p, errors.New("frequency is between 0 and 1")
	}
	p.weight = millibits(x.own() * math.Log2(l.M/l.U))
	p.frequency, p.common = x.own()*l.Frequency, l.Common
	group := l.Group
	if group == "" {
		group = x.Group
	}
	g := slices.Index(c.groups, group)
	if g < 0 {
		return p, fmt.Errorf("group %q has no cap", group)
	}
	p.group = uint8(g)
	if kind == flagsField && words[0] != "else" {
		p.test = testFlag
		for _, w := range words {
			bit, ok := c.plan.fields[field].words[w]
			if !ok {
				return p, fmt.Errorf("the field has no flag %q", w)
			}
			p.flag |= bit
		}
		return p, nil
	}
	err = c.test(&p, words[0], words[1:], kind, field)
	return p, err
}
