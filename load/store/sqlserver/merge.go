package sqlserver

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// columns names the table's columns, as a list.
func (l *loader) columns() string { return strings.Join(store.ColumnNames(l.table, nil), ", ") }

// stage puts the rows into a temporary table, and returns its name.
func (l *loader) stage(ctx context.Context) (staged string, err error) {
	staged = "#staged_" + l.table.Name
	for _, statement := range []string{"DROP TABLE IF EXISTS " + staged, "SELECT TOP 0 " + l.columns() + " INTO " + staged + " FROM " + l.table.Name} {
		if err := l.store.run(ctx, statement); err != nil {
			return "", err
		}
	}
	return staged, l.put(ctx, staged)
}

// differs is the condition that a row says something else than it does.
func (l *loader) differs() string {
	var list []string
	for _, name := range store.ColumnNames(l.table, func(i int) bool { return store.Compared(l.table, i) }) {
		list = append(list, fmt.Sprintf("t.%[1]s <> s.%[1]s OR t.%[1]s IS NULL AND s.%[1]s IS NOT NULL OR t.%[1]s IS NOT NULL AND s.%[1]s IS NULL", name))
	}
	return strings.Join(append(list, "1 = 0"), " OR ")
}

// merge puts the rows in, some of which are there already. One join tells what
// there is to do, which is mostly nothing.
func (l *loader) merge(ctx context.Context) error {
	s, t := l.store, l.table
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	before := "NULL"
	if store.WrittenOnce(t) {
		before = "MIN(CASE WHEN t.run_id = s.run_id THEN s.id END)"
	}
	list, err := s.session.records(ctx, within(s.schema, fmt.Sprintf("SELECT SUM(CASE WHEN t.%[1]s IS NOT NULL AND (%[2]s) THEN 1 ELSE 0 END), SUM(CASE WHEN t.%[1]s IS NULL THEN 1 ELSE 0 END), %[3]s FROM %[4]s AS s LEFT JOIN %[5]s AS t ON %[6]s",
		t.Key[0], l.differs(), before, staged, t.Name, store.SameKey(l.table))))
	if err != nil {
		return err
	}
	if text := list[0][2]; text != "" {
		id, _ := sih.ParseID(text)
		return l.twice(id)
	}
	updated, _ := strconv.ParseInt(list[0][0], 10, 64)
	inserted, _ := strconv.ParseInt(list[0][1], 10, 64)
	if updated > 0 {
		if err := l.change(ctx, staged, l.differs()); err != nil {
			return err
		}
	}
	if inserted > 0 {
		if err := l.add(ctx, staged); err != nil {
			return err
		}
	}
	l.counts.Inserted += inserted
	l.counts.Updated += updated
	l.counts.Unchanged += int64(len(l.rows)) - inserted - updated
	return s.run(ctx, "DROP TABLE "+staged)
}

// change gives rows that are there what the staged ones say, where a condition
// holds.
func (l *loader) change(ctx context.Context, staged, where string) error {
	set := store.Assignments(l.table, "")
	if set == "" {
		return nil
	}
	return l.store.run(ctx, fmt.Sprintf("UPDATE t SET %s FROM %s AS t JOIN %s AS s ON %s WHERE %s", set, l.table.Name, staged, store.SameKey(l.table), where))
}

// add puts those of the staged rows in that are not there.
func (l *loader) add(ctx context.Context, staged string) error {
	return l.store.run(ctx, fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[3]s AS s WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE %[4]s)", l.table.Name, l.columns(), staged, store.SameKey(l.table)))
}

// putBack writes the rows that are held over those that are there.
func (l *loader) putBack(ctx context.Context) error {
	if _, err := l.sort(); err != nil {
		return err
	}
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	if err := l.change(ctx, staged, "1 = 1"); err != nil {
		return err
	}
	if err := l.add(ctx, staged); err != nil {
		return err
	}
	return l.store.run(ctx, "DROP TABLE "+staged)
}
