package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sihctl/sih/load/store"
)

// At returns the engine whose live store is a schema of the database that a DSN
// names, postgres://user:password@host:5432/database. Its other places are
// schemas beside it, whose names go on with _building and _previous. The login
// must be allowed to create schemas, or own all three.
func At(dsn, schema string) (store.Engine, error) {
	cfg, err := login(dsn)
	e := &engine{cfg, schema}
	if err != nil {
		e.login = &pgconn.Config{}
		return nil, e.fault(context.Background(), "read the DSN", schema, err)
	}
	return e, nil
}

// engine is a target's database.
type engine struct {
	login  *pgconn.Config
	schema string
}

// Name is server, database and schema.
func (e *engine) Name() string { return e.name(e.schema) }

func (e *engine) name(schema string) string {
	return fmt.Sprintf("%s:%d/%s schema %s", e.login.Host, e.login.Port, e.login.Database, schema)
}

// place names the schema of a place.
func (e *engine) place(p store.Place) string { return p.Beside(e.schema) }

// with has a connection for one piece of work on a place.
func (e *engine) with(ctx context.Context, op string, p store.Place, work func(*pgconn.PgConn) error) error {
	conn, err := e.connect(ctx, e.place(p), false)
	if err == nil {
		err = work(conn)
		hangUp(conn)
	}
	return e.fault(ctx, op, e.place(p), err)
}

// Exists tells whether there is a schema that is not empty.
func (e *engine) Exists(ctx context.Context, p store.Place) (there bool, err error) {
	err = e.with(ctx, "look for", p, func(conn *pgconn.PgConn) error {
		found, err := inspect(ctx, conn, e.place(p))
		there = found.ours || found.foreign
		return err
	})
	return there, err
}

// Open opens the store in a place.
func (e *engine) Open(ctx context.Context, p store.Place, o store.Options) (store.Store, error) {
	s, err := open(ctx, e, e.place(p), o)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Move renames the schema, in one transaction.
func (e *engine) Move(ctx context.Context, from, to store.Place) error {
	return e.with(ctx, "move", from, func(conn *pgconn.PgConn) error {
		found, err := inspect(ctx, conn, e.place(from))
		if err != nil || !found.ours && !found.foreign {
			return err
		}
		if found.foreign {
			return store.Refuse(store.ErrForeign, "Name another schema for the target.", nil)
		}
		drop, err := dropping(ctx, conn, e.place(to))
		if err != nil {
			return err
		}
		// One message is one transaction.
		return run(ctx, conn, drop+"ALTER SCHEMA "+quoteName(e.place(from))+" RENAME TO "+quoteName(e.place(to)))
	})
}

// Remove removes the schema.
func (e *engine) Remove(ctx context.Context, p store.Place) error {
	return e.with(ctx, "remove", p, func(conn *pgconn.PgConn) error {
		drop, err := dropping(ctx, conn, e.place(p))
		if err != nil || drop == "" {
			return err
		}
		return run(ctx, conn, drop)
	})
}

// dropping is the statement that removes a schema, if there is one, and it is a
// store: never what somebody else has there.
func dropping(ctx context.Context, conn *pgconn.PgConn, schema string) (string, error) {
	found, err := inspect(ctx, conn, schema)
	switch {
	case err != nil || !found.there:
		return "", err
	case found.foreign:
		return "", store.Refuse(store.ErrForeign, "Name another schema for the target.", fmt.Errorf("the schema %s holds what sihctl has not made", schema))
	}
	// Until the connection ends. One that was just closed may still hold it.
	if err := claim(ctx, conn, schema, time.Second); err != nil {
		return "", err
	}
	return "DROP SCHEMA " + quoteName(schema) + " CASCADE; ", nil
}

// Close has nothing to free.
func (e *engine) Close() error { return nil }
