package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unraced leaves a test out under the race detector, where it takes minutes and
// shows nothing that others do not; make test runs it without.
func unraced(t *testing.T) {
	t.Helper()
	if underRaceDetector {
		t.Skip("takes minutes under the race detector; run it without")
	}
}

// TestUnraced holds that make test runs, without the race detector, just those
// tests that are left out under it.
func TestUnraced(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`func (Test\w+)\(t \*testing\.T\) \{\n\tunraced\(t\)`).FindAllSubmatch(source, -1) {
			left = append(left, string(m[1]))
		}
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`-run '\^\(([^)]*)\)\$\$' \./cmd/sihctl\n`).FindSubmatch(makefile)
	if m == nil {
		t.Fatal("the Makefile does not run them")
	}
	run := strings.Split(string(m[1]), "|")
	slices.Sort(left)
	slices.Sort(run)
	if diff := cmp.Diff(left, run); diff != "" {
		t.Errorf("left out under the race detector, and run without (-left out +run):\n%s", diff)
	}
}
