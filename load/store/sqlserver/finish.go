package sqlserver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// foreignViolation is the server's number for a reference that leads nowhere.
const foreignViolation = 547

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
	list, err := s.session.records(ctx, `SELECT i.name FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id
 JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = @p1 AND i.name IS NOT NULL`, s.schema)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, r := range list {
		there[r[0]] = true
	}
	for _, t := range sih.Tables {
		for _, columns := range t.Index {
			if name := store.IndexName(t, columns); !there[name] {
				if err := s.run(ctx, "CREATE INDEX "+name+" ON "+t.Name+" ("+strings.Join(columns, ", ")+")"); err != nil {
					return err
				}
			}
		}
	}
	return s.references(ctx)
}

// references declares those that are not. The server checks a table against
// the target when it does; only where something is amiss is it asked for more.
func (s *Store) references(ctx context.Context) error {
	var broken []store.BrokenReference
	for _, r := range store.References() {
		if s.bound[r.Name()] {
			continue
		}
		err := s.run(ctx, strings.Replace(r.DDL(), " ADD CONSTRAINT ", " WITH CHECK ADD CONSTRAINT ", 1))
		switch {
		case err == nil:
			s.bound[r.Name()] = true
		case number(err) == foreignViolation:
			b, err := s.broken(ctx, r)
			if err != nil {
				return err
			}
			broken = append(broken, b)
		default:
			return err
		}
	}
	if broken != nil {
		return &store.ReferenceError{Broken: broken}
	}
	return nil
}

func (s *Store) broken(ctx context.Context, r store.Reference) (store.BrokenReference, error) {
	key := sih.TableByName(r.Table).Key
	first := key[0]
	if len(key) > 1 {
		first = "CONCAT(" + strings.Join(key, ", '|', ") + ")"
	}
	list, err := s.session.records(ctx, within(s.schema, fmt.Sprintf("SELECT COUNT_BIG(*), MIN(%s) FROM %s AS child WHERE %s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS parent WHERE parent.id = child.%[3]s)",
		first, r.Table, r.Column, r.Target)))
	if err != nil {
		return store.BrokenReference{}, err
	}
	n, err := strconv.ParseInt(list[0][0], 10, 64)
	return store.BrokenReference{Table: r.Table, Column: r.Column, Target: r.Target, Rows: n, First: list[0][1]}, err
}
