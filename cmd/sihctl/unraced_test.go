package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// unraced leaves a test out under the race detector, which makes a run some ten
// times longer and tells of the code that runs, not of what comes of it. Under
// it every command runs in the scripts, and each way of working once: extracting
// from every kind of server, also one that goes away, a first load, a delta, a
// wave, a store on a server, verify, and reconciling alone. The tests left out
// have the same code do the same with other faults, at other moments, or look
// closer at what it made. make test runs them without the detector, and as each
// has a site of its own, several at once.
func unraced(t *testing.T) {
	t.Helper()
	if underRaceDetector {
		t.Skip("says nothing new under the race detector; run it without")
	}
	t.Parallel()
}

// TestUnraced holds that unraced stands where .ci/unraced looks for it: a test is
// left out under the race detector only if it is run without.
func TestUnraced(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	first := regexp.MustCompile(`(?m)^func Test\w+\(t \*testing\.T\) \{\n\tunraced\(t\)$`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if called, found := bytes.Count(source, []byte("\tunraced(t)\n")), len(first.FindAll(source, -1)); called != found {
			t.Errorf("%s: %d calls of unraced, %d of them the first line of a test", file, called, found)
		}
	}
}
