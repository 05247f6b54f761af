package sqlserver

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// state is what there is in a schema.
type state struct {
	there   bool // the schema is
	foreign bool // it holds what is no store
	ours    bool // it holds a store
	version int32
	tables  []string
	views   []string
}

// signs are the tables by which a store is known, since it is made whole or
// not at all. The first of them has its version.
var signs = []string{"schema_version", "load_chunk", "source_person"}

// inspect looks at a schema.
func inspect(ctx context.Context, s *session, schema string) (f state, err error) {
	list, err := s.records(ctx, `SELECT o.type, o.name FROM sys.schemas AS s LEFT JOIN sys.objects AS o ON o.schema_id = s.schema_id AND o.parent_object_id = 0
 WHERE s.name = @p1 ORDER BY o.name`, schema)
	f.there = len(list) > 0
	for _, r := range list {
		switch r[0] {
		case "U ":
			f.tables = append(f.tables, r[1])
		case "V ":
			f.views = append(f.views, r[1])
		}
		f.foreign = f.foreign || r[1] != ""
	}
	for _, name := range signs {
		if err != nil || !slices.Contains(f.tables, name) {
			return f, err
		}
	}
	f.ours, f.foreign = true, false
	list, err = s.records(ctx, "SELECT MAX(version) FROM "+quoteName(schema)+"."+signs[0])
	if err == nil {
		n, _ := strconv.ParseInt(list[0][0], 10, 32)
		f.version = int32(n)
	}
	return f, err
}

// constraint is a declared reference.
type constraint struct{ table, name string }

// constraints lists the references that a schema's tables declare.
func constraints(ctx context.Context, s *session, schema string) (out []constraint, err error) {
	list, err := s.records(ctx, `SELECT o.name, f.name FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id
 JOIN sys.schemas AS s ON s.schema_id = f.schema_id WHERE s.name = @p1`, schema)
	for _, r := range list {
		out = append(out, constraint{r[0], r[1]})
	}
	return out, err
}

// create makes the tables, in one transaction: a killed program leaves nothing
// or a whole store.
func create(ctx context.Context, s *session, schema string, found state, now sih.Timestamp) error {
	return s.transact(ctx, func() error {
		if !found.there { // to make one takes a right on the database
			if err := s.run(ctx, "CREATE SCHEMA "+quoteName(schema)); err != nil {
				return err
			}
		}
		latest := store.SchemaAt(store.Latest())
		return s.declare(ctx, schema, append(latest.CreateDDL(store.SQLServer), store.Log(store.SQLServer, latest.Version, now)))
	})
}

// upgrade brings a store of an older version to the present one, a version in a
// transaction.
func upgrade(ctx context.Context, s *session, schema string, from int, now sih.Timestamp) error {
	for _, u := range store.Upgrades(store.SQLServer, from) {
		err := s.transact(ctx, func() error {
			return s.declare(ctx, schema, append(u.Statements, store.Log(store.SQLServer, u.Version, now)))
		})
		if err != nil {
			return fmt.Errorf("version %d of the schema: %w", u.Version, err)
		}
	}
	return nil
}

// drop drops what a store consists of.
func drop(ctx context.Context, s *session, schema string, found state) error {
	list, err := constraints(ctx, s, schema)
	if err != nil {
		return err
	}
	at := quoteName(schema) + "."
	var statements []string
	for _, name := range found.views {
		statements = append(statements, "DROP VIEW "+at+quoteName(name))
	}
	for _, c := range list {
		statements = append(statements, "ALTER TABLE "+at+quoteName(c.table)+" DROP CONSTRAINT "+quoteName(c.name))
	}
	for _, name := range found.tables {
		statements = append(statements, "DROP TABLE "+at+quoteName(name))
	}
	for _, statement := range statements {
		if err := s.run(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// claim keeps other writers out of a schema, until the connection ends.
func claim(ctx context.Context, s *session, schema string, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; {
		got, err := s.records(ctx, "DECLARE @got int; EXEC @got = sp_getapplock @Resource = @p1, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; SELECT @got", "sihctl unified store "+schema)
		if err != nil {
			return err
		}
		if got[0][0] == "0" || got[0][0] == "1" {
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
