package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWorkedExample holds docs/matching.md to what it prints: its example's
// commands are run, and its files written, one after the other. A line of … in
// the page stands for any lines that it leaves out.
func TestWorkedExample(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "matching.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "\n### A worked example\n")
	if !ok {
		t.Fatal("the page has no worked example")
	}
	example, _, _ = strings.Cut(example, "\n## ")
	t.Chdir(t.TempDir())
	ran := 0
	for i, block := range strings.Split(example, "```") {
		if i%2 == 0 {
			continue // what is between blocks
		}
		kind, text, _ := strings.Cut(block, "\n")
		lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
		if kind == "yaml" {
			name := strings.TrimPrefix(lines[0], "# ")
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		command, ok := strings.CutPrefix(lines[0], "$ sihctl ")
		if !ok {
			t.Fatalf("block %q begins with no command", lines[0])
		}
		var out, errs bytes.Buffer
		if code := run(strings.Fields(command), &out, &errs); code != 0 {
			t.Fatalf("%s: exit code %d: %s", command, code, &errs)
		}
		if want := follows(lines[1:], strings.Split(out.String(), "\n")); want != "" {
			t.Errorf("%s: the page has %q, the program printed\n%s", command, want, &out)
		}
		ran++
	}
	if ran < 5 {
		t.Errorf("%d commands in the example", ran)
	}
}

// follows returns the first of the lines that the printed ones do not have
// where it is to be, or "".
func follows(lines, printed []string) string {
	at, skip := 0, false
	for _, line := range lines {
		if line == "…" {
			skip = true
			continue
		}
		for skip && at < len(printed) && strings.TrimRight(printed[at], " ") != line {
			at++
		}
		if at == len(printed) || strings.TrimRight(printed[at], " ") != line {
			return line
		}
		at, skip = at+1, false
	}
	return ""
}
