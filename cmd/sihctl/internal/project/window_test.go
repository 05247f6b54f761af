package project_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

func TestParseWindow(t *testing.T) {
	for text, want := range map[string]struct {
		w      project.Window
		text   string
		length time.Duration
	}{
		"":              {project.Window{}, "", 24 * time.Hour},
		"22:00-06:00":   {project.Window{From: 1320, To: 360}, "22:00-06:00", 8 * time.Hour},
		"8:30 – 12:15":  {project.Window{From: 510, To: 735}, "08:30-12:15", 225 * time.Minute},
		"20:00-00:00":   {project.Window{From: 1200, To: 1440}, "20:00-00:00", 4 * time.Hour},
		"20:00-24:00":   {project.Window{From: 1200, To: 1440}, "20:00-00:00", 4 * time.Hour},
		" 00:00-24:00 ": {project.Window{From: 0, To: 1440}, "", 24 * time.Hour},
	} {
		got, err := project.ParseWindow(text)
		if err != nil || got != want.w || got.String() != want.text || got.Length() != want.length {
			t.Errorf("%q: got %v (%q, %s), %v; want %v (%q, %s)", text, got, got.String(), got.Length(), err, want.w, want.text, want.length)
		}
	}
	for _, text := range []string{"22", "22:00", "22-06", "24:00-06:00", "22:60-06:00", "22:00-25:00", "06:00-06:00", "22:00-06:00 daily"} {
		var fault *project.WindowError
		if got, err := project.ParseWindow(text); !errors.As(err, &fault) {
			t.Errorf("%q: got %v, %v; want a *WindowError", text, got, err)
		}
	}
}

func TestWindow(t *testing.T) {
	// Casablanca's clock goes back by an hour as Ramadan begins, at 3:00 on
	// 2025-02-23, and on again at 2:00 on 2025-04-06.
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Skip("this machine has no time zones: ", err)
	}
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	const never = "0001-01-01 00:00:00"
	tests := []struct {
		window, now   string
		open          bool
		closes, opens string
	}{
		{"22:00-06:00", "2026-11-21 21:59:59", false, "2026-11-21 21:59:59", "2026-11-21 22:00:00"},
		{"22:00-06:00", "2026-11-21 22:00:00", true, "2026-11-22 06:00:00", "2026-11-21 22:00:00"},
		{"22:00-06:00", "2026-11-22 05:59:59", true, "2026-11-22 06:00:00", "2026-11-22 05:59:59"},
		{"22:00-06:00", "2026-11-22 06:00:00", false, "2026-11-22 06:00:00", "2026-11-22 22:00:00"},
		{"12:30-13:30", "2026-12-31 14:00:00", false, "2026-12-31 14:00:00", "2027-01-01 12:30:00"},
		{"12:30-13:30", "2026-12-31 13:00:00", true, "2026-12-31 13:30:00", "2026-12-31 13:00:00"},
		{"20:00-24:00", "2026-12-31 23:59:59", true, "2027-01-01 00:00:00", "2026-12-31 23:59:59"},
		{"20:00-24:00", "2027-01-01 00:00:00", false, "2027-01-01 00:00:00", "2027-01-01 20:00:00"},
		{"22:00-06:00", "2025-02-22 23:00:00", true, "2025-02-23 06:00:00", "2025-02-22 23:00:00"},
		{"22:00-06:00", "2025-04-05 23:00:00", true, "2025-04-06 06:00:00", "2025-04-05 23:00:00"},
		{"", "2026-11-21 12:00:00", true, never, "2026-11-21 12:00:00"},
	}
	for _, test := range tests {
		w, err := project.ParseWindow(test.window)
		if err != nil {
			t.Fatal(err)
		}
		now := at(test.now)
		closes := w.Closes(now).Format("2006-01-02 15:04:05")
		opens := w.Opens(now).Format("2006-01-02 15:04:05")
		if open := w.Open(now); open != test.open || closes != test.closes || opens != test.opens {
			t.Errorf("%s at %s: got open %t, closes %s, opens %s; want %t, %s, %s", test.window, test.now, open, closes, opens, test.open, test.closes, test.opens)
		}
	}
}

func FuzzParseWindow(f *testing.F) {
	f.Add("22:00-06:00", int64(1795298400))
	f.Add("00:00-24:00", int64(0))
	f.Fuzz(func(t *testing.T, text string, now int64) {
		w, err := project.ParseWindow(text)
		if err != nil {
			return
		}
		if again, err := project.ParseWindow(w.String()); err != nil || again.Length() != w.Length() || again.Always() != w.Always() {
			t.Fatalf("%q: %v reads back as %v, %v", text, w, again, err)
		}
		at := time.Unix(now%1e11, 0).UTC()
		opens := w.Opens(at)
		if !w.Open(opens) || opens.Before(at) {
			t.Errorf("%q opens at %s, where it is not open", text, opens)
		}
		if closes := w.Closes(opens); !w.Always() && (w.Open(closes) || closes.Sub(opens) > w.Length()) {
			t.Errorf("%q, open at %s, closes at %s, where it is open or was too long", text, opens, closes)
		}
	})
}
