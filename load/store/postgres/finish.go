package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// foreignViolation is the server's code for a reference that leads nowhere.
const foreignViolation = "23503"

// Finish implements [store.Store].
func (s *Store) Finish(ctx context.Context) error {
	if err := s.writable(ctx); err != nil {
		return s.fault(ctx, "finish", err)
	}
	err := s.finish(ctx)
	var broken *store.ReferenceError
	if errors.As(err, &broken) {
		return err
	}
	return s.fault(ctx, "finish", err)
}

func (s *Store) finish(ctx context.Context) error {
	for _, ddl := range store.IndexDDL() {
		if err := run(ctx, s.conn, strings.Replace(ddl, "CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1)); err != nil {
			return err
		}
	}
	if err := s.references(ctx); err != nil {
		return err
	}
	if err := run(ctx, s.conn, "ANALYZE "+strings.Join(tableNames(), ", ")); err != nil {
		return err
	}
	// A commit that is waited for takes with it those that were not.
	return run(ctx, s.conn, "SET synchronous_commit = on; COMMENT ON TABLE load_chunk IS 'chunks that are in the store whole'; SET synchronous_commit = off")
}

func tableNames() (list []string) {
	for _, t := range sih.Tables {
		list = append(list, t.Name)
	}
	return list
}

// references declares those that are not. The server checks a table against
// the target when it does, each pair at once; only where something is amiss is
// it asked for more.
func (s *Store) references(ctx context.Context) error {
	var broken []store.BrokenReference
	for _, r := range store.References() {
		if s.bound[r.Name()] {
			continue
		}
		err := run(ctx, s.conn, r.DDL())
		var answer *pgconn.PgError
		switch {
		case err == nil:
			s.bound[r.Name()] = true
		case errors.As(err, &answer) && answer.Code == foreignViolation:
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
	key := strings.Join(sih.TableByName(r.Table).Key, " || '|' || ")
	list, err := records(ctx, s.conn, fmt.Sprintf("SELECT count(*), min(%s) FROM %s AS child WHERE %s IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS parent WHERE parent.id = child.%[3]s)",
		key, r.Table, r.Column, r.Target))
	if err != nil {
		return store.BrokenReference{}, err
	}
	n, err := strconv.ParseInt(list[0][0], 10, 64)
	return store.BrokenReference{Table: r.Table, Column: r.Column, Target: r.Target, Rows: n, First: list[0][1]}, err
}
