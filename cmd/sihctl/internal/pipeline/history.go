package pipeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/workbook"
)

// reconciled is what is kept of every reconciliation, the red ones too, one a
// line of runs/reconciled.ndjson.
type reconciled struct {
	Run         string    `json:"run"`
	Mode        string    `json:"mode"`
	Wave        string    `json:"wave"`
	Tool        string    `json:"tool"`
	By          string    `json:"by"`
	At          time.Time `json:"at"`
	Config      string    `json:"config"`
	Mapping     string    `json:"mapping"`
	Snapshot    string    `json:"snapshot"`
	Scope       string    `json:"scope"`
	Tolerances  string    `json:"tolerances"`
	Extracted   int64     `json:"extracted"`
	Accepted    int64     `json:"accepted"`
	Rejected    int64     `json:"rejected"`
	Differences int64     `json:"differences"`
}

func historyFile(o Options) string { return filepath.Join(runsDir(o), "reconciled.ndjson") }

// history adds a reconciliation to those before and returns all. One that says
// what the last did is not added again: to run a command twice is no history.
func history(o Options, p *runPlan, scope string, r *reconcile.Report) ([]workbook.PastRun, error) {
	var list []reconciled
	data, err := os.ReadFile(historyFile(o))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read history: %w", err)
	}
	for line := range bytes.Lines(data) {
		var x reconciled
		if err := json.Unmarshal(line, &x); err != nil {
			return nil, fmt.Errorf("read history: line %d of %s: %w", len(list)+1, historyFile(o), err)
		}
		list = append(list, x)
	}
	c := &o.Project.Config
	now := reconciled{
		Run: p.id.String(), Mode: string(c.Mode), Wave: c.Wave, Tool: o.Version, At: o.now().UTC().Truncate(time.Second),
		Config: o.Project.ConfigHash, Mapping: p.mappingHash, Snapshot: p.snapHash, Scope: scope, Tolerances: toleranceWords(c.Tolerances),
	}
	if u, err := user.Current(); err == nil {
		now.By = u.Username
	}
	for _, l := range r.Rows {
		now.Extracted += l.Extracted
		now.Accepted += l.Accepted
		now.Rejected += l.Rejected
	}
	for range r.Differences() {
		now.Differences++
	}
	if len(list) > 0 {
		last := list[len(list)-1]
		last.At = now.At
		if last == now {
			return pastRuns(list, p.zone), nil
		}
	}
	list = append(list, now)
	line, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	if err := writeFile(historyFile(o), append(append(data, line...), '\n')); err != nil {
		return nil, fmt.Errorf("keep history: %w", err)
	}
	return pastRuns(list, p.zone), nil
}

// toleranceWords writes tolerances as one line, sorted by table.
func toleranceWords(limits reconcile.Limits) string {
	var words []string
	for _, table := range slices.Sorted(maps.Keys(limits)) {
		words = append(words, table+" "+limits[table].String())
	}
	return strings.Join(words, ", ")
}

func pastRuns(list []reconciled, zone *time.Location) []workbook.PastRun {
	out := make([]workbook.PastRun, len(list))
	for i, x := range list {
		id, _ := sih.ParseID(x.Run)
		out[i] = workbook.PastRun{
			ID: id, Mode: x.Mode, Wave: x.Wave, Sequence: i + 1, Tool: x.Tool, By: x.By, Finished: x.At.In(zone),
			ConfigHash: x.Config, MappingHash: x.Mapping, SnapshotHash: x.Snapshot, ScopeHash: x.Scope, Tolerances: cmp.Or(x.Tolerances, "-"),
			Extracted: x.Extracted, Accepted: x.Accepted, Rejected: x.Rejected, Differences: x.Differences,
		}
	}
	return out
}
