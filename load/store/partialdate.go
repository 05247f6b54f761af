package store

import (
	"errors"

	"github.com/sihctl/sih"
)

// PartialDate reads a partial date from the texts of the three columns that
// hold it: first day, last day, precision.
func PartialDate(first, last, precision string) (sih.Value, error) {
	from, err := sih.ParseDate(first)
	if err != nil {
		return sih.Value{}, err
	}
	to, err := sih.ParseDate(last)
	if err != nil {
		return sih.Value{}, err
	}
	for _, p := range [...]sih.Precision{sih.Day, sih.Month, sih.Year, sih.Range} {
		if p.String() == precision {
			return sih.PDateValue(sih.PartialDate{First: from, Last: to, Precision: p}), nil
		}
	}
	return sih.Value{}, errors.New("no precision of a date")
}
