package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
)

// A pair is two source persons, the smaller id first.
type pair struct{ A, B sih.ID }

// decisions are what reviewers decided, as it binds the matcher.
type decisions struct {
	list []project.Binding
	by   map[pair]*project.Binding
	hash string // empty where nobody decided anything
}

// readDecisions reads the project's decisions.
func readDecisions(p *project.Project) (*decisions, error) {
	list, err := p.Bindings()
	if err != nil {
		return nil, err
	}
	d := &decisions{list: list, by: map[pair]*project.Binding{}}
	h := sha256.New()
	for i := range list {
		b := &list[i]
		d.by[pair{b.A, b.B}] = b
		fmt.Fprintf(h, "%s %s %v %q %q\n", b.A, b.B, b.Same, b.By, b.Evidence)
	}
	if len(list) > 0 {
		d.hash = sum(h)
	}
	return d, nil
}

// known returns the decisions for the matcher.
func (d *decisions) known() []match.Decision {
	var out []match.Decision
	for _, b := range d.list {
		out = append(out, match.Decision{A: b.A, B: b.B, Same: b.Same})
	}
	return out
}

// A fingerprint stands for what the matcher was told of a record.
type fingerprint [8]byte

// evidenceColumns are what of a source person is told to the matcher and to a
// reviewer.
var evidenceColumns = columnsNamed("source_person", "source_system", "facility_id", "local_id", "cin", "guardian_cin", "idcs", "nin", "passport",
	"residence_card", "amo_no", "family_name", "given_name", "maiden_name", "spouse_name", "father_name", "mother_name", "family_name_ar",
	"given_name_ar", "sex", "birth_date", "phone", "commune", "address")

func columnsNamed(table string, names ...string) (at []int) {
	t := sih.TableByName(table)
	for _, n := range names {
		at = append(at, t.Column(n))
	}
	return at
}

func fingerprintOf(e *stage.Entity) fingerprint {
	b := make([]byte, 0, 512)
	for _, c := range evidenceColumns {
		text := e.Values[c].String()
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	sum := sha256.Sum256(b)
	return fingerprint(sum[:8])
}

// evidenceHash stands for what two records say: that it is another tells that a
// decision was made on other evidence. The record with the smaller id is a.
func evidenceHash(a, b fingerprint) string {
	sum := sha256.Sum256(append(a[:], b[:]...))
	return hex.EncodeToString(sum[:16])
}

// evidence returns the hash of what two of the result's records say.
func (p *runPlan) evidence(r *match.Result, a, b uint32) string {
	a, b = min(a, b), max(a, b) // by rank, which is by id
	return evidenceHash(p.prints[r.Input(a)], p.prints[r.Input(b)])
}

// A doubt is a pair that a human should look at.
type doubt struct {
	A, B        sih.ID
	Weight      int32 // thousandths of a bit
	Probability float64
	Evidence    string   // hash of what the two records say
	Why         string   // review, refused, torn; changed where it was decided on other evidence
	Rule        string   // the rule that asks for it, or stands against it
	Says        []string // the evidence in words
}

// doubts lists the pairs that a human should look at: what the matcher leaves
// open, unless its two clusters are decided to be two people; and what was
// decided when the records said something else. Pairs of two records that other
// projects have in the store, which were added after the own ones, are theirs.
func (p *runPlan) doubts(r *match.Result, own int) []doubt {
	apart := map[[2]uint32]bool{}
	var out []doubt
	add := func(q match.Pair, why, rule string) {
		out = append(out, doubt{r.ID(q.A), r.ID(q.B), q.Weight, r.Probability(q), p.evidence(r, q.A, q.B), why, rule, r.Says(q)})
	}
	for _, b := range p.decisions.list {
		x, okX := r.Record(b.A)
		y, okY := r.Record(b.B)
		if !okX || !okY {
			continue
		}
		if !b.Same {
			apart[clusters(r, x, y)] = true
		}
		if !slices.Contains(b.Evidence, p.evidence(r, x, y)) {
			add(r.Pair(x, y), "changed", "")
		}
	}
	for _, q := range r.Doubtful() {
		if apart[clusters(r, q.A, q.B)] || int(r.Input(q.A)) >= own && int(r.Input(q.B)) >= own {
			continue
		}
		rule := r.RuleName(q)
		switch q.Band {
		case match.BandRefused:
			rule = r.AgainstName(q)
		case match.BandTorn:
			rule = "" // it says why the two would be one
		}
		add(q, q.Band.String(), rule)
	}
	return out
}

// clusters names the clusters of two records.
func clusters(r *match.Result, a, b uint32) [2]uint32 {
	x, y := r.Founder(a), r.Founder(b)
	return [2]uint32{min(x, y), max(x, y)}
}

// apartDecisions are the rows that tell why records are kept apart by a
// reviewer, by the person of the first.
func (p *runPlan) apartDecisions(who persons, r *match.Result) map[sih.ID][]*stage.Entity {
	out := map[sih.ID][]*stage.Entity{}
	for _, b := range p.decisions.list {
		x, okX := r.Record(b.A)
		y, okY := r.Record(b.B)
		if b.Same || !okX || !okY {
			continue
		}
		l, _ := who.person(b.A)
		out[l.Person] = append(out[l.Person], decision(p, r, match.Join{Record: y, Pair: r.Pair(x, y)}, l.Person))
	}
	return out
}

// recordsOf calls each with the source persons in want, and returns the
// fingerprints of those that there are. Where the run goes into a live store,
// those that the stage does not have are looked for there.
func (p *runPlan) recordsOf(ctx context.Context, faults []chunkFaults, want map[sih.ID]bool, each func(*stage.Entity)) (map[sih.ID]fingerprint, error) {
	out := map[sih.ID]fingerprint{}
	found := func(e *stage.Entity) error {
		if id := e.Values[0].ID(); want[id] {
			out[id] = fingerprintOf(e)
			each(e)
		}
		return nil
	}
	if err := eachPerson(ctx, p, faults, found); err != nil || !p.delta() || len(out) == len(want) {
		return out, err
	}
	var missing []sih.ID
	for id := range want {
		if _, ok := out[id]; !ok {
			missing = append(missing, id)
		}
	}
	s, done, err := readTarget(ctx, Options{Project: p.project})
	if err != nil {
		return nil, err
	}
	defer done()
	for e, err := range s.Fetch(ctx, sih.TableByName("source_person"), missing) {
		if err == nil {
			err = found(&stage.Entity{Entity: e})
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
