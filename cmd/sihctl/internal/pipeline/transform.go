package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// Transform maps every chunk of every snapshot. A chunk whose stage file was
// made from the same input is passed over.
func Transform(ctx context.Context, o Options) (*TransformReport, error) {
	p, err := plan(o)
	if err != nil {
		return nil, err
	}
	return transform(ctx, o, p)
}

func transform(ctx context.Context, o Options, p *runPlan) (*TransformReport, error) {
	begin := time.Now()
	p.noteUnused(o)
	report := &TransformReport{Chunks: len(p.chunks)}
	var mu sync.Mutex
	rows, total := int64(0), int64(0)
	for _, c := range p.chunks {
		total += int64(c.chunk.Rows)
	}
	sums := map[sih.SourceID]*SourceTransform{}
	finished := func(m stage.Meta, skipped bool) {
		mu.Lock()
		defer mu.Unlock()
		s := sums[m.Source]
		if s == nil {
			s = &SourceTransform{Source: m.Source}
			sums[m.Source] = s
		}
		s.Extracted += m.Rows
		s.Accepted += m.Accepted
		s.Rejected += m.Rejected
		s.Excluded += m.Excluded
		s.Joined += m.Joined
		s.Warnings += m.Warnings
		for _, n := range m.Entities {
			s.Entities += n
		}
		if skipped {
			report.Skipped++
		}
		rows += m.Rows
		o.progress(Progress{Stage: "transform", Step: string(m.Source) + " " + m.Table, Done: rows, Total: total, Unit: "rows"})
	}
	for _, s := range p.sources {
		if err := errors.Join(s.clearIndexes(o.Project.Dir), s.openIndexes(o.Project.Dir, p.chunks)); err != nil {
			return nil, err
		}
	}
	err := transformRounds(ctx, o, p, finished)
	for _, s := range p.sources {
		err = errors.Join(err, s.closeIndexes())
	}
	if err != nil {
		return nil, err
	}
	if err := p.corrections.made(p); err != nil {
		return nil, err
	}
	for _, s := range p.sources {
		if one := sums[s.config.ID]; one != nil {
			report.Sources = append(report.Sources, *one)
		} else {
			report.Sources = append(report.Sources, SourceTransform{Source: s.config.ID})
		}
	}
	report.Seconds = time.Since(begin).Seconds()
	return report, nil
}

// transformRounds maps all chunks: first those of tables that need to know of
// nobody, then those of which others take records in.
func transformRounds(ctx context.Context, o Options, p *runPlan, finished func(stage.Meta, bool)) error {
	round := func(c *chunkPlan) int { return c.source.plans[c.table.Name].Round() }
	last := 0
	for _, c := range p.chunks {
		last = max(last, round(c))
	}
	for n := 0; n <= last; n++ {
		g, ctx := errgroup.WithContext(ctx)
		work := make(chan *chunkPlan)
		g.Go(func() error {
			defer close(work)
			for _, c := range p.chunks {
				if round(c) != n {
					continue
				}
				select {
				case work <- c:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
		for range o.workers() {
			g.Go(func() error {
				w := &stage.Writer{Targets: p.targets}
				runners := map[*mapping.Plan]*mapping.Runner{}
				for c := range work {
					meta, skipped, err := transformChunk(ctx, p, c, w, runners)
					if err != nil {
						return err
					}
					finished(meta, skipped)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// noteUnused tells of columns that a mapping neither reads nor ignores: nothing
// of them reaches the store, and nobody has said that it need not.
func (p *runPlan) noteUnused(o Options) {
	for _, s := range p.sources {
		for _, t := range s.snap.Tables {
			if names := s.plans[t.Name].Unused(); len(names) > 0 {
				o.note(fmt.Sprintf("%s: table %s has columns that are neither mapped nor ignored: %s", s.config.ID, t.Name, strings.Join(names, ", ")))
			}
		}
	}
}

// transformChunk maps one chunk, unless its stage file is there already.
func transformChunk(ctx context.Context, p *runPlan, c *chunkPlan, w *stage.Writer, runners map[*mapping.Plan]*mapping.Runner) (stage.Meta, bool, error) {
	if r, err := stage.Open(c.path); err == nil {
		meta := r.Meta
		r.Close()
		if meta.Input == c.input {
			return meta, true, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, stage.ErrStale) {
		return stage.Meta{}, false, err
	}
	plan := c.source.plans[c.table.Name]
	runner := runners[plan]
	if runner == nil {
		runner = plan.NewRunner(w, p.zone)
		runners[plan] = runner
	}
	w.Reset(stage.Meta{Source: c.source.config.ID, Table: c.table.Name, Chunk: c.chunk.Name(), Input: c.input})
	if err := mapChunk(ctx, c, runner); err != nil {
		return stage.Meta{}, false, err
	}
	runner.Flush()
	if _, err := w.Close(c.path); err != nil {
		return stage.Meta{}, false, err
	}
	return w.Meta, false, nil
}

func mapChunk(ctx context.Context, c *chunkPlan, runner *mapping.Runner) error {
	if c.chunk.Rejected {
		list, err := c.source.snap.Rejected(c.chunk)
		if err != nil {
			return fmt.Errorf("transform %s: %w", c.source.config.ID, err)
		}
		for n, r := range list {
			runner.Broken(n, r.Where, r.Offset, r.Detail, r.Raw, r.Aside)
		}
		return nil
	}
	rows := func() iter.Seq2[[]sih.Raw, error] { return c.source.snap.Rows(c.table, c.chunk) }
	if err := runner.Begin(c.number, rows); err != nil {
		return fmt.Errorf("transform %s: %w", c.source.config.ID, err)
	}
	n := 0
	for row, err := range rows() {
		if err != nil {
			return fmt.Errorf("transform %s: %w", c.source.config.ID, err)
		}
		runner.Row(n, row)
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}
