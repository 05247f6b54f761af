package postgres

import (
	"context"

	"github.com/sihctl/sih/extract"
)

// FirstRows is how many rows the first statement asks for.
const FirstRows = firstRows

// Statement is the one by which a table with an order is gone on with.
func (s *Source) Statement(ctx context.Context, name string, in extract.Range, limit int) string {
	v, t, err := s.find(ctx, name)
	if err != nil {
		return err.Error()
	}
	return t.after(t.selection(), t.within(v.first.page, in), limit)
}

// Selection is what a table's statements ask for.
func (s *Source) Selection(ctx context.Context, name string) string {
	_, t, err := s.find(ctx, name)
	if err != nil {
		return err.Error()
	}
	return t.selection()
}

// Sessions are the server's processes that serve the source.
func (s *Source) Sessions(ctx context.Context) (list []uint32) {
	if _, _, err := s.plan(ctx); err != nil {
		return nil
	}
	for _, session := range s.view.all {
		list = append(list, session.conn.PID())
	}
	return list
}
