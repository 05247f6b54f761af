package sqlserver

import (
	"context"
	"fmt"
	"time"

	"github.com/sihctl/sih/load/store"
)

// At returns the engine whose live store is a schema of the database that a DSN
// names, sqlserver://user:password@host:1433?database=name. Its other places
// are schemas beside it, whose names go on with _building and _previous. The
// login must be allowed to create tables and schemas in the database, or own
// all three schemas. The way there is encrypted, and the server's certificate
// checked, unless the DSN says otherwise by encrypt=disable or
// TrustServerCertificate=true.
func At(dsn, schema string) (store.Engine, error) {
	cfg, err := login(dsn)
	e := &engine{cfg, schema}
	if err != nil {
		return nil, e.fault(context.Background(), "read the DSN", schema, err)
	}
	return e, nil
}

// engine is a target's database.
type engine struct {
	login  target
	schema string
}

// Name is server, database and schema.
func (e *engine) Name() string { return e.name(e.schema) }

func (e *engine) name(schema string) string {
	return fmt.Sprintf("%s/%s schema %s", e.login.address(), e.login.database, schema)
}

// place names the schema of a place.
func (e *engine) place(p store.Place) string { return p.Beside(e.schema) }

// with has a connection for one piece of work on a place.
func (e *engine) with(ctx context.Context, op string, p store.Place, work func(*session) error) error {
	s, err := e.connect(ctx)
	if err == nil {
		err = work(s)
		s.close()
	}
	return e.fault(ctx, op, e.place(p), err)
}

// Exists tells whether there is a schema that is not empty.
func (e *engine) Exists(ctx context.Context, p store.Place) (there bool, err error) {
	err = e.with(ctx, "look for", p, func(s *session) error {
		found, err := inspect(ctx, s, e.place(p))
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

// Move takes the tables over into the other schema, in one transaction; the
// views, which mean the tables of their own schema, are made there anew.
func (e *engine) Move(ctx context.Context, from, to store.Place) error {
	return e.with(ctx, "move", from, func(s *session) error {
		here, there := e.place(from), e.place(to)
		found, err := inspect(ctx, s, here)
		switch {
		case err != nil || here == there:
			return err
		case found.foreign:
			return foreign(here)
		case !found.ours:
			return nil
		}
		replaced, err := inspect(ctx, s, there)
		switch {
		case err != nil:
			return err
		case replaced.foreign:
			return foreign(there)
		}
		for _, schema := range []string{here, there} { // until the connection ends
			if err := claim(ctx, s, schema, time.Second); err != nil {
				return err
			}
		}
		return s.transact(ctx, func() error {
			if !replaced.there {
				if err := s.run(ctx, "CREATE SCHEMA "+quoteName(there)); err != nil {
					return err
				}
			}
			if err := drop(ctx, s, there, replaced); err != nil {
				return err
			}
			for _, name := range found.views {
				if err := s.run(ctx, "DROP VIEW "+quoteName(here)+"."+quoteName(name)); err != nil {
					return err
				}
			}
			for _, name := range found.tables {
				if err := s.run(ctx, "ALTER SCHEMA "+quoteName(there)+" TRANSFER "+quoteName(here)+"."+quoteName(name)); err != nil {
					return err
				}
			}
			if version := int(found.version); version <= store.Latest() {
				return s.declare(ctx, there, store.SchemaAt(version).ViewDDL(store.SQLServer))
			}
			return nil // it is another program's to say what its views are
		})
	})
}

// Remove drops the store's tables and views. The schema stays: it may have been
// made, and rights on it given, by somebody who has more of them.
func (e *engine) Remove(ctx context.Context, p store.Place) error {
	return e.with(ctx, "remove", p, func(s *session) error {
		schema := e.place(p)
		found, err := inspect(ctx, s, schema)
		switch {
		case err != nil:
			return err
		case found.foreign:
			return foreign(schema)
		case !found.ours:
			return nil
		}
		if err := claim(ctx, s, schema, time.Second); err != nil {
			return err
		}
		return s.transact(ctx, func() error { return drop(ctx, s, schema, found) })
	})
}

// Close has nothing to free.
func (e *engine) Close() error { return nil }

func foreign(schema string) error {
	return store.Refuse(store.ErrForeign, "Name another schema for the target, or empty this one.", fmt.Errorf("the schema %s holds what sihctl has not made", schema))
}
