package sqlite

import (
	"context"
	"errors"

	"github.com/sihctl/sih/load/store"
	"zombiezen.com/go/sqlite"
)

// fault makes a *store.Error of err. Errors of the context and those that are
// complete already stay as they are.
func (s *Store) fault(op string, err error) error {
	var done *store.Error
	if errors.As(err, &done) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &store.Error{Op: op, Path: s.path, Err: err}
	var r store.Refusal
	if errors.As(err, &r) {
		e.Why, e.Hint, e.Err = r.Why, r.Hint, r.Err
		return e
	}
	e.Hint, e.Why = reason(sqlite.ErrCode(err))
	return e
}

// reason translates SQLite's code.
func reason(code sqlite.ResultCode) (hint string, why error) {
	switch code {
	case sqlite.ResultIOErrShortRead, sqlite.ResultIOErrRead:
		return "Restore the file from a backup, or load again into a new one.", store.ErrDamaged
	}
	switch code.ToPrimary() {
	case sqlite.ResultNotADB:
		return "Name a new file, or one that sihctl has made.", store.ErrForeign
	case sqlite.ResultCantOpen:
		return "Look at the path and at the folder's permissions.", store.ErrUnreachable
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultAuth:
		return "Look at the permissions of the file and of its folder.", store.ErrReadOnly
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return "Wait until the other program has closed the file.", store.ErrLocked
	case sqlite.ResultFull:
		return "Make room on the target's disk and run the same command again: it goes on from there.", store.ErrFull
	case sqlite.ResultCorrupt:
		return "Restore the file from a backup, or load again into a new one.", store.ErrDamaged
	}
	return "", nil
}
