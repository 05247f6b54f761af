package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/mappings/models"
	"github.com/sihctl/sih/transform/match"
	"github.com/sihctl/sih/transform/stage"
)

// matched is what match and resolve leave for load.
type matched struct {
	Input  string // hash over the stage files' inputs, the run before, and a hash over the decisions
	Report MatchReport
	Faults []chunkFaults // by chunk, in the plan's order
	// Links tell who each source person is, sorted by id.
	Links []link
	// Held names the runs of a store that other projects fill too, as it was
	// when the records were matched against theirs.
	Held string
	// Replaced counts persons of the store who were given to others.
	Replaced int64
	// Moved are the store's records that are another person's now, sorted.
	Moved []moved
	// Parts are the stage files of persons and of the decisions about them.
	Parts []string
	// Doubts are the pairs that a human should look at, strongest first.
	Doubts []doubt
	// Review and Join are the weights, in bits, from which pairs were shown to a
	// human and joined.
	Review, Join float64
}

// link joins a source person to a person.
type link struct {
	Record, Person sih.ID
	Method         uint8 // index into linkMethods
	Weight         int32 // thousandths of a bit
}

var linkMethods = [...]string{"founder", "rule", "score", "human", "source"}

// methodHuman is the index of a human's decision.
const methodHuman = 3

func matchedFile(o Options) string { return filepath.Join(o.Project.Dir, "match", "result.gob") }

// Match finds which source persons are one person, and what every reference
// points at.
func Match(ctx context.Context, o Options) (*MatchReport, error) {
	p, err := plan(o)
	if err != nil {
		return nil, err
	}
	m, err := matchAll(ctx, o, p)
	if err != nil {
		return nil, err
	}
	return &m.Report, nil
}

func matchAll(ctx context.Context, o Options, p *runPlan) (*matched, error) {
	begin := time.Now()
	input, err := stagedInput(p)
	if err != nil {
		return nil, err
	}
	held, err := heldBy(ctx, o, p)
	if err != nil {
		return nil, err
	}
	if m, err := readMatched(o, input); err != nil || m != nil && (m.Held == held || held == heldAlready) {
		return m, err
	}
	before, err := readBefore(ctx, o, p)
	if err != nil {
		return nil, err
	}
	m := &matched{Input: input, Held: held}
	o.progress(Progress{Stage: "match", Step: "resolving references"})
	var defined []stage.Ref
	organisation := uint8(sih.TableByName("organisation").Rank())
	for _, e := range p.facilities.entities() {
		defined = append(defined, stage.Ref{Rank: organisation, ID: e.Values[0].ID(), Kind: stage.Defined})
	}
	if m.Faults, err = resolve(ctx, p, defined); err != nil {
		return nil, err
	}
	for _, f := range m.Faults {
		m.Report.Unresolved += int64(len(f.Vain))
	}
	result, own, err := compare(ctx, o, p, m.Faults, before)
	if err != nil {
		return nil, err
	}
	who := persons{before: before, own: own}
	who.links, who.replaced = links(result, before, own)
	m.Links = who.ours(result)
	m.Replaced, m.Moved = int64(len(who.replaced)), who.moved()
	m.Report.Records = int64(own)
	m.Report.Persons = m.count()
	m.Report.Merged = m.Report.Records - m.Report.Persons
	m.Doubts = p.doubts(result, own)
	m.Review, m.Join = result.Thresholds()
	m.Report.Review = int64(len(m.Doubts))
	m.Report.Decided, m.Report.Contradicted = int64(len(p.decisions.list)), int64(result.Stats.Contradicted)
	for _, pass := range result.Stats.Passes {
		m.Report.Pairs += int64(pass.Scored)
	}
	if m.Parts, err = makePersons(ctx, o, p, m, result, who); err != nil {
		return nil, err
	}
	m.Report.Seconds = time.Since(begin).Seconds()
	return m, m.write(o)
}

// stagedInput hashes what the stage files were made from, and sees to it that
// all are there.
func stagedInput(p *runPlan) (string, error) {
	h := newHash()
	for _, c := range p.chunks {
		r, err := stage.Open(c.path)
		stale := errors.Is(err, fs.ErrNotExist) || errors.Is(err, stage.ErrStale)
		if err == nil {
			stale = r.Meta.Input != c.input
			r.Close()
		} else if !stale {
			return "", err
		}
		if stale {
			return "", &ConfigError{Err: fmt.Errorf("chunk %s of %s is not transformed", c.chunk.Name(), c.source.config.ID), Advice: "run `sihctl transform` first"}
		}
		fmt.Fprintln(h, c.input)
	}
	if p.delta() {
		return sum(h) + p.base.String() + p.decisions.hash, nil // who the records were before
	}
	return sum(h) + p.decisions.hash, nil
}

// stageOf returns what of a match's input is the stage's: not who the records
// were before, nor what reviewers decided.
func stageOf(input string) string { return input[:min(len(input), 2*sha256.Size)] }

// decodeMatched returns what an earlier run left, or nil.
func decodeMatched(o Options) (*matched, error) {
	data, err := os.ReadFile(matchedFile(o))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read match: %w", err)
	}
	var m matched
	in := gob.NewDecoder(bytes.NewReader(data))
	for range 2 { // see write
		if in.Decode(&m) != nil {
			return nil, nil // of another version: made again
		}
	}
	return &m, nil
}

// readMatched returns what an earlier run left, if it was made from input.
func readMatched(o Options, input string) (*matched, error) {
	m, err := decodeMatched(o)
	if err != nil || m == nil || m.Input != input {
		return nil, err
	}
	for _, part := range m.Parts {
		r, err := stage.Open(part)
		if err != nil {
			return nil, nil // the persons are made again
		}
		r.Close()
	}
	m.Report.Skipped = true
	return m, nil
}

// write writes what a human looks at, and then the rest: of each value the
// decoder holds all in memory, and the rest is as long as the region.
func (m *matched) write(o Options) error {
	rest := *m
	rest.Doubts = nil
	var b bytes.Buffer
	out := gob.NewEncoder(&b)
	err := out.Encode(matched{Doubts: m.Doubts, Review: m.Review, Join: m.Join})
	if err == nil {
		err = out.Encode(rest)
	}
	if err != nil {
		return fmt.Errorf("write match: %w", err)
	}
	return writeFile(matchedFile(o), b.Bytes())
}

// count counts the persons.
func (m *matched) count() int64 {
	seen := make([]sih.ID, len(m.Links))
	for i, l := range m.Links {
		seen[i] = l.Person
	}
	slices.SortFunc(seen, func(a, b sih.ID) int { return bytes.Compare(a[:], b[:]) })
	return int64(len(slices.Compact(seen)))
}

// person returns who a source person is.
func (m *matched) person(id sih.ID) (link, bool) { return findLink(m.Links, id) }

// findLink finds a record in a sorted list.
func findLink(list []link, id sih.ID) (link, bool) {
	i, ok := sort.Find(len(list), func(i int) int { return bytes.Compare(id[:], list[i].Record[:]) })
	if !ok {
		return link{}, false
	}
	return list[i], true
}

// compare hands every source person that will be in the store to the matcher,
// and after own ones those that other projects have there.
func compare(ctx context.Context, o Options, p *runPlan, faults []chunkFaults, before *former) (r *match.Result, own int, err error) {
	f, err := models.FS.Open(models.MaPatient)
	if err != nil {
		return nil, 0, fmt.Errorf("match: %w", err)
	}
	defer f.Close()
	model, err := match.LoadModel(f)
	if err != nil {
		return nil, 0, fmt.Errorf("match: %w", err)
	}
	table, err := fillPatients(ctx, o, model, func(add func(*stage.Entity, bool) error) error {
		printed := func(e *stage.Entity, lent bool) error {
			p.prints = append(p.prints, fingerprintOf(e))
			return add(e, lent)
		}
		if err := eachPerson(ctx, p, faults, func(e *stage.Entity) error { return printed(e, false) }); err != nil {
			return err
		}
		own = len(p.prints)
		return before.eachOther(ctx, o, func(e *stage.Entity) error { return printed(e, true) })
	})
	if err != nil {
		return nil, 0, err
	}
	options := match.Options{Workers: o.workers(), AsOf: today(o), Decisions: p.decisions.known(), Progress: func(done, total int) {
		o.progress(Progress{Stage: "match", Step: "comparing records", Done: int64(done), Total: int64(total), Unit: "blocks"})
	}}
	before.bind(&options)
	r, err = table.Run(ctx, options)
	return r, own, err
}

// today returns the day on which ages are told.
func today(o Options) sih.Date {
	now := o.now()
	d, _ := sih.DateOf(now.Year(), int(now.Month()), now.Day())
	return d
}

// eachPerson calls fn for every source person that is not kept out.
func eachPerson(ctx context.Context, p *runPlan, faults []chunkFaults, fn func(*stage.Entity) error) error {
	for i, c := range p.chunks {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := stage.Open(c.path)
		if err != nil {
			return err
		}
		if r.Has("source_person") {
			for e, err := range r.Entities("source_person") {
				if err == nil && !repeated(&faults[i], e) {
					err = fn(e)
				}
				if err != nil {
					r.Close()
					return err
				}
			}
		}
		r.Close()
	}
	return nil
}

// repeated tells whether the entity's row repeats another's key.
func repeated(f *chunkFaults, e *stage.Entity) bool {
	_, twice := slices.BinarySearch(f.Twice, uint32(e.Row))
	return twice
}

// weightValue returns a weight in thousandths of a bit as a decimal.
func weightValue(w int32) sih.Value { return sih.NumValue(int64(w) * 10) }

// probabilityValue returns a probability, rounded to four places.
func probabilityValue(p float64) sih.Value { return sih.NumValue(int64(math.Round(p * 10000))) }
