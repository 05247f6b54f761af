package mysql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih/load/store"
)

// At returns the engine whose live store is a database of the server that a DSN
// names, user:password@tcp(host:3306)/. Its other places are databases beside
// it, whose names go on with _building and _previous. The login needs all
// rights on the three; where it may create them, they need not be there.
func At(dsn, database string) (store.Engine, error) {
	cfg, err := login(dsn, database)
	e := &engine{cfg, database}
	if err != nil {
		e.login = mysql.NewConfig()
		return nil, e.fault(context.Background(), "read the DSN", database, err)
	}
	return e, nil
}

// engine is a target's server.
type engine struct {
	login    *mysql.Config
	database string
}

// Name is server and database.
func (e *engine) Name() string { return e.name(e.database) }

func (e *engine) name(database string) string {
	return fmt.Sprintf("%s database %s", e.login.Addr, database)
}

// place names the database of a place.
func (e *engine) place(p store.Place) string { return p.Beside(e.database) }

// with has a connection for one piece of work on a place.
func (e *engine) with(ctx context.Context, op string, p store.Place, work func(*session) error) error {
	s, err := connect(ctx, e.login, false)
	if err == nil {
		err = work(s)
		s.close()
	}
	return e.fault(ctx, op, e.place(p), err)
}

// Exists tells whether there is a database that is not empty. What a broken
// creation or removal has left is as good as nothing.
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

// Move renames the tables, all in one statement. Those that were in the other
// place come to lie where the moved ones were, marked as remains, and are
// dropped from there.
func (e *engine) Move(ctx context.Context, from, to store.Place) error {
	return e.with(ctx, "move", from, func(s *session) error {
		here, there := e.place(from), e.place(to)
		if here == there {
			return nil
		}
		found, err := inspect(ctx, s, here)
		switch {
		case err != nil:
			return err
		case found.foreign:
			return foreign(here)
		case !found.ours:
			return nil
		}
		for _, database := range []string{here, there} {
			if err := claim(ctx, s, database, time.Second); err != nil {
				return err
			}
		}
		moved, err := tables(ctx, s, here, marker)
		if err != nil {
			return err
		}
		replaced, err := e.cleared(ctx, s, there)
		if err != nil {
			return err
		}
		var list []string
		rename := func(from, name, to, as string) {
			list = append(list, quoteName(from)+"."+quoteName(name)+" TO "+quoteName(to)+"."+quoteName(as))
		}
		const away = "sihctl_away_"
		for _, t := range replaced {
			rename(there, t, there, away+t)
		}
		for _, t := range moved {
			rename(here, t, there, t)
		}
		for _, t := range replaced {
			as := t
			if t == marker {
				as = remains
			}
			rename(there, away+t, here, as)
		}
		// A view stays behind, and means the tables that were there.
		for _, database := range []string{here, there} {
			if err := dropViews(ctx, s, database); err != nil {
				return err
			}
		}
		if err := s.run(ctx, "RENAME TABLE "+strings.Join(list, ", ")); err != nil {
			return err
		}
		if err := makeViews(ctx, s, there, found.mark); err != nil || replaced == nil {
			return err
		}
		return drop(ctx, s, here)
	})
}

// cleared makes a place ready to take a store, and names the tables of the one
// that is there.
func (e *engine) cleared(ctx context.Context, s *session, database string) ([]string, error) {
	found, err := inspect(ctx, s, database)
	switch {
	case err != nil:
		return nil, err
	case found.foreign:
		return nil, foreign(database)
	case found.ours:
		return tables(ctx, s, database, marker)
	case found.remains:
		return nil, drop(ctx, s, database)
	case !found.there:
		return nil, createDatabase(ctx, s, database)
	}
	return nil, nil
}

// Remove drops the store's tables. The database stays: it may have been made,
// and rights on it given, by somebody who has more of them.
func (e *engine) Remove(ctx context.Context, p store.Place) error {
	return e.with(ctx, "remove", p, func(s *session) error {
		database := e.place(p)
		found, err := inspect(ctx, s, database)
		switch {
		case err != nil || !found.there:
			return err
		case found.foreign:
			return foreign(database)
		}
		if err := claim(ctx, s, database, time.Second); err != nil {
			return err
		}
		if found.ours {
			if err := s.run(ctx, fmt.Sprintf("RENAME TABLE %s.%s TO %[1]s.%[3]s", quoteName(database), marker, remains)); err != nil {
				return err
			}
		}
		if found.ours || found.remains {
			return drop(ctx, s, database)
		}
		return nil
	})
}

// Close has nothing to free.
func (e *engine) Close() error { return nil }

func foreign(database string) error {
	return store.Refuse(store.ErrForeign, "Name another database for the target, or empty this one.", fmt.Errorf("the database %s holds what sihctl has not made", database))
}
