package term_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func TestStreams(t *testing.T) {
	tests := []struct {
		name         string
		quiet        bool
		wantErr      string
		wantProgress bool
	}{
		{"loud", false, "a note 1\nsihctl: one\nsihctl: two\nhint: do that\n", true},
		{"quiet", true, "sihctl: one\nsihctl: two\nhint: do that\n", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, err bytes.Buffer
			s := term.New(&out, &err, term.Options{Quiet: test.quiet})
			if e := s.JSON(map[string]any{"rows": 12345, "name": "<é>"}); e != nil {
				t.Fatal(e)
			}
			if e := s.Printf("%d\n", 1); e != nil {
				t.Fatal(e)
			}
			s.Notef("a note %d", 1)
			s.Fail("one\ntwo", "do that")
			if got, want := out.String(), "{\n  \"name\": \"<é>\",\n  \"rows\": 12345\n}\n1\n"; got != want {
				t.Errorf("stdout: got %q, want %q", got, want)
			}
			if got := err.String(); got != test.wantErr {
				t.Errorf("stderr: got %q, want %q", got, test.wantErr)
			}
			if got := s.Progress() != nil; got != test.wantProgress {
				t.Errorf("progress: got %v, want %v", got, test.wantProgress)
			}
		})
	}
}

// clock moves by step each time it is asked.
func clock(step time.Duration) func() time.Time {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(step)
		return now
	}
}

func TestProgressInWords(t *testing.T) {
	var err bytes.Buffer
	p := term.Fake(nil, &err, 0, false, false, clock(5*time.Second)).Progress()
	for _, s := range []term.Step{
		{Stage: "transform", Name: "hosix", Done: 0, Total: 4000, Unit: "rows"},
		{Stage: "transform", Name: "hosix", Done: 500, Total: 4000, Unit: "rows"},
		{Stage: "transform", Name: "hosix", Done: 1000, Total: 4000, Unit: "rows"}, // 10 s
		{Stage: "transform", Name: "enova", Done: 1200, Total: 4000, Unit: "rows"},
		{Stage: "transform", Name: "enova", Done: 2000, Total: 4000, Unit: "rows"}, // 20 s
		{Stage: "match", Name: "comparing", Done: 1, Unit: "pairs"},                // the count begins again
		{Stage: "match", Name: "comparing", Done: 51, Unit: "pairs"},               // 30 s
		{Stage: "match", Name: "resolving"},
		{Stage: "match", Name: "resolving"}, // 40 s
	} {
		p.Show(s)
	}
	want := "transform hosix: 1000 of 4000 rows, 100/s, 30s left\n" +
		"transform enova: 2000 of 4000 rows, 100/s, 20s left\n" +
		"match comparing: 51 pairs, 10/s\n" +
		"match resolving\n"
	if got := err.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestProgressBar(t *testing.T) {
	var out, err bytes.Buffer
	s := term.Fake(&out, &err, 80, true, false, time.Now)
	p := s.Progress()
	p.Show(term.Step{Stage: "load", Done: 10, Unit: "rows"})
	p.Show(term.Step{Stage: "load", Done: 10, Total: 20, Unit: "rows"})
	p.Show(term.Step{Stage: "load", Done: 20, Total: 20, Unit: "rows"})
	p.Show(term.Step{Stage: "load", Name: "more", Done: 25, Total: 40, Unit: "rows"}) // after it was full
	if got := err.String(); !strings.Contains(got, "load more") || !strings.Contains(got, "25/40") {
		t.Errorf("got bar %q, want load more at 25/40", got)
	}
	before := err.Len()
	if e := s.Printf("result\n"); e != nil {
		t.Fatal(e)
	}
	if err.Len() == before {
		t.Error("the bar was not taken away before the result")
	}
	if got := out.String(); got != "result\n" {
		t.Errorf("stdout: got %q", got)
	}
}

func TestQuietProgress(t *testing.T) {
	var p *term.Progress
	p.Show(term.Step{Stage: "load"}) // must not fail
	p.Close()
}
