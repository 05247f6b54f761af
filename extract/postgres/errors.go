package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Why a database could not be read.
var (
	ErrDSN         = errors.New("the DSN cannot be read")
	ErrUnreachable = errors.New("the server cannot be reached")
	ErrTLS         = errors.New("the server and this machine do not agree on encryption")
	ErrRefused     = errors.New("the server refuses the login")
	ErrAccess      = errors.New("the server's access rules do not let this login in from this machine")
	ErrNoDatabase  = errors.New("the server has no such database, or the login no right to it")
	ErrRights      = errors.New("the login has not the right to read this")
	ErrPolicy      = errors.New("row security would hide rows from this login")
	ErrLost        = errors.New("the connection was lost")
	ErrConflict    = errors.New("the standby server could not keep the view")
	ErrChanged     = errors.New("the table was changed or made anew during the reading")
	ErrLocked      = errors.New("the table is locked by somebody else")
	ErrCount       = errors.New("the rows read are not those that the server counts")
	ErrDamaged     = errors.New("the server finds its own files damaged")
	ErrServer      = errors.New("the server answered with an error")
)

var hints = map[error]string{
	ErrDSN:         "write one line into the DSN file: postgres://user:password@host:5432/database, with % and two digits for special characters of the password",
	ErrUnreachable: "check host and port, that the server runs and listens on the network (listen_addresses), has connections free (max_connections), and the firewall between",
	ErrTLS:         "see sslmode in the DSN (disable, prefer, require, verify-full), and sslrootcert with the file of the server's certificate",
	ErrRefused:     "check user and password in the DSN file",
	ErrAccess:      "have a line for this login, database and machine added to the server's pg_hba.conf, then SELECT pg_reload_conf()",
	ErrNoDatabase:  "check the name after the / of the DSN; GRANT CONNECT ON DATABASE … TO …",
	ErrRights:      "GRANT USAGE ON SCHEMA … TO …; GRANT SELECT ON ALL TABLES IN SCHEMA … TO …",
	ErrPolicy:      "read as a login that no policy binds: ALTER ROLE … BYPASSRLS",
	ErrLost:        "see that the server still runs, and its log; what was read so far is kept, the same command goes on from there",
	ErrConflict:    "set hot_standby_feedback = on, or max_standby_streaming_delay = -1, on the standby server while it is read; the same command goes on from there",
	ErrChanged:     "wait until the change of the table is done, then run the same command again",
	ErrLocked:      "wait until the change of the table is done, then run the same command again",
	ErrCount:       "an index may be damaged (REINDEX TABLE …), or read last night's backup restored on another server",
	ErrDamaged:     "read last night's backup restored on another server, and have this one looked after",
	ErrServer:      "look the code up in the server's documentation (Appendix A) and its log",
}

// Error tells why a database cannot be read. It never holds a password, nor a
// value of a table.
type Error struct {
	Op  string // what was being done
	Why error  // one of the Err variables
	Err error  // the driver's own error, or nil
}

// Error tells what happened. Of a server's error whose text may quote a value
// it gives the code alone.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Why.Error()
	var answer *pgconn.PgError
	var dial *net.OpError
	switch {
	case errors.As(e.Err, &answer):
		s += " (" + answer.Code
		if wordy(answer.Code) {
			s += ": " + strings.ToValidUTF8(answer.Message, "?")
		}
		return s + ")"
	case e.Why == ErrUnreachable && errors.As(e.Err, &dial):
		return s + " (" + dial.Err.Error() + ")"
	case e.Why == ErrDSN, e.Why == ErrCount:
		return s + ": " + e.Err.Error()
	case (e.Why == ErrRefused || e.Why == ErrUnreachable || e.Why == ErrTLS) && e.Err != nil:
		return s + " (" + last(e.Err).Error() + ")"
	}
	return s
}

// last unwraps an error of connecting down to what failed last, which names
// neither user nor database.
func last(err error) error {
	for {
		var next error
		switch e := err.(type) {
		case interface{ Unwrap() []error }:
			if list := e.Unwrap(); len(list) > 0 {
				next = list[0]
			}
		case interface{ Unwrap() error }:
			next = e.Unwrap()
		}
		if next == nil {
			return err
		}
		err = next
	}
}

// Unwrap returns the reason and the driver's error.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Why}
	}
	return []error{e.Why, e.Err}
}

// Hint says what to do.
func (e *Error) Hint() string { return hints[e.Why] }

// reasons are the server's errors that say more than that there is one, by
// code or by class.
var reasons = map[string]error{
	"08": ErrLost, "57P01": ErrLost, "57P02": ErrLost, "57P03": ErrLost, "57P05": ErrLost, "25P03": ErrLost, "25P04": ErrLost,
	"28": ErrAccess, "28P01": ErrRefused, "3D": ErrNoDatabase, "57P04": ErrNoDatabase,
	"53300": ErrUnreachable, "40001": ErrConflict, "42501": ErrRights, "55P03": ErrLocked,
	"42P01": ErrChanged, "42703": ErrChanged, "3F000": ErrChanged, "42809": ErrChanged,
	"XX001": ErrDamaged, "XX002": ErrDamaged,
}

// wordy tells of an error whose text names users, hosts, tables and files, and
// never a value.
func wordy(code string) bool {
	if reasons[code] != nil || reasons[code[:min(2, len(code))]] != nil {
		return true
	}
	switch code {
	case "57014", "0A000", "54000", "53200", "53100", "58030", "58P01", "22P05":
		return true
	}
	return false
}

// reason returns why the server answered so.
func reason(answer *pgconn.PgError) error {
	if why := reasons[answer.Code]; why != nil {
		return why
	}
	if why := reasons[answer.Code[:min(2, len(answer.Code))]]; why != nil {
		return why
	}
	return ErrServer
}

// failed gives an error of op its reason. The end of ctx is told as such: what
// the driver says of it is that the server was interrupted.
func failed(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, ctx.Err())
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return &Error{Op: op, Why: reason(answer), Err: err}
	}
	return &Error{Op: op, Why: ErrLost, Err: err}
}

// connecting gives an error of connecting its reason.
func connecting(ctx context.Context, login *pgconn.Config, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("connect to %s: %w", login.Host, ctx.Err())
	}
	e := &Error{Op: fmt.Sprintf("connect to %s:%d", login.Host, login.Port), Why: ErrUnreachable, Err: err}
	var answer *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &answer):
		switch e.Why = reason(answer); e.Why {
		case ErrLost:
			e.Why = ErrUnreachable
		case ErrRights:
			e.Why = ErrNoDatabase
		}
	case errors.As(err, &certificate), strings.Contains(err.Error(), "TLS"), strings.Contains(err.Error(), "tls:"):
		e.Why = ErrTLS
	case strings.Contains(err.Error(), "auth"), strings.Contains(err.Error(), "password"), strings.Contains(err.Error(), "SASL"):
		e.Why = ErrRefused // the ways to log in have nothing in common
	}
	return e
}
