package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// FirstRows is how many rows the first statement asks for.
const FirstRows = firstRows

// ByKey tells whether a table is read by its key, and the statement that goes
// on behind one.
func (s *Source) ByKey(ctx context.Context, name string, key ...string) (bool, string) {
	_, tables, err := s.plan(ctx, false)
	if err != nil {
		return false, err.Error()
	}
	for _, t := range tables {
		if t.name == name && t.order != nil {
			var after extract.Row
			for _, v := range key {
				after = append(after, sih.Text(v))
			}
			return true, t.statement("", extract.Range{After: after}, 10)
		}
	}
	return false, ""
}

// Asked are the answers of each of the source's sessions, a number each.
func (s *Source) Asked(ctx context.Context, query string) (answers []int64, err error) {
	v, _, err := s.plan(ctx, false)
	if err != nil {
		return nil, err
	}
	for _, one := range slices.Clone(v.sessions) {
		err = errors.Join(err, v.use(ctx, one, func(one *session) error {
			n, err := one.count(ctx, query)
			answers = append(answers, n)
			return err
		}))
	}
	return answers, err
}

// Connections are the numbers by which the server knows the source.
func (s *Source) Connections(ctx context.Context) ([]int64, error) {
	return s.Asked(ctx, "SELECT CONNECTION_ID()")
}

// Forget makes the source count the tables anew.
func (s *Source) Forget() { clear(s.view.counts) }

// Flush makes the source hold writers as servers other than MariaDB's know it.
func (s *Source) Flush() { s.holds = holds[1:] }

// Disturb ends the transactions behind the source's back.
func (s *Source) Disturb(ctx context.Context) error {
	v, _, err := s.plan(ctx, false)
	for _, one := range v.sessions {
		err = errors.Join(err, one.exec(ctx, "ROLLBACK"))
	}
	return err
}

// Hasty makes the source wait for locks no longer than that, in whole seconds,
// and try a statement again at once.
func (s *Source) Hasty(wait time.Duration) {
	s.lockTime, s.lockWait, s.pause = wait, wait, time.Millisecond
}

// Grant reads a line of SHOW GRANTS.
func Grant(line string) (beyond, roles []string, ok bool) {
	g, ok := parseGrant(line)
	return g.beyond(), g.roles, ok
}

// Fill tells how many rows of so many columns a statement's answer holds at
// most in memory, cut or not.
func Fill(rows driver.Rows, columns int, cut bool) (n int, err error) {
	t := &table{columns: make([]column, columns)}
	c := newChunk(t)
	limit := chunkBytes
	if cut {
		limit = maxChunkBytes
	}
	_, err = c.fill(rows, limit)
	return c.len(), err
}
