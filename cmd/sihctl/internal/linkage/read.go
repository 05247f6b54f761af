package linkage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/transform/match"
)

// Records are the records of files, by their own ids.
type Records struct {
	Table *match.Table
	// Rejected are the first of the lines that could not be read as records,
	// without what they hold; RejectedLines is how many there are.
	Rejected      []extract.Rejected
	RejectedLines int
	// Ignored lists the columns of the files that the model does not use.
	Ignored []string

	ids    arena
	before *Before
}

// Error is a fault in what was given to be linked, and what to do about it.
type Error struct {
	Err    error
	Advice string
}

// Error is the fault without the advice.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *Error) Hint() string { return e.Advice }

func faultf(advice, format string, args ...any) error {
	return &Error{fmt.Errorf(format, args...), advice}
}

// Config says what to read.
type Config struct {
	Files []string
	Model *match.Model
	// ID is the column of a record's id; empty is the model's own.
	ID       string
	Encoding string
	// Workers is the number of goroutines that clean; 0 is one for each
	// processor. It never changes a result.
	Workers int
	// Before holds the clusters of a former run, or is nil.
	Before *Before
	// Progress is told how many records have been read.
	Progress func(records int)
}

// rejectedKept bounds how many lines are told of one by one.
const rejectedKept = 100

// Read reads the files into a table, each of them as a list of its own.
func Read(ctx context.Context, c Config) (*Records, error) {
	table, err := match.NewTable(c.Model, Cleaners())
	if err != nil {
		return nil, &Error{err, "see docs/matching.md for what a model may ask for"}
	}
	r := &Records{Table: table, before: c.Before}
	plans := make([]*columns, len(c.Files))
	used := make([]bool, len(c.Model.Columns))
	lines := 0
	for i, name := range c.Files {
		if plans[i], err = r.open(ctx, &c, name, used); err != nil {
			return nil, err
		}
		n, err := guessLines(name)
		if err != nil {
			return nil, err
		}
		lines += n
	}
	if !table.Keyed(used) {
		return nil, unfit(c.Model, "%s: model %s finds no pair by the columns that it knows", strings.Join(c.Files, ", "), c.Model.Name)
	}
	// Growing bit by bit would hold the records twice for a while.
	table.Grow(lines)
	r.ids.end = slices.Grow(r.ids.end, lines)
	// What one file has and another lacks is not derived for either.
	table.Complete = func() func([]string) { return completion(c.Model, used) }
	err = table.Fill(ctx, c.workers(), func(add func(uint8, sih.ID, []string) error) error {
		for i, p := range plans {
			list := uint8(min(i, 255))
			if err := r.file(ctx, &c, p, func(id sih.ID, values []string) error { return add(list, id, values) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (c *Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// progressEvery is after how many records progress is told.
const progressEvery = 1024

// open finds the model's columns in a file.
func (r *Records) open(ctx context.Context, c *Config, name string, used []bool) (*columns, error) {
	base := filepath.Base(name)
	if info, err := os.Stat(name); err != nil || info.IsDir() {
		return nil, faultf("name CSV files", "no file %s", name)
	}
	src, err := csvfile.New(csvfile.Config{Dir: filepath.Dir(name), Tables: map[string][]string{"records": {literal(base)}}, Encoding: c.Encoding})
	if err != nil {
		return nil, err
	}
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(c, name, tables[0].Columns, used)
	if err != nil {
		return nil, err
	}
	p.src, p.name = src, name
	return p, nil
}

// file reads one file.
func (r *Records) file(ctx context.Context, c *Config, p *columns, add func(sih.ID, []string) error) error {
	reject := func(x extract.Rejected) error {
		x.Raw = nil
		if r.RejectedLines++; len(r.Rejected) < rejectedKept {
			r.Rejected = append(r.Rejected, x)
		}
		return nil
	}
	values := make([]string, len(p.at))
	for row, err := range p.src.Rows(ctx, "records", reject) {
		if err != nil {
			return err
		}
		id := strings.TrimSpace(row[p.id].Text)
		if id == "" {
			return faultf("give every record an id of its own", "%s line %s: the record has no %s", p.name, row[len(row)-1].Text, p.idName)
		}
		for i, at := range p.at {
			if values[i] = ""; at >= 0 && !row[at].Bytes {
				values[i] = strings.TrimSpace(row[at].Text)
			}
		}
		if err := add(recordID(id), values); err != nil {
			return err
		}
		r.ids.add(id)
		if c.Progress != nil && r.ids.len()%progressEvery == 0 {
			c.Progress(r.ids.len())
		}
	}
	return nil
}

// guessLines guesses how many lines a file has, or fewer, from those at its
// start, in its middle and at its end.
func guessLines(name string) (int, error) {
	const (
		sample = 1 << 16
		margin = 64 // a part in so many, since samples tell it inexactly
		short  = 32 // no line is taken to be shorter, in bytes
	)
	f, err := os.Open(name)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0, err
	}
	buf := make([]byte, sample)
	size, read, lines := info.Size(), int64(0), int64(0)
	for _, at := range []int64{0, size / 2, max(size-sample, 0)} {
		n, err := f.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return 0, fmt.Errorf("read %s: %w", name, err)
		}
		read, lines = read+int64(n), lines+int64(bytes.Count(buf[:n], []byte{'\n'}))
	}
	if lines == 0 {
		return 0, nil
	}
	guess := int64(float64(size) / float64(read) * float64(lines))
	return int(min(guess+guess/margin, size/short)), nil
}

// literal makes a pattern that fits nothing but the name.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(name)
}

// columns says where a file has the model's columns.
type columns struct {
	src    *csvfile.Source
	name   string
	id     int
	idName string
	at     []int // per column of the model; -1 where the file lacks it
}

func (r *Records) plan(c *Config, file string, have []extract.Column, used []bool) (*columns, error) {
	p := &columns{}
	if p.id = idColumn(have, c.ID, c.Model.ID); p.id < 0 {
		return nil, faultf("name the column of the records' ids with --id, or write a header; sihctl match model new drafts a model for the file", "%s has no column %s", file, cmp.Or(c.ID, c.Model.ID))
	}
	p.idName = have[p.id].Name
	known := map[int]bool{p.id: true}
	for i, name := range c.Model.Columns {
		at := columnNamed(have, name)
		p.at = append(p.at, at)
		if at >= 0 {
			known[at], used[i] = true, true
		}
	}
	if !slices.ContainsFunc(p.at, func(at int) bool { return at >= 0 }) {
		return nil, unfit(c.Model, "%s has none of the columns of model %s", file, c.Model.Name)
	}
	for i, x := range have {
		if !known[i] && x.Name != csvfile.FileColumn && x.Name != csvfile.LineColumn && !slices.Contains(r.Ignored, x.Name) {
			r.Ignored = append(r.Ignored, x.Name)
		}
	}
	return p, nil
}

// unfit says that a model is not one for the files.
func unfit(m *match.Model, format string, args ...any) error {
	return faultf("its columns are "+strings.Join(m.Columns, ", ")+"; --model people knows other usual names, and sihctl match model new drafts a model for the file", format, args...)
}

// Len returns the number of records.
func (r *Records) Len() int { return r.ids.len() }

// An arena holds texts end to end.
type arena struct {
	text  []byte
	end   []uint64
	order []uint32 // of the texts, once they are sorted
}

func (a *arena) len() int { return len(a.end) }

func (a *arena) add(s string) {
	a.text = append(a.text, s...)
	a.end = append(a.end, uint64(len(a.text)))
}

func (a *arena) at(i uint32) string {
	start := uint64(0)
	if i > 0 {
		start = a.end[i-1]
	}
	return string(a.text[start:a.end[i]])
}

func (a *arena) bytes(i uint32) []byte {
	start := uint64(0)
	if i > 0 {
		start = a.end[i-1]
	}
	return a.text[start:a.end[i]]
}

// sorted returns the texts' numbers in the order of their bytes.
func (a *arena) sorted() []uint32 {
	if len(a.order) == len(a.end) {
		return a.order
	}
	a.order = make([]uint32, len(a.end))
	for i := range a.order {
		a.order[i] = uint32(i)
	}
	compare := func(x, y uint32) int { return slices.Compare(a.bytes(x), a.bytes(y)) }
	if !slices.IsSortedFunc(a.order, compare) {
		slices.SortFunc(a.order, compare)
	}
	return a.order
}

// Repeated says which records have the same id, for an error that the matcher
// returned.
func (r *Records) Repeated(err error) error {
	var twice *match.RepeatedError
	if !errors.As(err, &twice) {
		return err
	}
	return faultf("give every record an id of its own", "records %d and %d have the same id", twice.First+1, twice.Second+1)
}

// recordID is the matcher's id of a record.
func recordID(id string) sih.ID { return sih.NewID("", "", id, "record", "") }

// Values reads the values of some records again, under their columns' names.
func Values(ctx context.Context, c Config, ids []string) (columns []string, values map[string][]string, err error) {
	values = map[string][]string{}
	want := map[string]bool{}
	for _, id := range ids {
		want[id] = true
	}
	for _, name := range c.Model.Columns {
		columns = append(columns, strings.TrimSuffix(name, anyEnd))
	}
	r := &Records{}
	used := make([]bool, len(columns))
	for _, name := range c.Files {
		p, err := r.open(ctx, &c, name, used)
		if err != nil {
			return nil, nil, err
		}
		for row, err := range p.src.Rows(ctx, "records", nil) {
			if err != nil {
				return nil, nil, err
			}
			id := strings.TrimSpace(row[p.id].Text)
			if !want[id] {
				continue
			}
			list := make([]string, len(columns))
			for i, at := range p.at {
				if at >= 0 {
					list[i] = strings.TrimSpace(row[at].Text)
				}
			}
			values[id] = list
		}
	}
	return columns, values, nil
}
