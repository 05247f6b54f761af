package pipeline

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// correctionColumns are the columns of the list of corrections.
var correctionColumns = []string{"source", "table", "key", "column", "old", "new", "who", "why"}

// corrections are what the project's list says, by source, table and key.
type corrections struct {
	file  string
	lists map[sih.SourceID]map[string]map[string][]mapping.Correction
	lines map[correctedField]int
	hash  string // of the file, empty where there is none
}

type correctedField struct {
	source             sih.SourceID
	table, key, column string
}

// readCorrections reads the project's list of corrections, if it has one.
func readCorrections(p *project.Project) (*corrections, error) {
	c := &corrections{lists: map[sih.SourceID]map[string]map[string][]mapping.Correction{}, lines: map[correctedField]int{}}
	if p.Config.Corrections == "" {
		return c, nil
	}
	c.file = p.Path(p.Config.Corrections)
	data, err := os.ReadFile(c.file)
	if err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("read corrections: %w", err), Advice: "see corrections in sihctl.yaml"}
	}
	h := newHash()
	h.Write(data)
	c.hash = sum(h)
	fault := func(line int, format string, args ...any) error {
		return &ConfigError{Err: fmt.Errorf("%s:%d: %s", filepath.Base(c.file), line, fmt.Sprintf(format, args...)), Advice: "its columns are " + strings.Join(correctionColumns, ",")}
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	head, err := r.Read()
	if err != nil || !slices.Equal(head, correctionColumns) {
		return nil, fault(1, "the first line is not what it must be")
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return c, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fault(bad.Line, "%v", bad.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("read corrections: %w", err)
		}
		line, _ := r.FieldPos(0)
		source := sih.SourceID(row[0])
		at := correctedField{source, row[1], row[2], row[3]}
		switch {
		case !slices.ContainsFunc(p.Config.Sources, func(s project.Source) bool { return s.ID == source }):
			return nil, fault(line, "the project has no source %q", source)
		case strings.TrimSpace(row[6]) == "" || strings.TrimSpace(row[7]) == "":
			return nil, fault(line, "who corrected it, and why?")
		case row[4] == row[5]:
			return nil, fault(line, "the old value is the new one")
		case c.lines[at] != 0:
			return nil, fault(line, "the same field is corrected in line %d", c.lines[at])
		}
		c.lines[at] = line
		tables := c.lists[source]
		if tables == nil {
			tables = map[string]map[string][]mapping.Correction{}
			c.lists[source] = tables
		}
		if tables[row[1]] == nil {
			tables[row[1]] = map[string][]mapping.Correction{}
		}
		tables[row[1]][row[2]] = append(tables[row[1]][row[2]], mapping.Correction{Column: row[3], Old: row[4], New: row[5], Who: row[6], Why: row[7]})
	}
}

// check refuses corrections of tables that the source has not.
func (c *corrections) check(s *sourcePlan) error {
	for at, line := range c.lines {
		if at.source != s.config.ID {
			continue
		}
		if _, ok := s.snap.Table(at.table); !ok {
			return &ConfigError{Err: fmt.Errorf("%s:%d: source %s has no table %q", filepath.Base(c.file), line, at.source, at.table), Advice: "write the table as the source does"}
		}
	}
	return nil
}

// made holds the list against what transform did: a correction that changed
// nothing means that the source is not what its author saw.
func (c *corrections) made(p *runPlan) error {
	left := map[correctedField]int{}
	for at, line := range c.lines {
		left[at] = line
	}
	for _, chunk := range p.chunks {
		source, table := chunk.source.config.ID, chunk.table.Name
		if c.lists[source][table] == nil {
			continue
		}
		r, err := stage.Open(chunk.path)
		if err != nil {
			return err
		}
		_, notes, err := r.Notes()
		r.Close()
		if err != nil {
			return err
		}
		for _, n := range notes {
			if column, ok := mapping.CorrectedColumn(n); ok {
				delete(left, correctedField{source, table, n.Key, column})
			}
		}
	}
	if len(left) == 0 {
		return nil
	}
	var lines []int
	for _, line := range left {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return &ConfigError{
		Err:    fmt.Errorf("%s: %d corrections changed nothing, the first in line %d", filepath.Base(c.file), len(lines), lines[0]),
		Advice: "see that the key is written as the store has it, its parts parted by |, and that the source still has the old value",
	}
}
