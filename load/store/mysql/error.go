package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/load/store"
)

var errGone = errors.New("the connection was lost before")

// fault makes a *store.Error of err.
func (s *Store) fault(ctx context.Context, op string, err error) error {
	return s.engine.fault(ctx, op, s.database, err)
}

func (e *engine) fault(ctx context.Context, op, database string, err error) error {
	return store.Explain(ctx, op, e.name(database), err, explain)
}

// explain tells what is known of an error that is the server's or the way's to it.
func explain(err error) (why error, hint string, known error) {
	var answer *mysql.MySQLError
	switch {
	case errors.As(err, &answer):
		hint, why = reason(answer)
		return why, hint, quiet(err, answer)
	case lostConnection(err):
		return store.ErrUnreachable, store.LostHint, err
	}
	return nil, "", err
}

// lostConnection tells whether err says that the server is not there any more.
func lostConnection(err error) bool {
	var broken *net.OpError
	var system net.Error
	return errors.Is(err, errGone) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, mysql.ErrMalformPkt) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &broken) || errors.As(err, &system)
}

const rights = "GRANT ALL on the target's database and on the two beside it, whose names go on with _building and _previous; a replica cannot be written to."

// reason translates the server's number.
func reason(answer *mysql.MySQLError) (hint string, why error) {
	switch answer.Number {
	case 1021, 1026, 1114, 1135, 1041, 8004:
		return "Make room on the server's disk and run the same command again: it goes on from there.", store.ErrFull
	case 1030, 1025, 1005: // an engine's own number is in the text
		if strings.Contains(answer.Message, "error 28 ") || strings.Contains(answer.Message, "errno: 28 ") {
			return "Make room on the server's disk and run the same command again: it goes on from there.", store.ErrFull
		}
	case 1044, 1142, 1143, 1227, 1290, 1370, 1792, 1836:
		return rights, store.ErrReadOnly
	case 1205, 1213, 1099, 1100:
		return "Wait until the other program has let go of the store.", store.ErrLocked
	case 1034, 1194, 1195, 1712, 1877, 1932, 126, 127:
		return "Restore the database from a backup, or load again into a new one.", store.ErrDamaged
	case 1040, 1045, 1049, 1053, 1077, 1079, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1203, 1317, 1698, 1927, 4031:
		return store.LostHint, store.ErrUnreachable
	}
	return "", nil
}

// wordless are the server's errors whose text may quote a value.
var wordless = map[uint16]bool{
	1062: true, 1064: true, 1136: true, 1264: true, 1265: true, 1292: true, 1300: true, 1366: true, 1367: true, 1406: true, 1411: true, 1451: true, 1452: true,
	1525: true, 1526: true, 1586: true, 3819: true, 4025: true, 1690: true, 1048: true, 1261: true, 1262: true,
}

// quiet is an error of the server without what may quote a value.
func quiet(err error, answer *mysql.MySQLError) error {
	if wordless[answer.Number] {
		return fmt.Errorf("the server refuses a value or a statement (error %d)", answer.Number)
	}
	return err
}

// unreachable tells why a connection was not to be had. The server's text names
// user and host, and no password.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	hint := "Check host and port in the DSN file, that the server runs and listens on the network (bind-address), and the firewall between."
	switch number(err) {
	case 1045, 1251, 1698, 1820, 1862, 3118, 4151:
		hint = "Check user and password in the DSN file, and that the user may come from this machine."
	case 1040, 1203:
		hint = "Have the server allow more connections (max_connections)."
	}
	return store.Refuse(store.ErrUnreachable, hint, err)
}
