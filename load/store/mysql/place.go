package mysql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// A store is recognised by a table of its own, which lists the others by name,
// with whether their references have to be checked, and bears the schema's
// version in its comment. Statements that make and drop
// tables are not undone with a transaction: while the table has its second
// name, the rest is half made or half gone.
const (
	marker  = "sihctl_store"
	remains = "sihctl_remains"
	label   = "sihctl unified store, schema %08x"
)

// state is what there is in a database.
type state struct {
	there   bool // the database is
	foreign bool // it holds what is no store
	ours    bool // it holds a store
	remains bool // it holds a part of one
	mark    int32
}

// inspect looks at a database.
func inspect(ctx context.Context, s *session, database string) (f state, err error) {
	list, err := s.records(ctx, "SELECT (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?), (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?)", database, database)
	if err != nil {
		return f, err
	}
	f.there, f.foreign = list[0][0] != "0", list[0][1] != "0"
	if !f.foreign {
		return f, nil
	}
	list, err = s.records(ctx, "SELECT table_name, table_comment FROM information_schema.tables WHERE table_schema = ? AND table_name IN (?, ?)", database, marker, remains)
	for _, r := range list {
		var mark uint32
		if _, err := fmt.Sscanf(r[1], label, &mark); err == nil {
			f.foreign, f.mark = false, int32(mark)
			f.ours, f.remains = f.ours || r[0] == marker, f.remains || r[0] == remains
		}
	}
	return f, err
}

// tables names the tables that a store consists of, the marker last.
func tables(ctx context.Context, s *session, database, marker string) (names []string, err error) {
	list, err := s.records(ctx, fmt.Sprintf("SELECT name FROM %s.%s ORDER BY name", quoteName(database), marker))
	for _, r := range list {
		names = append(names, r[0])
	}
	return append(names, marker), err
}

// create makes the tables.
func create(ctx context.Context, s *session, database string, found state, now sih.Timestamp) error {
	if found.remains {
		if err := drop(ctx, s, database); err != nil {
			return err
		}
	}
	latest := store.SchemaAt(store.Latest())
	statements := append([]string{
		fmt.Sprintf("CREATE TABLE %s (name varchar(64) CHARACTER SET ascii NOT NULL PRIMARY KEY, unchecked boolean NOT NULL) ENGINE=InnoDB COMMENT='"+label+"'", remains, uint32(store.Mark(store.MySQL, latest.Version))),
		listing(remains, latest),
	}, latest.CreateDDL(store.MySQL)...)
	for _, statement := range append(statements, store.Log(store.MySQL, latest.Version, now), "RENAME TABLE "+remains+" TO "+marker) {
		if err := s.run(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// listing has a store's own list name the tables of a version that it does not
// name yet.
func listing(list string, schema store.Schema) string {
	return "INSERT IGNORE INTO " + list + " (name, unchecked) VALUES ('" + strings.Join(schema.TableNames(), "', 0), ('") + "', 0)"
}

// upgrade brings a store of an older version to the present one. What makes
// tables and columns is not undone with a transaction: a step that was cut
// short is taken again, and what of it is there already passed over.
func upgrade(ctx context.Context, s *session, from int, now sih.Timestamp) error {
	for _, u := range store.Upgrades(store.MySQL, from) {
		statements := append([]string{listing(marker, store.SchemaAt(u.Version))}, u.Statements...)
		statements = append(statements, store.Log(store.MySQL, u.Version, now), fmt.Sprintf("ALTER TABLE %s COMMENT '"+label+"'", marker, uint32(store.Mark(store.MySQL, u.Version))))
		for _, statement := range statements {
			switch err := s.run(ctx, statement); number(err) {
			case tableThere, columnThere, indexThere, duplicate:
			default:
				if err != nil {
					return fmt.Errorf("version %d of the schema: %w", u.Version, err)
				}
			}
		}
	}
	return nil
}

// The server's numbers for what is there already.
const (
	tableThere  = 1050
	columnThere = 1060
	indexThere  = 1061
)

// createDatabase makes a database, where that is allowed.
func createDatabase(ctx context.Context, s *session, database string) error {
	return s.run(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteName(database)+" CHARACTER SET utf8mb4")
}

// dropViews drops the views of a store.
func dropViews(ctx context.Context, s *session, database string) error {
	for _, v := range store.Views() {
		if err := s.run(ctx, "DROP VIEW IF EXISTS "+quoteName(database)+"."+v.Name); err != nil {
			return err
		}
	}
	return nil
}

// makeViews makes those views of the store that bears a mark that are not
// there: a move of its tables, which they do not go along with, may have been
// cut short.
func makeViews(ctx context.Context, s *session, database string, mark int32) error {
	version, err := store.Recognise(store.MySQL, mark, false)
	if err != nil {
		return nil // it is another program's to say what its views are
	}
	list, err := s.records(ctx, "SELECT table_name FROM information_schema.views WHERE table_schema = ?", database)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, r := range list {
		there[r[0]] = true
	}
	schema := store.SchemaAt(version)
	for i, name := range schema.ViewNames() {
		if there[name] {
			continue
		}
		if err := enter(ctx, s, database); err != nil {
			return err
		}
		if err := s.run(ctx, schema.ViewDDL(store.MySQL)[i]); err != nil {
			return err
		}
	}
	return nil
}

// drop drops what remains of a store, the list of its tables last.
func drop(ctx context.Context, s *session, database string) error {
	if err := dropViews(ctx, s, database); err != nil {
		return err
	}
	names, err := tables(ctx, s, database, remains)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.run(ctx, "DROP TABLE IF EXISTS "+quoteName(database)+"."+quoteName(name)); err != nil {
			return err
		}
	}
	return nil
}

// claim keeps other writers out of a database, until the connection ends.
func claim(ctx context.Context, s *session, database string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; {
		got, err := s.records(ctx, "SELECT GET_LOCK(?, 0)", "sih."+database)
		if err != nil {
			return err
		}
		if got[0][0] == "1" {
			return nil
		}
		if time.Now().After(deadline) {
			return store.Refuse(store.ErrLocked, "Wait until the other program has closed the store.", nil)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// enter has a session's statements mean the tables of a database.
func enter(ctx context.Context, s *session, database string) error {
	err := s.run(ctx, "USE "+quoteName(database))
	if number(err) == 1049 {
		return store.Refuse(store.ErrUnreachable, "Load first, or correct the target.", errors.New("there is no such database"))
	}
	return err
}

// quoteName writes a name between backticks.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
