package mysql

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// columns names the table's columns, as a list.
func (l *loader) columns() string { return strings.Join(store.ColumnNames(l.table, nil), ", ") }

// id is that of a row that is held, of a table whose key it is.
func (l *loader) id(h held) sih.ID {
	id, _ := sih.ParseID(string(bytes.TrimRight(l.key(h), "\x00")))
	return id
}

// stage puts the rows into a temporary table.
func (l *loader) stage(ctx context.Context) (staged string, err error) {
	staged = "staged_" + l.table.Name
	for _, statement := range []string{"DROP TEMPORARY TABLE IF EXISTS " + staged, "CREATE TEMPORARY TABLE " + staged + " LIKE " + l.table.Name} {
		if err := l.store.session.run(ctx, statement); err != nil {
			return "", err
		}
	}
	return staged, l.put(ctx, staged)
}

// merge puts the rows in, some of which are there already. One join tells what
// there is to do, which is mostly nothing.
func (l *loader) merge(ctx context.Context) error {
	conn, t := l.store.session, l.table
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	equal := []string{"true"}
	for _, name := range store.ColumnNames(t, func(i int) bool { return store.Compared(t, i) }) {
		equal = append(equal, "t."+name+" <=> s."+name)
	}
	same, before := strings.Join(equal, " AND "), "NULL"
	if store.WrittenOnce(t) {
		before = "MIN(CASE WHEN t.run_id = s.run_id THEN s.id END)"
	}
	key := "t." + t.Key[0]
	list, err := conn.records(ctx, fmt.Sprintf("SELECT SUM(%[1]s IS NOT NULL AND NOT (%[2]s)), SUM(%[1]s IS NULL), %[3]s FROM %[4]s AS s LEFT JOIN %[5]s AS t ON %[6]s",
		key, same, before, staged, t.Name, store.SameKey(l.table)))
	if err != nil {
		return err
	}
	if id := list[0][2]; id != "" {
		return l.twice(id)
	}
	updated, _ := strconv.ParseInt(list[0][0], 10, 64)
	inserted, _ := strconv.ParseInt(list[0][1], 10, 64)
	if updated > 0 {
		if err := conn.run(ctx, fmt.Sprintf("UPDATE %s AS t JOIN %s AS s ON %s SET %s WHERE NOT (%s)", t.Name, staged, store.SameKey(l.table), store.Assignments(t, "t."), same)); err != nil {
			return err
		}
	}
	if inserted > 0 {
		if err := l.insertNew(ctx, staged); err != nil {
			return err
		}
	}
	l.counts.Inserted += inserted
	l.counts.Updated += updated
	l.counts.Unchanged += int64(len(l.rows)) - inserted - updated
	return conn.run(ctx, "DROP TEMPORARY TABLE "+staged)
}

// insertNew inserts the staged rows whose key is not there.
func (l *loader) insertNew(ctx context.Context, staged string) error {
	return l.store.session.run(ctx, fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[3]s AS s WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE %[4]s)",
		l.table.Name, l.columns(), staged, store.SameKey(l.table)))
}
