package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/lookup"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// indexes finds records of a source's tables for the joins of its mappings. An
// index is made from the snapshot when a chunk first needs it, and lies in the
// stage folder until transform ends.
type indexes struct {
	source *sourcePlan
	dir    string
	stages map[string][]*chunkPlan // by table: where its fates are told

	mu  sync.Mutex
	all map[*mapping.IndexSpec]*lazyIndex
}

type lazyIndex struct {
	once  sync.Once
	index *lookup.Index
	err   error
}

// clearIndexes removes what a killed run has left.
func (s *sourcePlan) clearIndexes(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "stage", string(s.config.ID), ".lookup-*"))
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("transform %s: %w", s.config.ID, err)
		}
	}
	return nil
}

// openIndexes makes the source's plans able to look into its other tables.
func (s *sourcePlan) openIndexes(dir string, chunks []*chunkPlan) error {
	x := &indexes{source: s, dir: filepath.Join(dir, "stage", string(s.config.ID)), stages: map[string][]*chunkPlan{}, all: map[*mapping.IndexSpec]*lazyIndex{}}
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return fmt.Errorf("transform %s: %w", s.config.ID, err)
	}
	for _, c := range chunks {
		if c.source == s && !c.chunk.Rejected {
			x.stages[c.table.Name] = append(x.stages[c.table.Name], c)
		}
	}
	s.indexes = x
	return nil
}

func (s *sourcePlan) closeIndexes() error {
	x := s.indexes
	s.indexes = nil
	var errs []error
	for _, l := range x.all {
		if l.index != nil {
			errs = append(errs, l.index.Close())
		}
	}
	return errors.Join(errs...)
}

// index returns the index that a join asks for.
func (s *sourcePlan) index(spec *mapping.IndexSpec) (mapping.Index, error) {
	x := s.indexes
	x.mu.Lock()
	l := x.all[spec]
	if l == nil {
		l = &lazyIndex{}
		x.all[spec] = l
	}
	x.mu.Unlock()
	l.once.Do(func() { l.index, l.err = x.build(spec) })
	if l.err != nil {
		return nil, l.err
	}
	return l.index, nil
}

func (x *indexes) build(spec *mapping.IndexSpec) (*lookup.Index, error) {
	b := lookup.New(lookup.Config{Dir: x.dir})
	defer b.Discard()
	width := len(spec.Columns)
	if spec.Fates {
		width = 1
	}
	fields := make([]sih.Raw, width)
	var key []byte
	fixed := []sih.Raw{}
	plan := x.source.plans[spec.Table]
	for number, c := range x.stages[spec.Table] {
		var fates map[int]string
		if spec.Fates {
			var err error
			if fates, err = leftOf(c); err != nil {
				return nil, err
			}
		}
		n := 0
		for row, err := range x.source.snap.Rows(c.table, c.chunk) {
			if err != nil {
				return nil, fmt.Errorf("transform %s: %w", x.source.config.ID, err)
			}
			row = plan.Corrected(row, fixed, nil)
			var ok bool
			if key, ok = spec.AppendKey(key[:0], row); ok {
				for i, at := range spec.Columns {
					fields[i] = row[at]
				}
				if spec.Fates {
					fields[0] = sih.Text("accepted")
					if state, out := fates[n]; out {
						fields[0] = sih.Text(state)
					}
				}
				if err := b.Add(key, number, n, fields); err != nil {
					return nil, err
				}
			}
			n++
		}
	}
	return b.Done(width)
}

// leftOf tells the state of each row of a chunk that is not in the store as it
// is.
func leftOf(c *chunkPlan) (map[int]string, error) {
	r, err := stage.Open(c.path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	left, _, err := r.Notes()
	out := make(map[int]string, len(left))
	for _, l := range left {
		out[l.Row] = l.State
	}
	return out, err
}
