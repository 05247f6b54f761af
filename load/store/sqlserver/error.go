package sqlserver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/sihctl/sih/load/store"
)

var errGone = errors.New("the connection was lost before")

// answer is an error of the server's, whichever driver brings it.
type answer interface {
	error
	SQLErrorNumber() int32
	SQLErrorMessage() string
}

// number is that of a server's error, or 0.
func number(err error) int32 {
	var a answer
	if errors.As(err, &a) {
		return a.SQLErrorNumber()
	}
	return 0
}

// fault makes a *store.Error of err.
func (s *Store) fault(ctx context.Context, op string, err error) error {
	return s.engine.fault(ctx, op, s.schema, err)
}

func (e *engine) fault(ctx context.Context, op, schema string, err error) error {
	return store.Explain(ctx, op, e.name(schema), err, explain)
}

// explain tells what is known of an error that is the server's or the way's to it.
func explain(err error) (why error, hint string, known error) {
	switch n := number(err); {
	case n != 0:
		hint, why = reason(n)
		return why, hint, quiet(err, n)
	case lostConnection(err):
		return store.ErrUnreachable, store.LostHint, err
	}
	return nil, "", err
}

// lostConnection tells whether err says that the server is not there any more.
func lostConnection(err error) bool {
	var system net.Error
	return errors.Is(err, errGone) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &system)
}

// reason translates the server's number.
func reason(n int32) (hint string, why error) {
	switch n {
	case 1101, 1105, 1827, 3257, 9002, 40544:
		return "Make room for the database's files and its log, or let them grow, and run the same command again: it goes on from there.", store.ErrFull
	case 229, 230, 262, 297, 300, 916, 976, 978, 2760, 3906, 15151, 15247:
		return "Grant the login CREATE TABLE, CREATE VIEW and CREATE SCHEMA in the database, or make it the owner of the target's schemas; a replica and a read-only database cannot be written to.", store.ErrReadOnly
	case 1204, 1205, 1222:
		return "Wait until the other program has let go of the store.", store.ErrLocked
	case 605, 823, 824, 825, 5243, 5250, 8928, 8939:
		return "Restore the database from a backup, or load again into a new one.", store.ErrDamaged
	case 596, 904, 911, 921, 922, 924, 926, 927, 942, 945, 4060, 6005, 10928, 17142, 18401, 18451, 18456, 40197, 40501, 40613:
		return store.LostHint, store.ErrUnreachable
	}
	return "", nil
}

// wordless are the server's errors whose text may quote a value or a statement.
var wordless = map[int32]bool{
	102: true, 105: true, 220: true, 232: true, 241: true, 242: true, 245: true, 295: true, 547: true, 2601: true, 2627: true, 2628: true,
	4815: true, 8114: true, 8115: true, 8152: true, 8169: true, 9420: true,
}

// quiet is an error of the server without what may quote a value.
func quiet(err error, n int32) error {
	if wordless[n] {
		return fmt.Errorf("the server refuses a value or a statement (error %d)", n)
	}
	return err
}

// unreachable tells why a connection was not to be had. The server's text names
// the login, and no password.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	hint := "Check host and port in the DSN file, that the server runs and takes TCP, and the firewall between; a certificate that is no authority's needs TrustServerCertificate=true."
	switch number(err) {
	case 18456, 18450, 18452:
		hint = "Check user and password in the DSN file, and that the server takes logins of its own."
	case 4060:
		hint = "Create the database first, and a user for the login in it."
	case 17809, 10928:
		hint = "Have the server allow more connections."
	}
	return store.Refuse(store.ErrUnreachable, hint, err)
}
