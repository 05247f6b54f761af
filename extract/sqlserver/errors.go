package sqlserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// Error tells why a database cannot be read. It never holds a value: what a
// server says of a failed statement can quote a row, so that only its number
// is told.
type Error struct {
	Table  string // empty where the database is concerned
	Err    error
	advice string
}

// Error names the table and what is wrong.
func (e *Error) Error() string {
	if e.Table == "" {
		return "read sqlserver: " + e.Err.Error()
	}
	return fmt.Sprintf("read %s: %v", e.Table, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it, or nothing.
func (e *Error) Hint() string { return e.advice }

func faultf(table, hint, format string, args ...any) *Error {
	return &Error{Table: table, Err: fmt.Errorf(format, args...), advice: hint}
}

// serverError is what a server said, by its number. The driver's own error,
// with the server's words, is kept inside and is not printed.
type serverError struct {
	number int32
	what   string
	err    error
}

// Error gives the number, and what is known of it.
func (e *serverError) Error() string {
	if e.what == "" {
		return fmt.Sprintf("the server answers with error %d", e.number)
	}
	return fmt.Sprintf("%s (error %d)", e.what, e.number)
}

// Unwrap returns the driver's error, which may quote values.
func (e *serverError) Unwrap() error { return e.err }

// said tells the errors that a run is likely to meet. Numbers:
// learn.microsoft.com/sql/relational-databases/errors-events.
var said = map[int32]struct{ what, hint string }{
	208:   {"the server does not find a table", "was it renamed meanwhile? extract again into a new snapshot"},
	229:   {"the login may not read a table", "ask the administrator for GRANT SELECT on it"},
	297:   {"the login may not do this", "ask the administrator for GRANT SELECT"},
	916:   {"the login may not use the database", "ask the administrator for a user of this login in the database"},
	230:   {"the login may not read a column of it", "ask the administrator for GRANT SELECT on the whole table, or leave it out"},
	823:   {"the server cannot read its own disk", "tell the administrator at once: the database is damaged, and the last good backup is to be read instead"},
	824:   {"the server finds its own pages damaged", "tell the administrator at once: the database is damaged, and the last good backup is to be read instead"},
	927:   {"the database is being restored", "wait until the restore has ended"},
	942:   {"the database is offline", "ask the administrator to set it online"},
	976:   {"the database is a replica that nobody may read", "ask the administrator for a readable one, and its address"},
	978:   {"the replica takes readers only", "write application_intent = readonly in the address file"},
	1105:  {"the server's disk is full", "ask the administrator to make room, in tempdb too"},
	1205:  {"the server chose this reader as the victim of a deadlock", "run the same command again"},
	1222:  {"a lock was not free in time", "run the same command again when the server is quieter"},
	3952:  {"the database does not allow snapshot isolation", "run the same command again"},
	3958:  {versionsLost, versionsHint},
	3966:  {versionsLost, versionsHint},
	3967:  {versionsLost, versionsHint},
	3961:  {"a table was altered while it was read", "run the same command again"},
	4060:  {"the server cannot open the database for this login", "mend database in the address file, or ask the administrator for access"},
	13908: {"it is a graph table, with columns that nobody may read", "name it in leave_out of the source"},
	17142: {"the server is paused", "ask the administrator to let it go on"},
	18401: {"the server is being upgraded", "run the same command again later"},
	18452: {"the server takes Windows logins only", "give user = DOMAIN\\name, or have mixed authentication enabled"},
	18456: {"the login was refused", "mend user and password in the address file"},
	18470: {"the login is disabled", "ask the administrator to enable it"},
	18486: {"the login is locked", "ask the administrator to unlock it, and mend the password in the address file before it is tried again"},
	18487: {"the login's password has expired", "ask the administrator to set it anew, without expiry"},
	18488: {"the login's password must be changed first", "ask the administrator to set it anew, without that condition"},
	41332: {"it lies in memory (In-Memory OLTP) and cannot be read in a view of snapshot isolation", "name it in leave_out of the source, and have it exported to a file"},
}

// What snapshot isolation keeps stands in tempdb, which can run full.
const (
	versionsLost = "the server had to give up the old state of rows, for want of room in tempdb"
	versionsHint = "ask the administrator to make room there, or read when fewer people write"
)

// wrap makes of a driver's error one of ours.
func wrap(ctx context.Context, table, verb string, err error) error {
	var ours *Error
	var certificate *certificateError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", verb, context.Cause(ctx))
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, errBrowser), errors.Is(err, errInstance), errors.Is(err, errNoTCP):
		return &Error{table, fmt.Errorf("%s: %w", verb, err), instanceHint(err)}
	case errors.As(err, &certificate):
		return &Error{table, fmt.Errorf("%s: %w", verb, certificate), certificate.advice()}
	case errorNumber(err) != 0:
		n := errorNumber(err)
		s := said[n]
		return &Error{table, fmt.Errorf("%s: %w", verb, &serverError{n, s.what, err}), s.hint}
	case errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return &Error{table, fmt.Errorf("%s: the server fell silent: %w", verb, err), "run the same command again; it goes on from what was read"}
	}
	return &Error{table, fmt.Errorf("%s: %w", verb, err), advise(err)}
}

// advise says what to do about a failure of the connection, which the drivers
// tell by words alone.
func advise(err error) string {
	for _, a := range []struct{ words, hint string }{
		{errBare.Error(), "ask the administrator for a certificate on the server; where the network is trusted, write encrypt = disable, and the password crosses it readable"},
		{"does not support encryption", "ask the administrator for a certificate on the server; where the network is trusted, write encrypt = disable, and the password crosses it readable"},
		{"TLS Handshake failed", "give certificate = and certificate_host = in the address file; a server from before 2016 may need tls_min = 1.0"},
		{"unable to open tcp connection", "see that the server allows TCP, and that a firewall lets its port through"},
	} {
		if strings.Contains(err.Error(), a.words) {
			return a.hint
		}
	}
	return "see that the server can be reached; run the same command again, which goes on from what was read"
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
