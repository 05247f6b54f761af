package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// loaded is what load leaves for reconcile.
type loaded struct {
	Run    string            `json:"run"`
	Config string            `json:"config"` // hash of sihctl.yaml, as it was then
	Load   LoadReport        `json:"load"`
	Counts *reconcile.Report `json:"counts"`
}

func newLoaded(p *runPlan) *loaded { return &loaded{Run: p.id.String(), Config: p.configHash} }

func loadedFile(o Options) string { return filepath.Join(o.Project.Dir, "load", "result.json") }

// Load puts what was matched into the unified store. The store is built beside
// its place and takes it when it is whole, so that an interrupted load leaves
// what was there; it goes on with the chunk that is not in yet.
func Load(ctx context.Context, o Options) (*LoadReport, error) {
	p, m, err := planMatched(o)
	if err != nil {
		return nil, err
	}
	l, err := loadAll(ctx, o, p, m)
	if err != nil {
		return nil, err
	}
	return &l.Load, nil
}

// planMatched returns the plan and what match left for it.
func planMatched(o Options) (*runPlan, *matched, error) {
	p, err := plan(o)
	if err != nil {
		return nil, nil, err
	}
	input, err := stagedInput(p)
	if err != nil {
		return nil, nil, err
	}
	m, err := readMatched(o, input)
	if err == nil && m == nil {
		err = &ConfigError{Err: errors.New("the records are not matched"), Advice: "run `sihctl match` first"}
	}
	return p, m, err
}

func loadAll(ctx context.Context, o Options, p *runPlan, m *matched) (*loaded, error) {
	begin := time.Now()
	engine, err := openTarget(o.Project)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if p.delta() {
		return loadDelta(ctx, o, p, m, engine)
	}
	runs, err := runsIn(ctx, engine, store.Live, store.Options{Now: o.now})
	if err != nil {
		return nil, err
	}
	place := store.Live
	if slices.Contains(runs, p.id) {
		if l := readLoaded(o, p.id); l != nil {
			l.Load.Skipped = l.Load.Chunks
			return l, nil
		}
	} else {
		place = store.Building
		if err := makeWay(ctx, o, engine); err != nil {
			return nil, err
		}
		runs, err := runsIn(ctx, engine, place, store.Options{Now: o.now})
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 && !slices.Contains(runs, p.id) {
			if err := engine.Remove(ctx, place); err != nil {
				return nil, err
			}
		}
	}
	l := &loader{o: o, p: p, m: m, a: newApplier(p, m), out: newLoaded(p)}
	l.a.causes = true
	if l.store, err = engine.Open(ctx, place, store.Options{Now: o.now}); err != nil {
		return nil, err
	}
	defer l.store.Close()
	if l.lists, err = newRowLists(o, p.id); err != nil {
		return nil, err
	}
	defer l.lists.abandon()
	if err := l.all(ctx); err != nil {
		return nil, err
	}
	o.progress(Progress{Stage: "load", Step: "making indexes, checking references"})
	if err := errors.Join(l.store.Finish(ctx), l.store.Close()); err != nil {
		return nil, err
	}
	if place == store.Building {
		if err := takePlace(ctx, o, engine); err != nil {
			return nil, err
		}
	}
	l.out.Load.Target = engine.Name()
	l.out.Load.Seconds = time.Since(begin).Seconds()
	return l.out, l.keep()
}

// keep leaves what reconcile, compare and a later delta need of the run.
func (l *loader) keep() error {
	l.out.Counts = l.tally.Report(nil)
	if err := keepRun(l.o, l.p, l.m, l.out.Counts, l.causes); err != nil {
		return err
	}
	if err := l.lists.close(l.carried); err != nil {
		return err
	}
	if err := extendChain(l.o, l.p); err != nil {
		return err
	}
	data, err := json.Marshal(l.out)
	if err != nil {
		return err
	}
	return writeFile(loadedFile(l.o), data)
}

func readLoaded(o Options, run sih.ID) *loaded {
	data, err := os.ReadFile(loadedFile(o))
	var l loaded
	if err != nil || json.Unmarshal(data, &l) != nil || l.Run != run.String() {
		return nil
	}
	return &l
}

// A loader puts chunks into the store, in order.
type loader struct {
	o     Options
	p     *runPlan
	m     *matched
	a     *applier
	store store.Store
	out   *loaded
	tally reconcile.Tally
	codes map[codeKey]*stage.CodeUse
	// causes are why entities were kept out, for comparing runs.
	causes []cause
	lists  *rowLists // of the rows that the run loads
	// carried are rows of the store that a delta's snapshots do not yield.
	carried []listedRow
}

type codeKey struct {
	source     sih.SourceID
	list, code string
}

func (l *loader) all(ctx context.Context) error {
	l.codes = map[codeKey]*stage.CodeUse{}
	if err := l.load(ctx, runChunk, entitySeq(runRows(l.o, l.p))); err != nil {
		return err
	}
	list := l.p.facilities.entities()
	line := l.tally.Entities(reconcile.EntitiesKey{Source: facilitiesSource, Table: "organisation"})
	line.Created, line.Inserted = int64(len(list)), int64(len(list))
	if err := l.small(ctx, facilitiesChunk, list); err != nil {
		return err
	}
	if err := l.persons(ctx); err != nil {
		return err
	}
	if err := l.chunks(ctx); err != nil {
		return err
	}
	if err := l.small(ctx, "code map", l.codeRows()); err != nil {
		return err
	}
	return l.small(ctx, "run, finished", finishedRun(l.o, l.p))
}

// small loads a few rows that the program makes as a chunk of their own.
func (l *loader) small(ctx context.Context, name string, rows []sih.Entity) error {
	return l.loadListed(ctx, name, "", entitySeq(rows))
}

// loadListed loads a chunk and lists its rows.
func (l *loader) loadListed(ctx context.Context, name, print string, rows iter.Seq2[sih.Entity, error]) error {
	var list []listedRow
	if err := l.load(ctx, name, listing(rows, &list)); err != nil {
		return err
	}
	return l.lists.add(name, print, list, nil)
}

// entitySeq yields a few rows.
func entitySeq(rows []sih.Entity) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for _, e := range rows {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// rows is how many rows the run reads.
func (p *runPlan) rows() (n int64) {
	for _, c := range p.chunks {
		n += int64(c.chunk.Rows)
	}
	return n
}

// load loads a chunk and counts what became of its rows.
func (l *loader) load(ctx context.Context, name string, rows iter.Seq2[sih.Entity, error]) error {
	h := newHash()
	fmt.Fprintln(h, name, l.m.Input, l.p.id)
	done, err := l.store.LoadChunk(ctx, store.Chunk{Run: l.p.id, Name: name, Hash: sum(h)}, rows)
	if err != nil {
		return err
	}
	r := &l.out.Load
	r.Chunks++
	if done.Skipped {
		r.Skipped++
		// What it came to is counted all the same.
		for _, err := range rows {
			if err != nil {
				return err
			}
		}
	}
	for _, c := range done.Tables {
		r.Inserted += c.Inserted
		r.Updated += c.Updated
		r.Unchanged += c.Unchanged
	}
	return nil
}

func (l *loader) persons(ctx context.Context) error {
	line := l.tally.Entities(reconcile.EntitiesKey{Source: personSource, Table: "person"})
	line.Produced, line.Merged = l.m.Report.Records, l.m.Report.Merged
	for i, path := range l.m.Parts {
		l.o.progress(Progress{Stage: "load", Step: "persons", Done: int64(i), Total: int64(len(l.m.Parts)), Unit: "parts"})
		r, err := stage.Open(path)
		if err != nil {
			return err
		}
		line.Inserted += r.Meta.Entities["person"]
		r.Close()
		if err := l.loadListed(ctx, personChunk(i), r.Meta.Content, rowsIn(path)); err != nil {
			return err
		}
	}
	return nil
}

// The chunks of what the program says of the run and of its sources, and of the
// master list.
const (
	runChunk        = "run"
	facilitiesChunk = "facilities"
)

// personChunk names the chunk of a part of the persons.
func personChunk(part int) string { return fmt.Sprintf("persons %06d", part) }

// name is how load calls the chunk.
func (c *chunkPlan) name() string { return fmt.Sprintf("%s %s", c.source.config.ID, c.chunk.Name()) }

// rowsIn yields the rows of a stage file.
func rowsIn(path string) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		r, err := stage.Open(path)
		if err != nil {
			yield(sih.Entity{}, err)
			return
		}
		defer r.Close()
		for e, err := range r.Entities() {
			if err != nil {
				yield(sih.Entity{}, err)
				return
			}
			if !yield(e.Entity, nil) {
				return
			}
		}
	}
}

// chunks loads the sources' chunks in order. The next ones are read while one
// is written.
func (l *loader) chunks(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rows, total := int64(0), l.p.rows()
	results := make([]applied, len(l.p.chunks))
	ahead := readAhead(ctx, 1, len(l.p.chunks), func(i int) iter.Seq2[sih.Entity, error] {
		return listing(l.a.rows(i, &results[i]), &results[i].listed)
	})
	for i, c := range l.p.chunks {
		if err := l.load(ctx, c.name(), ahead(i)); err != nil {
			return err
		}
		print, err := l.a.print(i)
		if err != nil {
			return err
		}
		if err := l.lists.add(c.name(), print, results[i].listed, results[i].counts()); err != nil {
			return err
		}
		l.tally.Merge(&results[i].tally)
		l.causes = append(l.causes, results[i].causes...)
		l.out.Load.Rejected += results[i].rejected
		l.countCodes(c.source.config.ID, results[i].codes)
		results[i] = applied{}
		rows += int64(c.chunk.Rows)
		l.o.progress(Progress{Stage: "load", Step: string(c.source.config.ID) + " " + c.table.Name, Done: rows, Total: total, Unit: "rows"})
	}
	return nil
}
