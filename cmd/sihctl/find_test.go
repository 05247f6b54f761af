package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
)

// find asks for a name on the standard input.
func (s *site) find(want int, name string) (found findResult) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	g := newGlobals(&stdout, &stderr)
	root := newRoot(g)
	root.SetArgs([]string{"find", "--output", "json", "--project", s.dir})
	root.SetIn(strings.NewReader(name + "\n"))
	if c := g.finish(s.t.Context(), root.ExecuteContext(s.t.Context())); c != want {
		s.t.Fatalf("find: got exit code %d, want %d; stderr:\n%s", c, want, &stderr)
	}
	if want == exitDone {
		s.check(json.Unmarshal(stdout.Bytes(), &found))
	}
	return found
}

// TestFind finds a person by how the other script writes them, and leaves no
// name behind.
func TestFind(t *testing.T) {
	s := sharedRegion(t).whole(t)
	const pairs = ` FROM person_name a JOIN person_name l ON l.name_key = a.name_key AND l.person_id = a.person_id
		WHERE a.script = 'Arab' AND l.script = 'Latn' AND a.name_use = 'official' AND l.name_use = 'official' AND length(a.given) - length(replace(a.given, ' ', '')) = 0
		ORDER BY a.id, l.id LIMIT 1`
	arabic, latin, person := s.ask("unified.db", "SELECT a.full_text"+pairs), s.ask("unified.db", "SELECT l.full_text"+pairs), s.ask("unified.db", "SELECT l.person_id"+pairs)
	for _, asked := range []string{arabic, latin, strings.ToUpper(latin)} {
		r := s.find(exitDone, asked)
		for _, want := range []string{arabic, latin} {
			if !slices.ContainsFunc(r.Found, func(f pipeline.FoundPerson) bool { return f.Person == person && f.Name == want }) {
				t.Errorf("one spelling does not find another: %d records found", len(r.Found))
			}
		}
	}
	if r := s.find(exitDone, "Zzyzx Qwfpgj"); len(r.Found) != 0 || r.More {
		t.Errorf("found %d records of nobody", len(r.Found))
	}
	s.find(exitUsage, " ")
	log := s.content("audit.ndjson")
	if !strings.Contains(log, `"find"`) || strings.Contains(log, latin) || strings.Contains(log, arabic) {
		t.Error("the audit log does not tell of the search, or tells the name")
	}
}
