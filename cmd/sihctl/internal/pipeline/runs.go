package pipeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// keptRun is what is kept of a run when it is loaded, so that a later one can
// be compared with it. It lies in the project's folder runs.
type keptRun struct {
	Run    string           `json:"run"`
	Loaded time.Time        `json:"loaded"`
	Totals map[string]int64 `json:"totals"` // by what is counted, words parted by |
	Causes []RejectGroup    `json:"causes"`
}

// keptBy is what the causes of a kept run are grouped by: no values.
var keptBy = []string{"reason", "source", "table", "field", "detail"}

func runsDir(o Options) string { return filepath.Join(o.Project.Dir, "runs") }

// keepRun writes what compare needs of a run.
func keepRun(o Options, p *runPlan, m *matched, counts *reconcile.Report, causes []cause) error {
	if err := os.MkdirAll(runsDir(o), 0o700); err != nil {
		return fmt.Errorf("keep run: %w", err)
	}
	k := keptRun{Run: p.id.String(), Loaded: o.now().UTC().Truncate(time.Second), Totals: totals(counts), Causes: groupCauses(causes, keptBy, false).Groups}
	data, err := json.MarshalIndent(k, "", " ")
	if err != nil {
		return err
	}
	var persons bytes.Buffer
	for _, l := range m.Links {
		persons.Write(l.Record[:])
		persons.Write(l.Person[:])
	}
	if err := writeFile(filepath.Join(runsDir(o), k.Run+".persons"), persons.Bytes()); err != nil {
		return fmt.Errorf("keep run: %w", err)
	}
	return writeFile(filepath.Join(runsDir(o), k.Run+".json"), data)
}

// totals counts what a run came to.
func totals(r *reconcile.Report) map[string]int64 {
	out := map[string]int64{}
	add := func(n int64, words ...string) {
		if n != 0 {
			out[strings.Join(words, "|")] += n
		}
	}
	for _, l := range r.Rows {
		s := string(l.Source)
		add(l.Accepted, "rows", s, l.Table, "accepted")
		add(l.Rejected, "rows", s, l.Table, "rejected")
		add(l.Excluded, "rows", s, l.Table, "excluded")
		add(l.Joined, "rows", s, l.Table, "joined")
	}
	for _, l := range r.Entities {
		s := string(l.Source)
		add(l.Inserted+l.Updated+l.Unchanged, "entities", s, l.Table, "loaded")
		add(l.Rejected, "entities", s, l.Table, "rejected")
	}
	for _, l := range r.Controls {
		add(l.Expected, "control totals", string(l.Source), string(l.Measure), "in the source")
		add(l.LeftOut, "control totals", string(l.Source), string(l.Measure), "left out")
	}
	for _, l := range r.Amounts {
		add(l.Expected, "amounts", string(l.Source), string(l.Item), "in the source")
		add(l.LeftOut, "amounts", string(l.Source), string(l.Item), "left out")
	}
	return out
}

// RunsReport says what changed between two runs.
type RunsReport struct {
	Before  string        `json:"before"`
	After   string        `json:"after"`
	Totals  []TotalChange `json:"totals"`
	Causes  []CauseChange `json:"causes"`
	Persons PersonsChange `json:"persons"`
}

// TotalChange is a figure that moved.
type TotalChange struct {
	What   string `json:"what"`   // rows, entities, control totals, amounts
	Source string `json:"source"` //
	Of     string `json:"of"`     // table, measure or item
	Term   string `json:"term"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// CauseChange is a root cause that keeps out more or less than before.
type CauseChange struct {
	By     map[string]string `json:"by"`
	Before int64             `json:"before"` // rejected, and hanging on these
	After  int64             `json:"after"`
}

// PersonsChange says how the records are put together differently.
type PersonsChange struct {
	Before  int64 `json:"before"` // persons
	After   int64 `json:"after"`
	New     int64 `json:"new"`    // records that were not there before
	Gone    int64 `json:"gone"`   // records that are no longer there
	Joined  int64 `json:"joined"` // persons who hold records of several persons of before
	Parted  int64 `json:"parted"` // persons of before whose records are several persons'
	Records int64 `json:"records"`
	// Examples are persons who were joined (ids of after) or parted (of before).
	JoinedIDs []string `json:"joined_ids,omitempty"`
	PartedIDs []string `json:"parted_ids,omitempty"`
}

// examples is how many persons are named.
const examples = 20

// KeptRuns lists the runs that are kept, the oldest first.
func KeptRuns(o Options) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(runsDir(o), "*.json"))
	if err != nil {
		return nil, err
	}
	type at struct {
		run    string
		loaded time.Time
	}
	var list []at
	for _, f := range files {
		k, err := readRun(f)
		if err != nil {
			return nil, err
		}
		list = append(list, at{k.Run, k.Loaded})
	}
	slices.SortFunc(list, func(a, b at) int { return cmp.Or(a.loaded.Compare(b.loaded), strings.Compare(a.run, b.run)) })
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = l.run
	}
	return out, nil
}

func readRun(path string) (*keptRun, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	k := &keptRun{}
	if json.Unmarshal(data, k) != nil {
		return nil, fmt.Errorf("read run: %s is not readable", path)
	}
	return k, nil
}

// CompareRuns says what changed from one kept run to another. A run is named by
// its id, or by how it begins.
func CompareRuns(o Options, before, after string) (*RunsReport, error) {
	a, err := findRun(o, before)
	if err != nil {
		return nil, err
	}
	b, err := findRun(o, after)
	if err != nil {
		return nil, err
	}
	r := &RunsReport{Before: a.Run, After: b.Run, Totals: totalChanges(a.Totals, b.Totals), Causes: causeChanges(a.Causes, b.Causes)}
	x, err := readPersons(o, a.Run)
	if err != nil {
		return nil, err
	}
	y, err := readPersons(o, b.Run)
	if err != nil {
		return nil, err
	}
	r.Persons = personsChange(x, y)
	return r, nil
}

func findRun(o Options, name string) (*keptRun, error) {
	files, err := filepath.Glob(filepath.Join(runsDir(o), "*.json"))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, f := range files {
		if name != "" && strings.HasPrefix(filepath.Base(f), name) {
			found = append(found, f)
		}
	}
	switch {
	case len(found) == 0:
		return nil, &ConfigError{Err: fmt.Errorf("run %q: %w", name, errNoRun), Advice: "sihctl compare without arguments lists the runs that are kept: those that were loaded"}
	case len(found) > 1:
		return nil, &ConfigError{Err: fmt.Errorf("%d runs begin with %q", len(found), name), Advice: "write more of it"}
	}
	return readRun(found[0])
}

func totalChanges(a, b map[string]int64) []TotalChange {
	out := []TotalChange{}
	for name := range a {
		if _, ok := b[name]; !ok {
			b[name] = 0
		}
	}
	for name, n := range b {
		if w := strings.Split(name, "|"); a[name] != n && len(w) == 4 {
			out = append(out, TotalChange{w[0], w[1], w[2], w[3], a[name], n})
		}
	}
	order := []string{"rows", "entities", "control totals", "amounts"}
	slices.SortFunc(out, func(x, y TotalChange) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.What), slices.Index(order, y.What)), cmp.Compare(x.Source, y.Source), cmp.Compare(x.Of, y.Of), cmp.Compare(x.Term, y.Term))
	})
	return out
}

func causeChanges(a, b []RejectGroup) []CauseChange {
	out := []CauseChange{}
	name := func(g RejectGroup) string {
		var words []string
		for _, by := range keptBy {
			words = append(words, g.By[by])
		}
		return strings.Join(words, "\x00")
	}
	before := map[string]RejectGroup{}
	for _, g := range a {
		before[name(g)] = g
	}
	for _, g := range b {
		old := before[name(g)]
		delete(before, name(g))
		if n, m := old.Rejected+old.Hanging, g.Rejected+g.Hanging; n != m {
			out = append(out, CauseChange{g.By, n, m})
		}
	}
	for _, g := range before {
		out = append(out, CauseChange{g.By, g.Rejected + g.Hanging, 0})
	}
	size := func(c CauseChange) int64 { return max(c.After-c.Before, c.Before-c.After) }
	slices.SortFunc(out, func(x, y CauseChange) int {
		return cmp.Or(cmp.Compare(size(y), size(x)), strings.Compare(name(RejectGroup{By: x.By}), name(RejectGroup{By: y.By})))
	})
	return out
}

// membership is whose record one is.
type membership struct{ record, person sih.ID }

func readPersons(o Options, run string) ([]membership, error) {
	data, err := os.ReadFile(filepath.Join(runsDir(o), run+".persons"))
	if err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	out := make([]membership, 0, len(data)/32)
	for ; len(data) >= 32; data = data[32:] {
		out = append(out, membership{sih.ID(data[:16]), sih.ID(data[16:32])})
	}
	return out, nil
}

// personsChange compares who is whose record; both lists are sorted by record.
func personsChange(a, b []membership) (c PersonsChange) {
	c.Records = int64(len(b))
	count := func(list []membership) int64 {
		seen := map[sih.ID]struct{}{}
		for _, m := range list {
			seen[m.person] = struct{}{}
		}
		return int64(len(seen))
	}
	c.Before, c.After = count(a), count(b)
	into, from := map[sih.ID]sih.ID{}, map[sih.ID]sih.ID{}
	joined, parted := map[sih.ID]bool{}, map[sih.ID]bool{}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		order := 0
		switch {
		case i == len(a):
			order = 1
		case j == len(b):
			order = -1
		default:
			order = bytes.Compare(a[i].record[:], b[j].record[:])
		}
		switch {
		case order < 0:
			c.Gone++
			i++
			continue
		case order > 0:
			c.New++
			j++
			continue
		}
		was, is := a[i].person, b[j].person
		if other, ok := into[was]; ok && other != is {
			parted[was] = true
		}
		if other, ok := from[is]; ok && other != was {
			joined[is] = true
		}
		into[was], from[is] = is, was
		i, j = i+1, j+1
	}
	c.Joined, c.Parted = int64(len(joined)), int64(len(parted))
	c.JoinedIDs, c.PartedIDs = some(joined), some(parted)
	return c
}

func some(set map[sih.ID]bool) []string {
	var out []string
	for id := range set {
		out = append(out, id.String())
	}
	slices.Sort(out)
	return out[:min(len(out), examples)]
}
