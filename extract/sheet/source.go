package sheet

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a folder of workbooks. Its methods may be called
// at the same time.
type Source struct {
	cfg Config

	mu     sync.Mutex
	tables []*table // nil until planned
}

// New returns a source, or an error where the config contradicts itself. It
// does not yet look at the folder.
func New(cfg Config) (*Source, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	return &Source{cfg: cfg}, nil
}

// Tables lists the tables by name. It looks at the head of every sheet, so
// that one that does not fit is found before any row is read. An error is an
// [*Error].
func (s *Source) Tables(ctx context.Context) ([]extract.Table, error) {
	tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Table, len(tables))
	for i, t := range tables {
		out[i] = t.declare()
	}
	return out, nil
}

func (s *Source) plan(ctx context.Context) ([]*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables != nil {
		return s.tables, nil
	}
	tables, err := plan(ctx, &s.cfg)
	if err != nil {
		return nil, err
	}
	s.tables = tables
	return tables, nil
}

// Rows yields a table's rows workbook by workbook in the order of their names,
// within one in the order of its sheets. What is no row goes to reject, in its
// place among the rows; a nil reject leaves it out. The strings of a row stay
// valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		tables, err := s.plan(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			yield(nil, faultf("", "", "", "there is no table %q in %s", name, s.cfg.Dir))
			return
		}
		t := tables[i]
		for rest := t.parts; len(rest) > 0; {
			n := 1 // the parts of one workbook
			for n < len(rest) && rest[n].file == rest[0].file {
				n++
			}
			more, err := s.book(ctx, t, rest[:n], reject, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
			rest = rest[n:]
		}
	}
}

// book yields the rows of the parts of one workbook and tells whether the next
// may follow.
func (s *Source) book(ctx context.Context, t *table, parts []part, reject func(extract.Rejected) error, yield func(extract.Row, error) bool) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	file := parts[0].file
	b, err := openBook(s.cfg.Dir, file, s.cfg.MaxUnzipped)
	if err != nil {
		return false, err
	}
	defer b.close()
	shared, err := b.strings(int(^uint(0) >> 1))
	if err != nil {
		return false, at(file, "", err)
	}
	defer shared.close()
	for i := range parts {
		m := newRowMaker(b, t, &parts[i])
		more, err := m.run(ctx, shared, reject, yield)
		if err != nil || !more {
			return more, err
		}
	}
	return true, nil
}

// Close does nothing: between calls the source holds no file open.
func (s *Source) Close() error { return nil }
