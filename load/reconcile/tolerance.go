package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// Share is a part of a whole in millionths, so that what the config states in
// per cent is compared exactly.
type Share int64

// Whole is the share of everything.
const Whole Share = 1_000_000

// ParseShare reads a share as the config states it: "0.1%", "0,1 %" or a
// fraction such as "0.001". At most four decimals of a per cent are kept.
func ParseShare(s string) (Share, error) {
	text := strings.Replace(strings.TrimSpace(s), ",", ".", 1)
	places := 6
	if rest, ok := strings.CutSuffix(text, "%"); ok {
		text, places = strings.TrimSpace(rest), 4
	}
	n, err := sih.ParseDecimal(text, places)
	if err != nil || n < 0 || n > int64(Whole) {
		return 0, fmt.Errorf("read share %q: not between 0%% and 100%% with at most four decimals", s)
	}
	return Share(n), nil
}

// String returns the share in per cent, such as "0.1%".
func (s Share) String() string { return sih.NumValue(int64(s)).String() + "%" }

// MarshalText and UnmarshalText make shares readable in JSON.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [ParseShare] reads.
func (s *Share) UnmarshalText(b []byte) (err error) {
	*s, err = ParseShare(string(b))
	return err
}

// Limits states, per unified table, the greatest share of its entities that
// may be rejected. The key "*" is for every table that is not named; without
// it those tables are listed and not judged.
type Limits map[string]Share

// ToleranceLine holds a unified table's rejections against what was agreed.
type ToleranceLine struct {
	Table    string `json:"table"`
	Made     int64  `json:"made"` // produced and created
	Rejected int64  `json:"rejected"`
	// Limit is nil where no tolerance was agreed.
	Limit *Share `json:"limit"`
}

// Kept tells whether the table lost no greater share than was agreed.
func (l ToleranceLine) Kept() bool {
	return l.Limit == nil || l.Rejected*int64(Whole) <= int64(*l.Limit)*l.Made
}

// judge gives a line to each table that has entities or a limit of its own.
func (m Limits) judge(entities []EntitiesLine) []ToleranceLine {
	byTable := map[string]*ToleranceLine{}
	at := func(table string) *ToleranceLine {
		l, ok := byTable[table]
		if !ok {
			l = &ToleranceLine{Table: table}
			for _, name := range [...]string{table, "*"} {
				if limit, ok := m[name]; ok {
					l.Limit = &limit
					break
				}
			}
			byTable[table] = l
		}
		return l
	}
	for table := range m {
		if table != "*" {
			at(table)
		}
	}
	for _, e := range entities {
		l := at(e.Table)
		l.Made += e.Made()
		l.Rejected += e.Rejected
	}
	out := make([]ToleranceLine, 0, len(byTable))
	for _, table := range slices.SortedFunc(maps.Keys(byTable), compareTables) {
		out = append(out, *byTable[table])
	}
	return out
}
