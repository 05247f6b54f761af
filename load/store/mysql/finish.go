package mysql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Finish implements [store.Store].
func (s *Store) Finish(ctx context.Context) error {
	err := s.write(ctx, "finish", func() error { return s.finish(ctx) })
	var broken *store.ReferenceError
	if errors.As(err, &broken) {
		return broken
	}
	return err
}

func (s *Store) finish(ctx context.Context) error {
	if err := s.indexes(ctx); err != nil {
		return err
	}
	list, err := s.session.records(ctx, "SELECT name FROM "+marker+" WHERE unchecked = 1")
	if err != nil || len(list) == 0 {
		return err
	}
	names, unchecked := make([]string, len(list)), map[string]bool{}
	for i, r := range list {
		names[i], unchecked[r[0]] = r[0], true
	}
	broken, err := s.references(ctx, unchecked)
	switch {
	case err != nil:
		return err
	case broken != nil:
		return &store.ReferenceError{Broken: broken}
	}
	if _, err := s.session.records(ctx, "ANALYZE TABLE "+strings.Join(names, ", ")); err != nil {
		return err
	}
	clear(s.unchecked)
	return s.session.run(ctx, "UPDATE "+marker+" SET unchecked = 0")
}

// indexes makes those that are not there, all of a table by one reading of it.
func (s *Store) indexes(ctx context.Context) error {
	list, err := s.session.records(ctx, "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = ?", s.database)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, r := range list {
		there[r[0]] = true
	}
	for _, t := range sih.Tables {
		var add []string
		for _, columns := range t.Index {
			if name := store.IndexName(t, columns); !there[name] {
				add = append(add, "ADD INDEX "+name+" ("+strings.Join(columns, ", ")+")")
			}
		}
		if add == nil {
			continue
		}
		if err := s.session.run(ctx, "ALTER TABLE "+t.Name+" "+strings.Join(add, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// references looks for those that point at nothing, all of a table in one
// reading of it, and only of those that were written to, or whose targets lost
// rows, since they were checked; only where something is amiss is the server asked for more.
func (s *Store) references(ctx context.Context, unchecked map[string]bool) (broken []store.BrokenReference, err error) {
	byTable := map[string][]store.Reference{}
	for _, r := range store.References() {
		byTable[r.Table] = append(byTable[r.Table], r)
	}
	for _, t := range sih.Tables {
		list := byTable[t.Name]
		if list == nil || !unchecked[t.Name] {
			continue
		}
		columns := make([]string, len(list))
		for i, r := range list {
			columns[i] = "SUM(" + dangling(r) + ")"
		}
		sums, err := s.session.records(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+t.Name+" AS child")
		if err != nil {
			return nil, err
		}
		for i, r := range list {
			n, _ := strconv.ParseInt(sums[0][i], 10, 64) // empty of an empty table
			if n == 0 {
				continue
			}
			first, err := s.session.records(ctx, fmt.Sprintf("SELECT MIN(%s) FROM %s AS child WHERE %s", strings.Join(t.Key, " || '|' || "), t.Name, dangling(r)))
			if err != nil {
				return nil, err
			}
			broken = append(broken, store.BrokenReference{Table: r.Table, Column: r.Column, Target: r.Target, Rows: n, First: first[0][0]})
		}
	}
	return broken, nil
}

// dangling is SQL for a row, child, whose reference points at nothing.
func dangling(r store.Reference) string {
	return fmt.Sprintf("(child.%s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS parent WHERE parent.id = child.%[1]s))", r.Column, r.Target)
}
