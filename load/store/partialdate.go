package store

import (
	"errors"

	"github.com/sihctl/sih"
)

// ISOTime writes a moment of UTC, 2024-01-02 03:04:05.6 with a server's zone
// after it or without, as ISO does and to the millisecond:
// 2024-01-02T03:04:05.600Z.
func ISOTime(cell []byte) string {
	const whole = len("2024-01-02T03:04:05")
	if len(cell) < whole {
		return string(cell)
	}
	b := append(make([]byte, 0, len("2024-01-02T03:04:05.600Z")), cell[:whole]...)
	b[len("2024-01-02")] = 'T'
	b = append(b, ".000Z"...)
	if cell = cell[whole:]; len(cell) > 0 && cell[0] == '.' {
		for i := 1; i < len(cell) && i <= 3 && '0' <= cell[i] && cell[i] <= '9'; i++ {
			b[whole+i] = cell[i]
		}
	}
	return string(b)
}

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
