package mysql

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/go-sql-driver/mysql"
)

// Why a database could not be read.
var (
	ErrDSN         = errors.New("the DSN cannot be read")
	ErrUnreachable = errors.New("the server cannot be reached")
	ErrRefused     = errors.New("the server refuses the login")
	ErrTLS         = errors.New("the connection cannot be encrypted")
	ErrNoDatabase  = errors.New("the server has no such database, or the login no right to it")
	ErrRights      = errors.New("the login has not the right to read this")
	ErrLost        = errors.New("the connection was lost")
	ErrLocked      = errors.New("somebody keeps the table locked")
	ErrStopped     = errors.New("the statement was stopped on the server")
	ErrChanged     = errors.New("the table's definition was changed during the reading")
	ErrBroken      = errors.New("the server lists the table, and cannot open it")
	ErrCount       = errors.New("the rows read are not those that the server counts")
	ErrServer      = errors.New("the server answered with an error")
)

var errNoTable = errors.New("no table to be seen")

var hints = map[error]string{
	ErrDSN:         "write one line into the DSN file: user:password@tcp(host:3306)/database",
	ErrUnreachable: "check host and port, that the server runs and listens on the network (bind-address, skip-networking), and the firewall between",
	ErrRefused:     "check user and password in the DSN file, and that the user may come from this machine",
	ErrTLS:         "check tls in the DSN and the server's certificate",
	ErrNoDatabase:  "check the name after the / of the DSN; GRANT SELECT ON database.* TO 'sihctl'@'this-host'",
	ErrRights:      "GRANT SELECT ON database.* TO 'sihctl'@'this-host'",
	ErrLost:        "see that the server still runs, and its error log; what was read so far is kept, the same command goes on from there",
	ErrLocked:      "see who holds it (SHOW FULL PROCESSLIST): a backup, or a change of the table; then run the same command again",
	ErrStopped:     "ask who runs KILL QUERY there, or which limit of time the server has; then run the same command again",
	ErrChanged:     "wait until the change of the table is done, then run the same command again",
	ErrBroken:      "have the administrator look at it (CHECK TABLE), or leave it out",
	ErrCount:       "check the table (CHECK TABLE), or read last night's backup restored on another instance",
	ErrServer:      "look the number up in the server's documentation and its error log",
}

// Error tells why a database cannot be read. It never holds a password, nor a
// value of a table.
type Error struct {
	Op  string // what was being done
	Why error  // one of the Err variables
	Err error  // the driver's own error, or nil

	what   string // happened, more closely than Why; or empty
	advice string // instead of that for Why; or empty
}

// Error tells what happened. Of a server's error whose text may quote a value
// it gives the number alone.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Why.Error()
	var answer *mysql.MySQLError
	switch {
	case errors.As(e.Err, &answer):
		s += fmt.Sprintf(" (error %d", answer.Number)
		if wordy[answer.Number] {
			s += ": " + answer.Message
		}
		return s + ")"
	case e.what != "":
		return s + ": " + e.what
	case e.Why == ErrDSN, e.Why == ErrCount:
		return s + ": " + e.Err.Error()
	case e.Why == ErrUnreachable:
		return s + " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap returns the reason and the driver's error.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Why}
	}
	return []error{e.Why, e.Err}
}

// Hint says what to do.
func (e *Error) Hint() string { return cmp.Or(e.advice, hints[e.Why]) }

// reasons are the server's errors that say more than that there is one.
var reasons = map[uint16]error{
	1040: ErrUnreachable, 1129: ErrUnreachable, 1203: ErrUnreachable, // too many connections, host blocked
	1045: ErrRefused, 1130: ErrRefused, 1251: ErrRefused, 1698: ErrRefused, 1820: ErrRefused, 1862: ErrRefused, 3118: ErrRefused, 4151: ErrRefused,
	1044: ErrNoDatabase, 1049: ErrNoDatabase,
	1142: ErrRights, 1143: ErrRights, 1227: ErrRights,
	1053: ErrLost, 1077: ErrLost, 1079: ErrLost, 1927: ErrLost, 4031: ErrLost, // shutdown, killed
	1205: ErrLocked, 1317: ErrStopped, 1969: ErrStopped, 3024: ErrStopped,
	1356: ErrBroken, 1194: ErrBroken, 1195: ErrBroken, 1168: ErrBroken, 1932: ErrBroken, // views and tables that are damaged
	1412: ErrChanged, 1054: ErrChanged, 1146: ErrChanged, 1176: ErrChanged,
}

// wordy are the server's errors whose text names users, hosts, tables and
// files, and never a value.
var wordy = map[uint16]bool{
	1040: true, 1044: true, 1045: true, 1049: true, 1053: true, 1129: true, 1130: true, 1142: true, 1143: true,
	1146: true, 1176: true, 1194: true, 1195: true, 1205: true, 1227: true, 1251: true, 1317: true, 1356: true, 1412: true,
	1698: true, 1862: true, 1927: true, 1969: true, 3024: true, 3118: true, 4151: true,
}

// failed gives an error of op its reason. The end of ctx is told as such: what
// the driver says of it is that the connection broke.
func failed(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	why := ErrLost
	if n := number(err); n != 0 && !errors.As(err, new(broken)) {
		why = cmp.Or(reasons[n], ErrServer)
	}
	return &Error{Op: op, Why: why, Err: err}
}
