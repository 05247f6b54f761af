package reconcile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

// SeriesKey is what numbered documents are followed by.
type SeriesKey struct {
	Source   sih.SourceID `json:"source"`
	Kind     string       `json:"kind"` // stay, invoice or receipt
	Facility string       `json:"facility"`
	Year     int          `json:"year"` // the local year, 0 where unknown
	// Prefix is what stands before the running number, such as "2025-".
	Prefix string `json:"prefix"`
}

// SeriesLine tells of the numbers that a facility gave in a year.
type SeriesLine struct {
	SeriesKey
	Count int64 `json:"count"` // documents
	// Smallest and Largest are the running numbers, without their prefix.
	Smallest int64 `json:"smallest"`
	Largest  int64 `json:"largest"`
	// Missing counts the numbers between the two that no facility and no year
	// of the source has: many systems count on over all of them.
	Missing int64 `json:"missing"`
	// Gaps are the first of the stretches that are missing.
	Gaps []Gap `json:"gaps,omitempty"`
	// Repeated counts the documents whose number another of the source has
	// under the same prefix.
	Repeated int64 `json:"repeated"`
	// Unnumbered counts documents without a running number at the end; they
	// are not among Count.
	Unnumbered int64 `json:"unnumbered"`
}

// Gap is a stretch of numbers that nobody has, from the first to the last.
type Gap struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// listedGaps is how many gaps a line lists.
const listedGaps = 10

// Sequences gathers the numbers of documents. Its zero value is ready. It
// keeps 16 bytes for each number.
type Sequences struct {
	keys   []SeriesKey
	at     map[SeriesKey]int32
	series map[seriesName]*[]numbered
	bare   map[SeriesKey]int64
}

type seriesName struct {
	source       sih.SourceID
	kind, prefix string
}

type numbered struct {
	number int64
	key    int32
}

// Add counts a document by its number as the source writes it. What stands
// before its last digits is the prefix; k's own is ignored. Neither the number
// nor the name of the source is kept as it was given: both may be a buffer's.
func (s *Sequences) Add(k SeriesKey, number string) {
	if s.at == nil {
		s.at, s.series, s.bare = map[SeriesKey]int32{}, map[seriesName]*[]numbered{}, map[SeriesKey]int64{}
	}
	prefix, n, ok := runningNumber(number)
	if k.Prefix = prefix; !ok {
		k.Source, k.Prefix = sih.SourceID(strings.Clone(string(k.Source))), ""
		s.bare[k]++
		return
	}
	at, known := s.at[k]
	if !known {
		k.Source, k.Prefix = sih.SourceID(strings.Clone(string(k.Source))), strings.Clone(k.Prefix)
		at = int32(len(s.keys))
		s.keys = append(s.keys, k)
		s.at[k] = at
	}
	k = s.keys[at]
	name := seriesName{k.Source, k.Kind, k.Prefix}
	list := s.series[name]
	if list == nil {
		list = new([]numbered)
		s.series[name] = list
	}
	*list = append(*list, numbered{n, at})
}

// runningNumber parts a document's number from what stands before it. A number
// of more than 18 digits is none.
func runningNumber(s string) (prefix string, n int64, ok bool) {
	at := len(s)
	for at > 0 && s[at-1] >= '0' && s[at-1] <= '9' {
		at--
	}
	if at == len(s) || len(s)-at > 18 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(s[at:], 10, 64)
	return s[:at], n, err == nil
}

// Lines returns what was gathered, sorted by source, kind, facility, year and
// prefix.
func (s *Sequences) Lines() []SeriesLine {
	lines := make([]SeriesLine, len(s.keys))
	for i, k := range s.keys {
		lines[i].SeriesKey = k
	}
	for _, list := range s.series {
		slices.SortFunc(*list, func(a, b numbered) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.key, b.key)) })
		// distinct holds each number once, so that those between two can be
		// counted by their places.
		distinct := make([]int64, 0, len(*list))
		for i, x := range *list {
			l := &lines[x.key]
			if l.Count == 0 {
				l.Smallest = x.number
			}
			l.Count++
			l.Largest = x.number
			if i > 0 && (*list)[i-1].number == x.number || i+1 < len(*list) && (*list)[i+1].number == x.number {
				l.Repeated++
			}
			if len(distinct) == 0 || distinct[len(distinct)-1] != x.number {
				distinct = append(distinct, x.number)
			}
		}
		var gaps []int // the places in distinct after which numbers are missing
		for i := 1; i < len(distinct); i++ {
			if distinct[i] != distinct[i-1]+1 {
				gaps = append(gaps, i-1)
			}
		}
		met := map[int32]bool{}
		for _, x := range *list {
			if met[x.key] {
				continue
			}
			met[x.key] = true
			l := &lines[x.key]
			first, _ := slices.BinarySearch(distinct, l.Smallest)
			last, _ := slices.BinarySearch(distinct, l.Largest)
			l.Missing = l.Largest - l.Smallest - int64(last-first)
			from, _ := slices.BinarySearch(gaps, first)
			to, _ := slices.BinarySearch(gaps, last)
			for _, at := range gaps[from:min(to, from+listedGaps)] {
				l.Gaps = append(l.Gaps, Gap{distinct[at] + 1, distinct[at+1] - 1})
			}
		}
	}
	for k, n := range s.bare {
		lines = append(lines, SeriesLine{SeriesKey: k, Unnumbered: n})
	}
	slices.SortFunc(lines, func(a, b SeriesLine) int {
		return cmp.Or(order(string(a.Source), string(b.Source), a.Kind, b.Kind, a.Facility, b.Facility),
			cmp.Compare(a.Year, b.Year), cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(a.Unnumbered, b.Unnumbered))
	})
	return lines
}
