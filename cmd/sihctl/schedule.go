package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// night is an extraction that the system starts every night.
type night struct {
	program, config, log string // absolute
	name                 string // of the task
	sources              []string
	starts               []project.Window // by their first minute
}

// starts returns the windows that begin at different times, those of sources
// without one as if they began at 22:00.
func starts(p *project.Project, sources []string) (list []project.Window) {
	for _, s := range p.Config.Sources {
		if s.Driver == project.Snapshot || len(sources) > 0 && !slices.Contains(sources, string(s.ID)) {
			continue
		}
		w := s.Window
		if w.Always() {
			w = project.Window{From: 22 * 60}
		}
		if !slices.ContainsFunc(list, func(o project.Window) bool { return o.From == w.From }) {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b project.Window) int { return a.From - b.From })
	return list
}

// lines returns what has to be typed on this system.
func (n *night) lines() ([]string, error) {
	if runtime.GOOS == "windows" {
		return n.tasks()
	}
	return n.cron(), nil
}

// command returns the arguments, of which those for which quote is set are
// names.
func (n *night) command(quote func(string) string) string {
	words := []string{quote(n.program), "extract"}
	if project.IsMission(n.config) {
		words = append(words, quote(n.config))
	} else {
		words = append(words, "--project", quote(n.config))
	}
	words = append(words, n.sources...) // of a-z, 0-9 and -
	return strings.Join(append(words, "--quiet", ">>", quote(n.log), "2>&1"), " ")
}

// maxTask is the length of a task's command that schtasks takes.
const maxTask = 261

// tasks returns lines for Windows' task scheduler. The task runs without
// anybody logged on; schtasks asks for the user's password.
func (n *night) tasks() ([]string, error) {
	var lines []string
	for i, w := range n.starts {
		name := "sihctl " + n.name
		if len(n.starts) > 1 {
			name += fmt.Sprintf(" %d", i+1)
		}
		// cmd takes off the outer quotes of what follows /c and leaves those within.
		run := `cmd /c "` + n.command(func(s string) string { return `"` + s + `"` }) + `"`
		if len([]rune(run)) > maxTask {
			return nil, usagef("put the program and the mission into folders with short names, such as C:\\sihctl", "the task's command has %d characters, and schtasks takes %d", len([]rune(run)), maxTask)
		}
		lines = append(lines, caret(fmt.Sprintf(`schtasks /Create /F /SC DAILY /ST %02d:%02d /TN "%s" /RU "%%USERDOMAIN%%\%%USERNAME%%" /RP * /TR "%s"`,
			w.From/60, w.From%60, name, strings.ReplaceAll(run, `"`, `\"`))))
	}
	return lines, nil
}

// caret escapes what cmd.exe would act on in a line that is typed there. It
// knows no \" and takes each quote for the beginning or the end of a quotation.
func caret(line string) string {
	var b strings.Builder
	quoted := false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted && strings.ContainsRune("<>|&^", r) {
			b.WriteByte('^')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cron returns lines for crontab -e, in which % has a meaning of its own.
func (n *night) cron() []string {
	var lines []string
	for _, w := range n.starts {
		run := n.command(func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" })
		lines = append(lines, fmt.Sprintf("%d %d * * * %s", w.From%60, w.From/60, strings.ReplaceAll(run, "%", `\%`)))
	}
	return lines
}
