package csvfile

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/sihctl/sih/extract"
)

// Source reads the tables of a folder. Its methods may be called at the same
// time.
type Source struct {
	dir     string
	dialect dialect
	groups  []group
	expect  map[string][]string

	mu     sync.Mutex
	tables []*table // nil until planned
}

// New returns a source, or an error where the config contradicts itself. It
// does not yet look at the folder.
func New(cfg Config) (*Source, error) {
	d, err := cfg.dialect()
	if err != nil {
		return nil, err
	}
	groups, err := cfg.groups()
	if err != nil {
		return nil, err
	}
	s := &Source{dir: cfg.Dir, dialect: d, groups: groups, expect: cfg.Expect}
	if s.dir == "" {
		s.dir = "."
	}
	return s, nil
}

// Tables lists the tables by name. It reads the header of every file, so that
// a file that does not fit is found before any row is read. An error is an
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

// plan finds the files and reads their headers, once.
func (s *Source) plan(ctx context.Context) ([]*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables != nil {
		return s.tables, nil
	}
	tables, err := find(s.dir, s.groups)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		for _, name := range t.files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			f, err := s.dialect.open(s.dir, name)
			if err != nil {
				return nil, err
			}
			f.closer.Close()
			if t.columns == nil {
				t.columns = f.names
			}
			if _, err := t.align(name, f.names); err != nil {
				return nil, err
			}
		}
	}
	if err := s.check(tables); err != nil {
		return nil, err
	}
	s.tables = tables
	return tables, nil
}

// check compares the tables with what the config expects.
func (s *Source) check(tables []*table) error {
	for _, name := range slices.Sorted(maps.Keys(s.expect)) {
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			return faultf("", "", "the expected table %q is not in %s", name, s.dir)
		}
		for _, c := range s.expect[name] {
			if !slices.Contains(tables[i].columns, c) {
				return faultf(tables[i].files[0], "", "it lacks the expected column %q", c)
			}
		}
	}
	return nil
}

// Rows yields a table's rows file by file, line by line. What is no row goes
// to reject, in its place among the rows; a nil reject leaves it out. The
// strings of a row stay valid, the slice is used again.
func (s *Source) Rows(ctx context.Context, name string, reject func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		tables, err := s.plan(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			yield(nil, faultf("", "", "there is no table %q in %s", name, s.dir))
			return
		}
		for _, f := range tables[i].files {
			more, err := s.file(ctx, tables[i], f, reject, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
		}
	}
}

// file yields the rows of one file and tells whether the next may follow.
func (s *Source) file(ctx context.Context, t *table, name string, reject func(extract.Rejected) error, yield func(extract.Row, error) bool) (bool, error) {
	f, err := s.dialect.open(s.dir, name)
	if err != nil {
		return false, err
	}
	defer f.closer.Close()
	at, err := t.align(name, f.names)
	if err != nil {
		return false, err
	}
	rows := newRowMaker(&f.codec, name, at)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		rec, err := f.next()
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, &Error{File: name, Err: err}
		case rec.fault == "":
			if !yield(rows.row(rec), nil) {
				return false, nil
			}
		case reject != nil:
			if err := reject(f.rejected(rec)); err != nil {
				return false, err
			}
		}
	}
}

func (f *file) rejected(rec record) extract.Rejected {
	return extract.Rejected{
		Where:  fmt.Sprintf("%s line %d", f.name, rec.line),
		Offset: rec.offset,
		Detail: string(rec.fault),
		Raw:    f.codec.appendBytes(nil, rec.raw),
	}
}

// Close does nothing: between calls the source holds no file open.
func (s *Source) Close() error { return nil }
