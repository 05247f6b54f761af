package simulate

import (
	"strconv"
	"strings"
)

// value writes a laboratory value: a number, less than one, or a word.
func (o *out) value(l result, mark byte, negative, positive string) *out {
	a := &analyses[l.analysis]
	switch l.word {
	case 1:
		return o.str(negative)
	case 2:
		return o.str(positive)
	}
	from := len(o.buf)
	if l.word == 3 {
		o.buf = append(o.buf, '<')
	}
	o.buf = appendDecimal(o.buf, l.value, a.places, a.places, mark == ',')
	return o.done(from)
}

// unit writes the unit of a laboratory value, NULL where it is missing.
func (o *out) unit(l result) *out {
	if l.noUnit {
		return o.null()
	}
	return o.opt(analyses[l.analysis].unit)
}

// bounds writes the two bounds of the reference range.
func (o *out) bounds(a *analysis) *out {
	if a.low == 0 && a.high == 0 {
		return o.null().null()
	}
	return o.dec(int64(a.low*1000+0.5), 3).dec(int64(a.high*1000+0.5), 3)
}

// plainNumber writes a bound in as few places as it has.
func plainNumber(v float64, comma bool) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if comma {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// studyUID derives a DICOM UID from a number, under the root for UUIDs.
func studyUID(n uint64) string { return "2.25." + strconv.FormatUint(n, 10) }

func withoutDot(code string) string { return strings.Replace(code, ".", "", 1) }

// times is 2 at the given rate, else 1: how often a row is written.
func (g *generator) times(rate float64) int {
	if hit(g.rand, rate) {
		g.count.Twice++
		return 2
	}
	return 1
}
