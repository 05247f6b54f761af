package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// view is what all sessions of a source read in.
type view struct {
	login    *pgconn.Config
	opened   time.Time
	exported string        // the name under which others can join; empty with one connection
	first    *session      // exports it
	all      []*session    // those that are open, by their number in turns
	turns    chan int      // holds the number of each session that is free
	done     chan struct{} // closed by close
}

// openView connects as often as it may and opens the view. Where the server
// has no room for more connections, it makes do with fewer and tells.
func openView(ctx context.Context, login *pgconn.Config, connections int, remark func(string)) (*view, error) {
	first, err := openSession(ctx, login, "")
	if err != nil {
		return nil, err
	}
	v := &view{login: login, opened: time.Now().UTC(), first: first, all: []*session{first}, turns: make(chan int, connections), done: make(chan struct{})}
	v.turns <- 0
	if connections > 1 {
		// Exported by hand, and not behind a savepoint: a server refuses that.
		// A standby server before version 10 refuses it at all.
		if v.exported, err = first.export(ctx); err != nil {
			if first.lost() {
				return nil, failed(ctx, "export the view", err)
			}
			remark("read over one connection: the server does not share a view with others")
			first.close()
			return openView(ctx, login, 1, remark)
		}
	}
	for len(v.all) < connections {
		s, err := openSession(ctx, login, v.exported)
		if err != nil {
			if ctx.Err() != nil || first.lost() {
				v.close()
				return nil, err
			}
			remark(fmt.Sprintf("read over %d of %d connections: %v", len(v.all), connections, err))
			break
		}
		v.all = append(v.all, s)
		v.turns <- len(v.all) - 1
	}
	return v, nil
}

// export gives the view a name under which another transaction can join it.
func (s *session) export(ctx context.Context) (name string, err error) {
	err = s.run(ctx, "SELECT pg_catalog.pg_export_snapshot()", func(answer *pgconn.ResultReader) error {
		for answer.NextRow() {
			name = string(answer.Values()[0])
		}
		return nil
	})
	return name, err
}

var errGone = errors.New("the view went with its connection")

// take waits for a session. It must be given back. One that was lost joins the
// view again, as long as that is there.
func (v *view) take(ctx context.Context) (n int, s *session, err error) {
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	select {
	case n = <-v.turns:
	case <-v.done:
		return 0, nil, errClosed
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	if s = v.all[n]; !s.lost() {
		return n, s, nil
	}
	if n > 0 && !v.first.lost() {
		if again, err := openSession(ctx, v.login, v.exported); err == nil {
			v.all[n] = again
			return n, again, nil
		}
	}
	v.give(n)
	return 0, nil, &Error{Op: "go on in the view", Why: ErrLost, Err: errGone}
}

// give hands a session on.
func (v *view) give(n int) { v.turns <- n }

// do has a session for one piece of work.
func (v *view) do(ctx context.Context, work func(*session) error) error {
	n, s, err := v.take(ctx)
	if err != nil {
		return err
	}
	defer v.give(n)
	return work(s)
}

// closeTimeout is how long Close waits for a reader that is at work.
const closeTimeout = 5 * time.Second

// close ends the view. A reader that does not give its session back has its
// connection cut.
func (v *view) close() {
	close(v.done)
	limit := time.After(closeTimeout)
	free := map[int]bool{}
	for len(free) < len(v.all) {
		select {
		case n := <-v.turns:
			free[n] = true
			v.all[n].close()
			continue
		case <-limit:
		}
		break
	}
	for n, s := range v.all {
		if !free[n] {
			s.conn.Conn().Close()
		}
	}
}
