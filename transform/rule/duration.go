package rule

import (
	"strconv"
	"strings"

	"github.com/sihctl/sih"
)

// longest is the greatest number of minutes that are taken for a duration: a
// month. What is longer is no appointment and no operation.
const longest = 31 * 24 * 60

// endAfterStep adds minutes to a moment. No minutes are no end.
func (s *Set) endAfterStep(arg string) (Step, error) {
	begin, err := s.datetimeStep(arg)
	if err != nil {
		return nil, err
	}
	return func(in string) (string, Fault) {
		text, rest, _ := strings.Cut(in, "|")
		if strings.TrimSpace(rest) == "" {
			return "", Fault{}
		}
		n, ok := minutes(rest)
		if !ok {
			return "", Fault{sih.R08, "not a number of minutes"}
		}
		from, f := begin(strings.TrimSpace(text))
		if !f.OK() || from == "" {
			return "", f
		}
		t, err := sih.ParseTimestamp(from)
		if err != nil {
			return "", unreadable
		}
		return (t + sih.Timestamp(n*60000)).String(), Fault{}
	}, nil
}

// minutes reads 20, 20 min, 1:15 and 1h15.
func minutes(s string) (int64, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(asciiDigits(s)), ""))
	s = strings.TrimRight(s, "mindkutes.'") // min, mn, minutes, dk
	hours, rest, clock := strings.Cut(strings.Replace(s, "h", ":", 1), ":")
	if !clock {
		hours, rest = "0", s
	}
	if rest == "" {
		rest = "0"
	}
	h, err1 := strconv.ParseInt(hours, 10, 32)
	m, err2 := strconv.ParseInt(rest, 10, 32)
	n := h*60 + m
	return n, err1 == nil && err2 == nil && h >= 0 && m >= 0 && n <= longest
}
