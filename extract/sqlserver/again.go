package sqlserver

import (
	"context"
	"errors"
	"time"
)

// What a statement may find in its way.
const (
	deadlockVictim = 1205
	lockTimeout    = 1222
)

// firstWait is how long to wait before a statement is tried again; then twice as
// long each time.
const firstWait = 250 * time.Millisecond

// errorNumber returns the number of the error that a server answered with, or 0.
func errorNumber(err error) int32 {
	var numbered interface{ SQLErrorNumber() int32 }
	if errors.As(err, &numbered) {
		return numbered.SQLErrorNumber()
	}
	return 0
}

// survived tells whether a failed statement left the session, and its view, as
// they were: another had a lock for too long, or there was a deadlock. The
// victim's transaction is gone, and with it a view of snapshot isolation or a
// lock: what went on without it would be a second view, of each statement for
// itself. So the server is asked.
func (s *session) survived(ctx context.Context, err error) bool {
	n := errorNumber(err)
	if ctx.Err() != nil || n != lockTimeout && (n != deadlockVictim || s.transaction) {
		return false
	}
	defer context.AfterFunc(ctx, s.dialer.close)()
	state := 0
	err = s.conn.QueryRowContext(context.WithoutCancel(ctx), "SELECT CONVERT(int, XACT_STATE())").Scan(&state)
	return err == nil && (state == 1 || !s.transaction)
}

// again calls f, which begins from the start each time, until it is not in
// another's way any more, or has waited between for as long as a statement
// itself may.
func (s *session) again(ctx context.Context, f func() error) error {
	waited := time.Duration(0)
	for wait := firstWait; ; wait *= 2 {
		err := f()
		if err == nil || s.broken || waited >= s.cfg.Lock {
			return err
		}
		waited += wait
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}
