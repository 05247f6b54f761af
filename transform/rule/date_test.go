package rule_test

import (
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

func TestDates(t *testing.T) {
	set := newSet("ma")
	for _, tt := range []struct {
		step, arg, in, want string
		reason              sih.Reason
	}{
		{"date", "", "1985-03-07", "1985-03-07", ""},
		{"date", "yyyyMMdd", "1985037", "", sih.R02},
		{"date", "dd/MM/yyyy", "٠٧/٠٣/١٩٨٥", "1985-03-07", ""},
		{"date", "dd/MM/yyyy", "00/03/1985", "", sih.R02},
		{"date", "dd/MM/yyyy", "__/__/____", "", ""},
		{"date", "dd/MM/yyyy", "01/01/1900", "", ""},
		{"date", "yyyy-MM-dd", "1753-01-01 00:00:00", "", ""},
		{"date", "yyyy-MM-dd", "9999-12-31", "", ""},
		{"date", "yyyy-MM-dd", "1985-03-07 25:00", "", sih.R02},
		{"date", "dd/MM/yyyy", "7 mars", "", sih.R02},
		{"date", "dd/MM/yyyy", "13/13/1985", "", sih.R02},
		{"date", "dd/MM/yyyy,MM/dd/yyyy", "03/25/1985", "1985-03-25", ""},
		{"date", "dd/MM/yy", "21/11/26", "2026-11-21", ""},
		{"date", "dd/MM/yy", "22/11/26", "1926-11-22", ""},
		{"date", "excel1900", "1", "", ""}, // 1900-01-01 stands for none
		{"date", "excel1900", "59", "1900-02-28", ""},
		{"date", "excel1900", "60", "", sih.R02},
		{"date", "excel1900", "61", "1900-03-01", ""},
		{"date", "excel1904", "43889", "2024-02-29", ""},
		{"pdate", "dd/MM/yyyy,hijri", "1370 هـ", "1950-10-12/1951-10-02", ""},
		{"pdate", "dd/MM/yyyy,hijri", "12/05/1370", "1950-10-12/1951-10-02", ""},
		{"pdate", "dd/MM/yyyy", "12/05/1370", "", sih.R02},
		{"pdate", "yyyy", "1934", "1934", ""},
		{"birth", "dd/MM/yyyy", "31/12/1955", "1955", ""},
		{"birth", "dd/MM/yyyy", "01/07/1955", "1955", ""},
		{"birth", "dd/MM/yyyy", "01/01/1976", "1976-01-01", ""},
		{"birth", "yyyy-MM-dd", "1934-00-00", "1934", ""},
		{"birth", "yyyy-MM-dd", "1850-05-05", "", sih.R02},
		{"birth", "yyyy-MM-dd", "2026-11-22", "", sih.R02},
		{"birth", "yyyy-MM-dd", "2026-11-21", "2026-11-21", ""},
		// Ramadan 2024, 10 March to 14 April: UTC. Else UTC+1.
		{"datetime", "dd/MM/yyyy HH:mm", "20/03/2024 12:30", "2024-03-20T12:30:00.000Z", ""},
		{"datetime", "yyyy-MM-dd", "2024-06-01 08:05", "2024-06-01T07:05:00.000Z", ""},
		{"datetime", "yyyy-MM-dd", "2024-06-01", "2024-05-31T23:00:00.000Z", ""},
		{"datetime", "yyyy-MM-dd HH:mm:ss", "2024-06-01 08:05:09.1234567", "2024-06-01T07:05:09.123Z", ""},
		{"datetime", "yyyy-MM-dd HH:mm:ss", "2024-06-01 24:05:09", "", sih.R02},
		{"datetime", "yyyy-MM-dd HH:mm:ss", "0000-00-00 00:00:00", "", ""},
		{"age", "2024-02-29", "1", "2022-03-01/2023-02-28", ""},
		{"age", "2024-06-15", "12 lunes", "", sih.R08},
	} {
		step, err := set.Step(tt.step, tt.arg)
		if err != nil {
			t.Error(err)
			continue
		}
		got, f := step(tt.in)
		if got != tt.want || f.Reason != tt.reason {
			t.Errorf("%s %s(%q): got %q %v, want %q %q", tt.step, tt.arg, tt.in, got, f, tt.want, tt.reason)
		}
	}
}

func TestNoToday(t *testing.T) {
	step, err := rule.New(rule.Profile{}).Step("birth", "dd/MM/yy")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"02/03/21": "2021-03-02", "02/03/31": "1931-03-02"} {
		if got, f := step(in); got != want || !f.OK() {
			t.Errorf("birth(%q): got %q %v, want %q", in, got, f, want)
		}
	}
}

func TestLayoutErrors(t *testing.T) {
	set := newSet("ma")
	for _, arg := range []string{"dd/MM", "dd/MM/yyy", "hello", "dd/MM/yyyy,", "registered=1,yyyy"} {
		if _, err := set.Step("birth", arg); err == nil && arg != "dd/MM/yyyy," {
			t.Errorf("birth %q: got no error", arg)
		}
		if _, err := set.Step("date", arg); err == nil {
			t.Errorf("date %q: got no error", arg)
		}
	}
}

// TestZone compares every quarter of an hour around each of Casablanca's
// changes with what the standard library says. Where a local time does not
// exist it must be read with the offset before the change; where it occurs
// twice, as the first.
func TestZone(t *testing.T) {
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	step, err := newSet("ma").Step("datetime", "yyyy-MM-dd HH:mm:ss")
	if err != nil {
		t.Fatal(err)
	}
	changes := 0
	at := time.Date(2010, 1, 1, 0, 0, 0, 0, zone)
	for {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.Year() > 2035 {
			break
		}
		changes++
		_, before := next.Add(-time.Second).Zone()
		for q := -20; q <= 20; q++ {
			// The wall clock, as if it had never changed.
			wall := next.Add(time.Duration(q) * 15 * time.Minute).UTC().Add(time.Duration(before) * time.Second)
			got, f := step(wall.Format("2006-01-02 15:04:05"))
			if !f.OK() {
				t.Fatal(f)
			}
			// The moments that show this wall clock, the earliest first.
			want := wall.Add(-time.Duration(before) * time.Second)
			_, after := next.Zone()
			if late := wall.Add(-time.Duration(after) * time.Second); late.In(zone).Format(time.DateTime) == wall.Format(time.DateTime) && want.In(zone).Format(time.DateTime) != wall.Format(time.DateTime) {
				want = late
			}
			if w := sih.TimestampOf(want).String(); got != w {
				t.Errorf("%s: got %s, want %s", wall.Format(time.DateTime), got, w)
			}
		}
		at = next
	}
	if changes < 40 {
		t.Errorf("%d changes compared, want at least 40", changes)
	}
}
