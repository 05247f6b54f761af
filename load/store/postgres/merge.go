package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// merge puts the rows in, some of which are there already.
func (l *loader) merge(ctx context.Context) error {
	staged, err := l.stage(ctx)
	if err != nil {
		return err
	}
	again, err := l.once(ctx, staged)
	if err != nil {
		return err
	}
	changed, fresh, err := l.sort(ctx, staged)
	if err != nil {
		return err
	}
	if changed > 0 {
		if err := l.change(ctx, staged, l.differs()); err != nil {
			return err
		}
	}
	if fresh > 0 {
		if err := l.add(ctx, staged); err != nil {
			return err
		}
	}
	l.counts.Inserted += fresh
	l.counts.Updated += changed + again
	l.counts.Unchanged += l.sending.rows - fresh - changed - again
	return nil
}

// stage puts the rows into a temporary table, and returns its name.
func (l *loader) stage(ctx context.Context) (staged string, err error) {
	staged = "staged_" + l.table.Name
	if err := run(ctx, l.store.conn, fmt.Sprintf("CREATE TEMPORARY TABLE IF NOT EXISTS %s (LIKE %s, place bigint GENERATED ALWAYS AS IDENTITY) ON COMMIT DROP; TRUNCATE %[1]s", staged, l.table.Name)); err != nil {
		return "", err
	}
	if err := l.copyInto(ctx, staged); err != nil {
		return "", err
	}
	return staged, run(ctx, l.store.conn, "ANALYZE "+staged)
}

// change gives rows that are there what the staged ones say, where a condition
// holds.
func (l *loader) change(ctx context.Context, staged, where string) error {
	set := store.Assignments(l.table, "")
	if set == "" {
		return nil
	}
	return run(ctx, l.store.conn, fmt.Sprintf("UPDATE %s AS t SET %s FROM %s AS s WHERE %s AND (%s)", l.table.Name, set, staged, store.SameKey(l.table), where))
}

// add puts those of the staged rows in that are not there.
func (l *loader) add(ctx context.Context, staged string) error {
	names := strings.Join(store.ColumnNames(l.table, nil), ", ")
	return run(ctx, l.store.conn, fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM %[3]s AS s WHERE NOT EXISTS (SELECT 1 FROM %[1]s AS t WHERE %[4]s)", l.table.Name, names, staged, store.SameKey(l.table)))
}

// differs is the condition that a row says something else than it does.
func (l *loader) differs() string {
	var list []string
	for _, name := range store.ColumnNames(l.table, func(i int) bool { return store.Compared(l.table, i) }) {
		list = append(list, "t."+name+" IS DISTINCT FROM s."+name)
	}
	return strings.Join(append(list, "false"), " OR ")
}

// hashed tells whether rows have a hash: all but the migration's own, whose
// rows a run may write again.
func (l *loader) hashed() bool { return store.WrittenOnce(l.table) }

// twice is the error that the run has written an id before.
func (l *loader) twice(id string) error {
	parsed, _ := sih.ParseID(id)
	return &store.RowError{Table: l.table.Name, ID: parsed, Err: store.ErrTwice}
}

// once refuses an id that stands twice among the staged rows. Of a row of the
// migration's own the last one counts; it tells how many were before it.
func (l *loader) once(ctx context.Context, staged string) (again int64, err error) {
	if !l.hashed() {
		return affect(ctx, l.store.conn, fmt.Sprintf("DELETE FROM %s AS t USING %[1]s AS s WHERE %s AND t.place < s.place", staged, store.SameKey(l.table)))
	}
	list, err := records(ctx, l.store.conn, "SELECT id FROM "+staged+" GROUP BY id HAVING count(*) > 1 LIMIT 1")
	if err == nil && len(list) > 0 {
		err = l.twice(list[0][0])
	}
	return 0, err
}

// sort counts the staged rows that are there otherwise, and those that are not.
// An id that the run has written before is refused.
func (l *loader) sort(ctx context.Context, staged string) (changed, fresh int64, err error) {
	key := "t." + l.table.Key[0]
	before := "NULL"
	if l.hashed() {
		before = "min(s.id) FILTER (WHERE t.run_id = s.run_id)"
	}
	list, err := records(ctx, l.store.conn, fmt.Sprintf("SELECT count(*) FILTER (WHERE %[1]s IS NOT NULL AND (%[2]s)), count(*) FILTER (WHERE %[1]s IS NULL), %[3]s FROM %[4]s AS s LEFT JOIN %[5]s AS t ON %[6]s",
		key, l.differs(), before, staged, l.table.Name, store.SameKey(l.table)))
	if err != nil {
		return 0, 0, err
	}
	if id := list[0][2]; id != "" {
		return 0, 0, l.twice(id)
	}
	if changed, err = strconv.ParseInt(list[0][0], 10, 64); err == nil {
		fresh, err = strconv.ParseInt(list[0][1], 10, 64)
	}
	return changed, fresh, err
}
