package linkage

import (
	"context"
	"fmt"
	"path/filepath"
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
	// Rejected are the lines that could not be read as records.
	Rejected []extract.Rejected
	// Ignored lists the columns of the files that the model does not use.
	Ignored []string
	// Absent lists the columns of the model that no file has.
	Absent []string

	ids arena
}

// Error is a fault in what was given to be linked, and what to do about it.
type Error struct {
	Err    error
	Advice string
}

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
	// Progress is told how many records have been read.
	Progress func(records int)
}

// rejectedKept bounds how many lines are told of one by one.
const rejectedKept = 1000

// Read reads the files into a table, each of them as a list of its own.
func Read(ctx context.Context, c Config) (*Records, error) {
	table, err := match.NewTable(c.Model, Cleaners())
	if err != nil {
		return nil, &Error{err, "see docs/matching.md for what a model may ask for"}
	}
	r := &Records{Table: table}
	used := make([]bool, len(c.Model.Columns))
	for i, name := range c.Files {
		if i > 0 {
			table.NextList()
		}
		if err := r.file(ctx, &c, name, used); err != nil {
			return nil, err
		}
	}
	for i, u := range used {
		if !u {
			r.Absent = append(r.Absent, c.Model.Columns[i])
		}
	}
	if err := r.unique(); err != nil {
		return nil, err
	}
	return r, nil
}

// file reads one file.
func (r *Records) file(ctx context.Context, c *Config, name string, used []bool) error {
	base := filepath.Base(name)
	src, err := csvfile.New(csvfile.Config{Dir: filepath.Dir(name), Tables: map[string][]string{"records": {literal(base)}}, Encoding: c.Encoding})
	if err != nil {
		return err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return err
	}
	p, err := r.plan(c, name, tables[0].Columns, used)
	if err != nil {
		return err
	}
	reject := func(x extract.Rejected) error {
		if len(r.Rejected) < rejectedKept {
			x.Raw = nil
		}
		r.Rejected = append(r.Rejected, x)
		return nil
	}
	values := make([]string, len(c.Model.Columns))
	for row, err := range src.Rows(ctx, tables[0].Name, reject) {
		if err != nil {
			return err
		}
		id := strings.TrimSpace(row[p.id].Text)
		if id == "" {
			return faultf("give every record an id of its own", "%s line %s: the record has no %s", name, row[len(row)-1].Text, p.idName)
		}
		for i, at := range p.at {
			values[i] = ""
			if at >= 0 {
				values[i] = strings.TrimSpace(row[at].Text)
			}
		}
		for _, d := range p.derived {
			values[d.at] = d.derive(values, p.where)
		}
		if err := r.Table.Add(sih.NewID("", "", id, "record", ""), values); err != nil {
			return fmt.Errorf("read %s: %w", base, err)
		}
		r.ids.add(id)
		if n := r.ids.len(); c.Progress != nil && n%(1<<14) == 0 {
			c.Progress(n)
		}
	}
	return nil
}

// literal makes a pattern that fits nothing but the name.
func literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(name)
}

// columns says where a file has the model's columns.
type columns struct {
	id      int
	idName  string
	at      []int // per column of the model; -1 where the file lacks it
	where   map[string]int
	derived []derived
}

func (r *Records) plan(c *Config, file string, have []extract.Column, used []bool) (*columns, error) {
	find := func(name string) int {
		return slices.IndexFunc(have, func(x extract.Column) bool { return strings.EqualFold(x.Name, name) })
	}
	p := &columns{idName: c.ID, where: map[string]int{}}
	if p.idName == "" {
		p.idName = c.Model.ID
	}
	if p.id = find(p.idName); p.id < 0 {
		return nil, faultf("name the column of the records' ids with --id, or write a header", "%s has no column %s", file, p.idName)
	}
	known := 0
	for i, name := range c.Model.Columns {
		at := find(name)
		p.at = append(p.at, at)
		p.where[name] = i
		if at >= 0 {
			known++
			used[i] = true
		}
	}
	if known == 0 {
		return nil, faultf("its columns are "+strings.Join(c.Model.Columns, ", "), "%s has none of the columns of model %s", file, c.Model.Name)
	}
	for _, d := range derivations {
		if i, ok := p.where[d.column]; ok && p.at[i] < 0 && d.possible(p) {
			p.derived = append(p.derived, derived{i, d.make})
			used[i] = true
		}
	}
	for _, x := range have {
		if !slices.ContainsFunc(c.Model.Columns, func(n string) bool { return strings.EqualFold(n, x.Name) }) && !strings.EqualFold(x.Name, p.idName) &&
			x.Name != csvfile.FileColumn && x.Name != csvfile.LineColumn {
			r.Ignored = append(r.Ignored, x.Name)
		}
	}
	return p, nil
}

// unique refuses records of one id: which of them a line of the result meant
// could not be told.
func (r *Records) unique() error {
	order := r.ids.sorted()
	for i := 1; i < len(order); i++ {
		if r.ids.at(order[i]) == r.ids.at(order[i-1]) {
			a, b := min(order[i-1], order[i]), max(order[i-1], order[i])
			return faultf("give every record an id of its own", "records %d and %d have the same id", a+1, b+1)
		}
	}
	return nil
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
