package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

func TestSchedule(t *testing.T) {
	evenings := []project.Window{{From: 12*60 + 30, To: 13 * 60}, {From: 22 * 60, To: 6 * 60}}
	linux := night{program: "/opt/sih ctl/sihctl", config: "/srv/l'hôpital/100%/mission.yaml", log: "/srv/extract.log", name: "rabat", sources: []string{"a", "b"}, starts: evenings}
	got := strings.Join(linux.cron(), "\n")
	want := `30 12 * * * '/opt/sih ctl/sihctl' extract '/srv/l'\''hôpital/100\%/mission.yaml' a b --quiet >> '/srv/extract.log' 2>&1
0 22 * * * '/opt/sih ctl/sihctl' extract '/srv/l'\''hôpital/100\%/mission.yaml' a b --quiet >> '/srv/extract.log' 2>&1`
	if got != want {
		t.Errorf("cron: got\n%s\nwant\n%s", got, want)
	}
	windows := night{program: `C:\Program Files\sihctl\sihctl.exe`, config: `D:\mission & co`, log: `D:\mission & co\extract.log`, name: "rabat", starts: evenings[1:]}
	lines, err := windows.tasks()
	if err != nil {
		t.Fatal(err)
	}
	// cmd.exe takes each quote for a beginning or an end: outside of these, and
	// only there, what it would act on is escaped.
	want = `schtasks /Create /F /SC DAILY /ST 22:00 /TN "sihctl rabat" /RU "%USERDOMAIN%\%USERNAME%" /RP * /TR ` +
		`"cmd /c \"\"C:\Program Files\sihctl\sihctl.exe\" extract --project \"D:\mission & co\" --quiet ^>^> \"D:\mission & co\extract.log\" 2^>^&1\""`
	if got := lines[0]; got != want {
		t.Errorf("schtasks: got\n%s\nwant\n%s", got, want)
	}
	if got := typed(lines[0]); !strings.Contains(got, `--project \"D:\mission & co\" --quiet >> \"D:\mission & co\extract.log\" 2>&1\""`) {
		t.Errorf("after cmd.exe: got\n%s", got)
	}
	windows.config = `D:\` + strings.Repeat("x", 300)
	var usage *usageError
	if _, err := windows.tasks(); !errors.As(err, &usage) {
		t.Errorf("a long name: got %v, want a *usageError", err)
	}
}

// typed is what cmd.exe makes of a line, as its documentation has it: outside
// of quotations a caret is taken away and its follower stands for itself.
func typed(line string) string {
	var b strings.Builder
	quoted, escaped := false, false
	for _, r := range line {
		if r == '^' && !quoted && !escaped {
			escaped = true
			continue
		}
		if r == '"' && !escaped {
			quoted = !quoted
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}
