package mysql

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"
)

// view is a state of the database, and the sessions that see it. A session
// that breaks is taken out; with the last one the view is lost.
type view struct {
	opened time.Time

	mu       sync.Mutex
	sessions []*session
	counts   map[string]int64 // the rows of steady tables, which stay as many
	lost     error            // why there are none left, or nil
	changed  chan struct{}    // closed when a session becomes free, or is taken out
}

// broken is the error of a session that was taken out.
type broken struct{ error }

// Unwrap returns why it was taken out.
func (b broken) Unwrap() error { return b.error }

// openView connects and opens a view. Several connections see the same one only
// if nobody writes while it is opened, for which the server has to be locked;
// without leave to do so, or where it cannot be had, there is one.
func (s *Source) openView(ctx context.Context) (_ *view, err error) {
	v := &view{changed: make(chan struct{}), counts: map[string]int64{}}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	n := 1
	if slices.Contains(s.locks, "*") {
		n = s.connections
	}
	for range n {
		one, err := connect(ctx, s.login, s.lockWait)
		if err != nil && len(v.sessions) > 0 && ctx.Err() == nil {
			s.remark("the server takes no more connections than " + strconv.Itoa(len(v.sessions)))
			break
		}
		if err != nil {
			return nil, err
		}
		v.sessions = append(v.sessions, one)
	}
	for n := 1; len(v.sessions) > 1; n++ {
		err := s.together(ctx, v)
		if err == nil || ctx.Err() != nil {
			return v, err
		}
		if n < lockTries && errors.Is(err, ErrLocked) {
			select {
			case <-time.After(s.pause):
			case <-ctx.Done():
			}
			continue
		}
		s.remark("one connection reads: " + err.Error())
		for _, one := range v.sessions[1:] {
			one.close()
		}
		v.sessions = v.sessions[:1]
	}
	v.opened = time.Now().UTC()
	if err := v.sessions[0].begin(ctx); err != nil {
		return nil, failed(ctx, "open a consistent view", err)
	}
	return v, nil
}

// lockTries is how often the lock on all writers is tried.
const lockTries = 3

// holds are the ways to hold whoever writes, the gentlest first: how it begins,
// and how it ends. MariaDB since 10.4 holds nothing but commits. The other
// waits for the statements under way, and holds all that come after it.
var holds = [][2][]string{
	{{"BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT"}, {"BACKUP STAGE END"}},
	{{"FLUSH TABLES WITH READ LOCK"}, {"UNLOCK TABLES"}},
}

// together opens one view on all of its sessions while the server holds
// whoever writes. That goes by a connection of its own, which the server itself
// ends should it hear nothing of us for too long.
func (s *Source) together(ctx context.Context, v *view) error {
	const op = "open a view for several connections"
	control, err := connect(ctx, s.login, s.lockTime)
	if err != nil {
		return failed(ctx, op, err)
	}
	defer control.close()
	limit, cancel := context.WithTimeout(ctx, 2*s.lockTime)
	defer cancel()
	if err := control.exec(limit, "SET SESSION wait_timeout="+strconv.Itoa(int(s.lockTime.Seconds()))); err != nil {
		return failed(ctx, op, err)
	}
	var end []string
	for _, hold := range s.holds {
		end = hold[1]
		if err = control.all(limit, hold[0]); number(err) != 1064 && number(err) != 1227 {
			break
		}
	}
	if err != nil {
		return failed(ctx, op, err)
	}
	v.opened = time.Now().UTC()
	for _, one := range v.sessions {
		if err := one.begin(limit); err != nil {
			return failed(ctx, op, err)
		}
	}
	// Had the lock ended before, this would fail.
	if err := control.all(limit, end); err != nil {
		return failed(ctx, op, err)
	}
	return nil
}

// take waits for a free session, or for the one that is wanted.
func (v *view) take(ctx context.Context, want *session) (*session, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, wait, err := v.free(want)
		if s != nil || err != nil {
			return s, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
}

// free marks a free session as busy, or gives what to wait for.
func (v *view) free(want *session) (*session, <-chan struct{}, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.sessions) == 0 || want != nil && !slices.Contains(v.sessions, want) {
		return nil, nil, broken{cmp.Or(v.lost, errGone)}
	}
	for _, s := range v.sessions {
		if !s.busy && (want == nil || s == want) {
			s.busy = true
			return s, nil, nil
		}
	}
	return nil, v.changed, nil
}

// use lends a session to f, the wanted one where there is such. Its error is
// [broken] where the session did not outlive it. Whatever f had of a view that
// is no more is worth nothing, even where f had no error.
func (v *view) use(ctx context.Context, want *session, f func(*session) error) error {
	s, err := v.take(ctx, want)
	if err != nil {
		return err
	}
	err = f(s)
	end := s.release(ctx)
	v.mu.Lock()
	defer v.mu.Unlock()
	s.busy = false
	close(v.changed)
	v.changed = make(chan struct{})
	if end == nil && slices.Contains(v.sessions, s) {
		return err
	}
	s.close()
	if err == nil {
		err = cmp.Or(end, v.lost)
	}
	if v.lost == nil {
		v.sessions = slices.DeleteFunc(v.sessions, func(one *session) bool { return one == s })
		if len(v.sessions) == 0 {
			v.lost = err
		}
	}
	return broken{err}
}

// known gives a table's number of rows where it was counted before.
func (v *view) known(t *table) (n int64, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n, ok = v.counts[t.from]
	return n, ok
}

// counted keeps a table's number of rows, where that stays the same.
func (v *view) counted(t *table, n int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t.steady {
		v.counts[t.from] = n
	}
}

// alive tells whether any session sees the view still.
func (v *view) alive() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.sessions) > 0
}

// close ends the view. A session in use ends when it is given back.
func (v *view) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range v.sessions {
		if !s.busy {
			s.close()
		}
	}
	v.sessions, v.lost = nil, errClosed
	close(v.changed)
	v.changed = make(chan struct{})
}

var (
	errClosed = errors.New("the source is closed")
	errGone   = errors.New("its connection broke")
)

// locked opens a view of one table that nobody can write to while it lasts.
func (s *Source) locked(ctx context.Context, t *table) (*view, error) {
	one, err := connect(ctx, s.login, s.lockWait)
	if err != nil {
		return nil, err
	}
	if err := one.exec(ctx, "LOCK TABLES "+t.from+" READ"); err != nil {
		one.close()
		return nil, err
	}
	return &view{opened: time.Now().UTC(), sessions: []*session{one}, changed: make(chan struct{})}, nil
}
