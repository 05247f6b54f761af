package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/load/store"
)

// fault makes a *store.Error of err.
func (s *Store) fault(ctx context.Context, op string, err error) error {
	return s.engine.fault(ctx, op, s.schema, err)
}

func (e *engine) fault(ctx context.Context, op, schema string, err error) error {
	return store.Explain(ctx, op, e.name(schema), err, explain)
}

// explain tells what is known of an error that is the server's or the way's to it.
func explain(err error) (why error, hint string, known error) {
	var answer *pgconn.PgError
	var broken *net.OpError
	switch {
	case errors.As(err, &answer):
		hint, why = reason(answer.Code)
		return why, hint, quiet(err, answer)
	case pgconn.Timeout(err), errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &broken):
		return store.ErrUnreachable, store.LostHint, err
	}
	return nil, "", err
}

// reason translates the server's code.
func reason(code string) (hint string, why error) {
	switch code {
	case "53100", "53400", "54000":
		return "Make room on the server's disk and run the same command again: it goes on from there.", store.ErrFull
	case "42501", "25006":
		return "Grant the login CREATE on the database, or make it the owner of the target's schemas; a standby server cannot be written to.", store.ErrReadOnly
	case "55P03", "40P01":
		return "Wait until the other program has let go of the store.", store.ErrLocked
	case "XX001", "XX002":
		return "Restore the database from a backup, or load again into a new one.", store.ErrDamaged
	}
	switch code[:min(2, len(code))] {
	case "08", "57", "28", "3D":
		return store.LostHint, store.ErrUnreachable
	}
	return "", nil
}

// quiet is an error of the server without what may quote a value.
func quiet(err error, answer *pgconn.PgError) error {
	switch answer.Code[:min(2, len(answer.Code))] {
	case "22", "23":
		what := strings.Trim(strings.Join([]string{answer.TableName, answer.ColumnName, answer.ConstraintName}, " "), " ")
		return fmt.Errorf("the server refuses a value (%s %s)", answer.Code, what)
	}
	return err
}

// unreachable tells why a connection was not to be had. The driver's text names
// user and database, and no password.
func unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	hint := "Check host and port in the DSN file, that the server runs and listens on the network, and the firewall between."
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		switch answer.Code {
		case "28P01":
			hint = "Check user and password in the DSN file."
		case "28000":
			hint = "Have a line for this login, database and machine added to the server's pg_hba.conf."
		case "3D000":
			hint = "Create the database first: CREATE DATABASE … ENCODING 'UTF8'."
		}
		err = answer
	}
	return store.Refuse(store.ErrUnreachable, hint, err)
}
