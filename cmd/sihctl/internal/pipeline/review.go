package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/transform/stage"
)

// ReviewRequest says which doubtful pairs to export, and to whom.
type ReviewRequest struct {
	Out string
	// Reviewer is asked what he has not decided yet; where it is empty, what
	// nobody has.
	Reviewer string
	// Sample is how many pairs are drawn, the same for every reviewer; 0 is all.
	Sample int
	Masked bool
}

// ReviewExportReport is what review export did.
type ReviewExportReport struct {
	File     string `json:"file"`
	Pairs    int    `json:"pairs"`
	Doubtful int    `json:"doubtful"` // all that match left open
	Decided  int    `json:"decided"`  // of them, that are left out because they are decided
	SHA256   string `json:"sha256"`
}

// ReviewExport writes the doubtful pairs of the last match to a workbook.
func ReviewExport(ctx context.Context, o Options, q ReviewRequest) (*ReviewExportReport, error) {
	p, m, err := planReview(o)
	if err != nil {
		return nil, err
	}
	ledger, err := o.Project.OpenLedger()
	if err != nil {
		return nil, err
	}
	r, err := reviewExport(ctx, o, q, p, m, ledger)
	return r, errors.Join(err, ledger.Close())
}

func reviewExport(ctx context.Context, o Options, q ReviewRequest, p *runPlan, m *matched, ledger *project.Ledger) (*ReviewExportReport, error) {
	held, err := ledger.Decisions(false)
	if err != nil {
		return nil, err
	}
	open := m.open(held, q.Reviewer)
	r := &ReviewExportReport{File: q.Out, Doubtful: len(m.Doubts), Decided: len(m.Doubts) - len(open)}
	open = drawPairs(open, q.Sample)
	r.Pairs = len(open)
	c := review.Content{Project: o.Project.Config.Project, Reviewer: q.Reviewer, Lang: o.Lang, Masked: q.Masked, Generated: o.now()}
	kept, err := p.reviewPairs(ctx, m, open, &c, o.Version)
	if err != nil {
		return nil, err
	}
	// The ledger knows the rows before anybody can fill them in.
	if err := ledger.KeepReview(kept); err != nil {
		return nil, err
	}
	if err := review.WriteFile(q.Out, c); err != nil {
		return nil, err
	}
	r.SHA256, err = fileHash(q.Out)
	return r, err
}

// planReview returns the plan and what the last match has left of the same
// records, whatever has been decided about them since.
func planReview(o Options) (*runPlan, *matched, error) {
	p, err := plan(o)
	if err != nil {
		return nil, nil, err
	}
	input, err := stagedInput(p)
	if err != nil {
		return nil, nil, err
	}
	m, err := decodeMatched(o)
	if err == nil && (m == nil || stageOf(m.Input) != stageOf(input)) {
		err = &ConfigError{Err: errors.New("the records are not matched"), Advice: "run `sihctl match` first"}
	}
	return p, m, err
}

// open returns the doubts that the reviewer has not decided on what the records
// say now; without a reviewer, those that nobody has.
func (m *matched) open(held []project.Decision, reviewer string) []doubt {
	decided := map[pair]bool{}
	said := map[pair]string{}
	for _, d := range held {
		if d.Reviewer == reviewer || reviewer == "" && d.Verdict != project.Unsure {
			at := pair{d.A, d.B}
			decided[at], said[at] = true, said[at]+" "+d.Evidence
		}
	}
	return slices.DeleteFunc(slices.Clone(m.Doubts), func(d doubt) bool {
		at := pair{d.A, d.B}
		return decided[at] && strings.Contains(said[at], d.Evidence)
	})
}

// drawPairs draws n doubts, in their order. Who is drawn hangs on the pair alone,
// so that two reviewers get the same.
func drawPairs(list []doubt, n int) []doubt {
	if n <= 0 || n >= len(list) {
		return list
	}
	type drawn struct {
		lot fingerprint
		at  int
	}
	lots := make([]drawn, len(list))
	for i, d := range list {
		sum := sha256.Sum256(append(d.A[:], d.B[:]...))
		lots[i] = drawn{fingerprint(sum[:8]), i}
	}
	slices.SortFunc(lots, func(x, y drawn) int { return slices.Compare(x.lot[:], y.lot[:]) })
	lots = lots[:n]
	slices.SortFunc(lots, func(x, y drawn) int { return x.at - y.at })
	out := make([]doubt, n)
	for i, l := range lots {
		out[i] = list[l.at]
	}
	return out
}

// reviewFields are the fields of a workbook, and where a source person has
// them: the first that is filled, or, of the record and the name in Arabic, all.
var reviewFields = []struct {
	name string
	from []int
}{
	{"record", columnsNamed("source_person", "source_system", "facility_id", "local_id")},
	{"family_name", columnsNamed("source_person", "family_name")},
	{"given_name", columnsNamed("source_person", "given_name")},
	{"name_ar", columnsNamed("source_person", "given_name_ar", "family_name_ar")},
	{"birth_date", columnsNamed("source_person", "birth_date")},
	{"sex", columnsNamed("source_person", "sex")},
	{"cin", columnsNamed("source_person", "cin")},
	{"document", columnsNamed("source_person", "idcs", "nin", "passport", "residence_card")},
	{"maiden_name", columnsNamed("source_person", "maiden_name", "spouse_name")},
	{"father_name", columnsNamed("source_person", "father_name")},
	{"mother_name", columnsNamed("source_person", "mother_name")},
	{"guardian_cin", columnsNamed("source_person", "guardian_cin")},
	{"phone", columnsNamed("source_person", "phone")},
	{"amo_no", columnsNamed("source_person", "amo_no")},
	{"commune", columnsNamed("source_person", "commune")},
	{"address", columnsNamed("source_person", "address")},
}

// reviewPairs fills the workbook's pairs, and returns what the ledger keeps of
// them. Fields that no record of theirs has are left out.
func (p *runPlan) reviewPairs(ctx context.Context, m *matched, open []doubt, c *review.Content, version string) ([]project.ReviewPair, error) {
	want := map[sih.ID]bool{}
	for _, d := range open {
		want[d.A], want[d.B] = true, true
	}
	codes := map[string]string{}
	for code := range p.facilities.codes {
		codes[facilityID(code).String()] = code
	}
	values := map[sih.ID][]string{}
	filled := make([]bool, len(reviewFields))
	prints, err := p.recordsOf(ctx, m.Faults, want, func(e *stage.Entity) {
		list := make([]string, len(reviewFields))
		for i, f := range reviewFields {
			list[i] = reviewValue(f.name, e, f.from, codes)
			filled[i] = filled[i] || list[i] != ""
		}
		values[e.Values[0].ID()] = list
	})
	if err != nil {
		return nil, err
	}
	for i, f := range reviewFields {
		if filled[i] {
			c.Fields = append(c.Fields, f.name)
		}
	}
	var kept []project.ReviewPair
	for _, d := range open {
		a, b := values[d.A], values[d.B]
		if a == nil || b == nil {
			return nil, fmt.Errorf("export pairs: a record that was matched is not in the stage")
		}
		q := review.Pair{Weight: float64(d.Weight) / 1000, Why: d.Why, Rule: d.Rule, Says: d.Says}
		for i := range reviewFields {
			if filled[i] {
				q.Values = append(q.Values, review.Value{A: a[i], B: b[i]})
			}
		}
		k := project.ReviewPair{A: d.A, B: d.B, Evidence: evidenceHash(prints[d.A], prints[d.B])}
		// Another way of writing the row is another key, so that no export spoils
		// the one before.
		k.Key = sih.NewID("review", version+" "+c.Lang+" "+strconv.FormatBool(c.Masked)+" "+strings.Join(c.Fields, " "), d.A.String()+d.B.String(), "pair",
			k.Evidence+" "+d.Why+" "+d.Rule+" "+strconv.Itoa(int(d.Weight))+" "+strings.Join(d.Says, ";")).String()
		q.Key = k.Key
		if k.Cells, err = c.Sums(q); err != nil {
			return nil, err
		}
		c.Pairs, kept = append(c.Pairs, q), append(kept, k)
	}
	return kept, nil
}

// reviewValue is a field as a reviewer reads it. A record is known by its
// source, its facility's code and the patient's number there.
func reviewValue(field string, e *stage.Entity, from []int, codes map[string]string) string {
	var all []string
	for _, c := range from {
		if text := e.Values[c].String(); text != "" {
			if code, ok := codes[text]; ok && field == "record" {
				text = code
			}
			all = append(all, text)
		}
	}
	switch {
	case field == "record":
		return strings.Join(all, "\n")
	case field == "name_ar":
		return strings.Join(all, " ")
	case len(all) > 0:
		return all[0]
	}
	return ""
}
