package rule

import (
	"strings"

	"github.com/sihctl/sih"
)

// readHijri reads a Hijri year between 1300 and 1450, alone or at the end or
// the beginning of a date, and returns the days that it may span. The
// calendar is computed, and months began by sight: the range is a day wider
// at both ends.
func readHijri(in string) (sih.PartialDate, Fault) {
	in = strings.TrimSpace(strings.TrimRight(in, " هـHh.AaéÉ"))
	year := in
	if len(in) > 4 {
		switch {
		case in[4] == '-' || in[4] == '/':
			year = in[:4]
		case in[len(in)-5] == '-' || in[len(in)-5] == '/':
			year = in[len(in)-4:]
		}
		for i := range len(in) {
			if !isDigit(in[i]) && in[i] != '-' && in[i] != '/' {
				return sih.PartialDate{}, unreadable
			}
		}
	}
	if len(year) != 4 || !allDigits(year) {
		return sih.PartialDate{}, unreadable
	}
	y := int(year[0]-'0')*1000 + int(year[1]-'0')*100 + int(year[2]-'0')*10 + int(year[3]-'0')
	if y < 1300 || y > 1450 {
		return sih.PartialDate{}, unreadable
	}
	return sih.RangeDate(hijriNewYear(y)-1, hijriNewYear(y+1)), Fault{}
}

// hijriNewYear returns the first day of a year of the tabular Islamic
// calendar with the civil epoch, 16 July 622 of the Julian calendar: eleven
// leap years in thirty.
func hijriNewYear(y int) sih.Date {
	const epoch = -492148 // days from 1970-01-01
	return sih.Date(epoch + (y-1)*354 + (3+11*y)/30)
}
