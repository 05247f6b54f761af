package reconcile

import (
	"slices"

	"github.com/sihctl/sih"
)

// PersonsCount tells how many people a source's patient records are.
type PersonsCount struct {
	Records int64 `json:"records"` // source persons in the store
	Persons int64 `json:"persons"` // people with a record in this source
	Founded int64 `json:"founded"` // people whose founding record is of this source
	Merged  int64 `json:"merged"`  // records that joined another record's person
	Shared  int64 `json:"shared"`  // of the people, those with a record in another source too
}

func (c *PersonsCount) add(o PersonsCount) {
	c.Records += o.Records
	c.Persons += o.Persons
	c.Founded += o.Founded
	c.Merged += o.Merged
	c.Shared += o.Shared
}

// PersonsLine tells how many people a source's patient records are. Founded
// adds up to all people over the sources; Persons does not, since who was
// treated in two places counts in both.
type PersonsLine struct {
	Source sih.SourceID `json:"source"`
	PersonsCount
}

// OverlapKey names two sources, the smaller first.
type OverlapKey struct {
	A sih.SourceID `json:"a"`
	B sih.SourceID `json:"b"`
}

// OverlapCount counts the people with a record in both.
type OverlapCount struct {
	Persons int64 `json:"persons"`
}

func (c *OverlapCount) add(o OverlapCount) { c.Persons += o.Persons }

// OverlapLine tells how many people two sources share.
type OverlapLine struct {
	OverlapKey
	OverlapCount
}

// Person counts one person, given the source of each of its records, the
// founder's first. A person without a record is not counted.
func (t *Tally) Person(sources ...sih.SourceID) {
	if len(sources) == 0 {
		return
	}
	for i, s := range sources {
		c := t.persons.at(s)
		c.Records++
		if i == 0 {
			c.Founded++
		} else {
			c.Merged++
		}
	}
	distinct := slices.Clone(sources)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	for i, s := range distinct {
		c := t.persons.at(s)
		c.Persons++
		if len(distinct) > 1 {
			c.Shared++
		}
		for _, other := range distinct[i+1:] {
			t.overlaps.at(OverlapKey{s, other}).Persons++
		}
	}
}
