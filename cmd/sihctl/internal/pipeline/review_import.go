package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/transform/stage"
)

// ReviewImportReport is what review import did.
type ReviewImportReport struct {
	File            string `json:"file"`
	Rows            int    `json:"rows"` // with a verdict
	Open            int    `json:"open"` // without
	Same            int    `json:"same"`
	Apart           int    `json:"apart"`
	Unsure          int    `json:"unsure"`
	project.Decided        // what became of them
	// Conflicts are the pairs on which reviewers contradict each other, over all
	// decisions that hold.
	Conflicts  []ReviewConflict    `json:"conflicts"`
	Agreements []project.Agreement `json:"-"`
	SHA256     string              `json:"sha256"`
}

// ReviewConflict is a pair on which reviewers contradict each other.
type ReviewConflict struct {
	Lines     []int   `json:"lines"`     // of the workbook
	Decisions []int64 `json:"decisions"` // their numbers in the ledger
	Same      string  `json:"same"`      // who says so
	Apart     string  `json:"apart"`
}

// Refusal is a row of a workbook that cannot be taken, and why.
type Refusal struct {
	Line int
	Why  string
}

// ReviewRefusedError tells that nothing of a workbook was taken, and why.
type ReviewRefusedError struct {
	File     string
	Refusals []Refusal
}

// mostRefusals is how many rows an error names.
const mostRefusals = 20

// Error names the rows.
func (e *ReviewRefusedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: nothing was taken, for rows that cannot be: %d", filepath.Base(e.File), len(e.Refusals))
	for i, r := range e.Refusals {
		if i == mostRefusals {
			b.WriteString("\n  …")
			break
		}
		fmt.Fprintf(&b, "\n  row %d: %s", r.Line, r.Why)
	}
	return b.String()
}

// Hint says what to do.
func (e *ReviewRefusedError) Hint() string {
	return "mend these rows, empty their verdicts or delete them, then import the workbook again; sihctl review export writes a new one"
}

// ReviewImport takes a workbook's decisions into the ledger, all or none.
func ReviewImport(ctx context.Context, o Options, file string) (*ReviewImportReport, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("read review: %w", err), Advice: "name the workbook that came back"}
	}
	rows, err := review.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	p, m, err := planReview(o)
	if err != nil {
		return nil, err
	}
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return nil, err
	}
	i := &reviewImport{rows: rows, ledger: ledger, out: &ReviewImportReport{File: file, Conflicts: []ReviewConflict{}}}
	h := newHash()
	h.Write(data)
	i.out.SHA256 = sum(h)
	err = i.run(ctx, p, m)
	return i.out, errors.Join(err, ledger.Close())
}

// reviewImport is a workbook being read in.
type reviewImport struct {
	rows   []review.Row
	ledger *project.Ledger
	out    *ReviewImportReport
	taken  []takenRow
	refuse []Refusal
}

// takenRow is a row whose decision can be taken as far as is known.
type takenRow struct {
	project.Decision
	line int
}

func (i *reviewImport) run(ctx context.Context, p *runPlan, m *matched) error {
	if err := i.check(); err != nil {
		return err
	}
	if err := i.current(ctx, p, m); err != nil {
		return err
	}
	if len(i.refuse) > 0 {
		return &ReviewRefusedError{i.out.File, i.refuse}
	}
	list := make([]project.Decision, len(i.taken))
	lines := map[pair][]int{}
	for n, t := range i.taken {
		list[n] = t.Decision
		lines[pair{t.A, t.B}] = append(lines[pair{t.A, t.B}], t.line)
		switch t.Verdict {
		case project.Same:
			i.out.Same++
		case project.Apart:
			i.out.Apart++
		default:
			i.out.Unsure++
		}
	}
	var err error
	if i.out.Decided, err = i.ledger.Decide(list); err != nil {
		return err
	}
	held, err := i.ledger.Decisions(false)
	if err != nil {
		return err
	}
	_, against := project.Bindings(held)
	for _, of := range against {
		c := ReviewConflict{Lines: lines[pair{of[0].A, of[0].B}]}
		by := map[string][]string{}
		for _, d := range of {
			c.Decisions = append(c.Decisions, d.ID)
			by[d.Verdict] = append(by[d.Verdict], d.Reviewer)
		}
		c.Same, c.Apart = strings.Join(by[project.Same], ", "), strings.Join(by[project.Apart], ", ")
		i.out.Conflicts = append(i.out.Conflicts, c)
	}
	i.out.Agreements = project.Agreements(held)
	return nil
}

// longestName is how long a reviewer's name may be: what the store takes.
const longestName = 64

// check holds every row with a verdict against what was exported.
func (i *reviewImport) check() error {
	first := map[pairBy]takenRow{}
	for _, r := range i.rows {
		if r.Verdict == "" {
			i.out.Open++
			continue
		}
		i.out.Rows++
		no := func(format string, args ...any) {
			i.refuse = append(i.refuse, Refusal{r.Line, fmt.Sprintf(format, args...)})
		}
		if r.Key == "" {
			no("its key, in the hidden first column, is gone")
			continue
		}
		kept, ok, err := i.ledger.ReviewPair(r.Key)
		switch {
		case err != nil:
			return err
		case !ok:
			no("it is not of a workbook that this project has exported")
			continue
		}
		if column, changed := r.Changed(kept.Cells); changed {
			no("column %q was changed; only the verdict, the reviewer and the comment may be", column)
			continue
		}
		switch {
		case r.Odd:
			no("its verdict is none of the list")
			continue
		case r.Reviewer == "":
			no("the reviewer's name is missing")
			continue
		case utf8.RuneCountInString(r.Reviewer) > longestName:
			no("the reviewer's name is longer than %d characters", longestName)
			continue
		}
		t := takenRow{project.Decision{A: kept.A, B: kept.B, Verdict: r.Verdict, Evidence: kept.Evidence, Reviewer: r.Reviewer, Comment: r.Comment}, r.Line}
		by := pairBy{pair{t.A, t.B}, t.Reviewer}
		if other, twice := first[by]; twice {
			if other.Verdict != t.Verdict {
				no("the same reviewer decides the same pair otherwise in row %d", other.line)
			}
			continue
		}
		first[by] = t
		i.taken = append(i.taken, t)
	}
	return nil
}

// pairBy is a pair and who decides it.
type pairBy struct {
	pair
	reviewer string
}

// current refuses rows whose records say something else by now.
func (i *reviewImport) current(ctx context.Context, p *runPlan, m *matched) error {
	want := map[sih.ID]bool{}
	for _, t := range i.taken {
		want[t.A], want[t.B] = true, true
	}
	prints, err := p.recordsOf(ctx, m.Faults, want, func(*stage.Entity) {})
	if err != nil {
		return err
	}
	for _, t := range i.taken {
		a, okA := prints[t.A]
		b, okB := prints[t.B]
		switch {
		case !okA || !okB:
			i.refuse = append(i.refuse, Refusal{t.line, "one of its records is not there any more"})
		case evidenceHash(a, b) != t.Evidence:
			i.refuse = append(i.refuse, Refusal{t.line, "its records say something else since it was exported: it is to be decided on a new export"})
		}
	}
	return nil
}
