package rule

import (
	"sort"
	"time"

	"github.com/sihctl/sih"
)

// clock turns local time into UTC. It holds a zone's transitions, so that a
// lookup costs a search in a short table.
//
// A local time that a transition skips is read with the offset before it, so
// that it lies as far after the transition as it was written. One that occurs
// twice is the first.
type clock struct {
	// until holds, in order, the local second at which the offset of the same
	// place ceases to hold.
	until  []int64
	offset []int64 // seconds east of UTC; one more than until
}

// The years whose transitions a clock holds. Records lie within.
const firstYear, lastYear = 1900, 2100

func newClock(zone *time.Location) *clock {
	t := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
	end := time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)
	_, off := t.Zone()
	c := &clock{offset: []int64{int64(off)}}
	for {
		_, next := t.ZoneBounds()
		if next.IsZero() || next.After(end) {
			return c
		}
		_, after := next.Zone()
		if last := c.offset[len(c.offset)-1]; int64(after) != last {
			c.until = append(c.until, next.Unix()+max(last, int64(after)))
			c.offset = append(c.offset, int64(after))
		}
		t = next
	}
}

// utc returns the moment of a local day and the milliseconds since its
// midnight.
func (c *clock) utc(d sih.Date, ms int64) sih.Timestamp {
	local := int64(d)*86400 + ms/1000
	i := sort.Search(len(c.until), func(i int) bool { return local < c.until[i] })
	return sih.Timestamp(int64(d)*86400000 + ms - c.offset[i]*1000)
}
