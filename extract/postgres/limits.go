package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/sihctl/sih/extract"
)

// limits tells what would cut a long reading, or keep connections out.
func (x *examination) limits(ctx context.Context) {
	before := len(x.findings)
	if age := x.setting(ctx, "old_snapshot_threshold"); age != "" && age != "-1" {
		x.notable("limits", "have the administrator set it to -1, which takes a restart, or read last night's backup restored on another server", "",
			"the server lets no view live longer than %s minutes (old_snapshot_threshold)", age)
	}
	if allowed, err := strconv.Atoi(x.value(ctx, "SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user")); err == nil && allowed >= 0 && allowed < x.connections {
		x.notable("limits", "ask for fewer connections, or have the administrator allow more", "", "connections that the server allows the login at a time: %d", allowed)
	}
	free, err := strconv.Atoi(x.value(ctx, `SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer - count(*) FROM pg_stat_activity WHERE datname IS NOT NULL`))
	if err == nil && free < x.connections {
		x.notable("limits", "ask for fewer connections, or read at another time: whoever comes when there is none left is turned away", "", "connections that the server has left: %d", max(0, free))
	}
	if len(x.findings) == before {
		x.fine("limits", "no limit of the server's would cut a long reading")
	}
}

// largeBytes is the size of what is read in one view from which on the server's
// administrator should know.
const largeBytes = 10 << 30

// undo tells of readings that are open for long already.
func (x *examination) undo(ctx context.Context) {
	if n := x.value(ctx, "SELECT count(*) FROM pg_stat_activity WHERE xact_start < now() - interval '1 hour' AND pid <> pg_backend_pid()"); n != "" && n != "0" {
		x.notable("undo", "have the administrator look at them: as long as they last, no old version of a row is cleared away", "", "transactions that are open for more than an hour: %s", n)
	}
}

// pace tells how much there is, and how long it may take.
func (x *examination) pace(ctx context.Context) {
	if x.all == nil || len(x.all.tables) == 0 {
		return
	}
	sizes, err := x.one.survey(ctx, x.all.tables)
	if err != nil {
		return
	}
	var rows, bytes, most int64
	var largest *table
	for i, size := range sizes {
		rows, bytes = rows+size.Rows, bytes+size.Bytes
		if t := x.all.tables[i]; t.order != nil && !t.guarded && size.Bytes > most {
			largest, most = t, size.Bytes
		}
	}
	text := fmt.Sprintf("about %d rows, %s on the server", rows, amount(bytes))
	if largest != nil {
		if speed := x.speed(ctx, largest); speed > 0 {
			text += fmt.Sprintf("; %s gave %s a second: about %s for all, if nothing slows it", largest.name, amount(int64(speed)), span(float64(bytes)/speed))
		}
	}
	x.fine("size", "%s", text)
	if bytes > largeBytes {
		x.notable("undo", "read at night, or a standby, and see that the disk of the server has room", "",
			"one view is held open while %s are read, and the server keeps whatever is changed meanwhile twice", amount(bytes))
	}
}

// speed reads some rows of a table, and tells its pace in bytes a second.
func (x *examination) speed(ctx context.Context, t *table) float64 {
	c := newChunk(t, x.one.page)
	limit, took := firstRows, time.Duration(0)
	for range 2 { // the first is for the server to wake up
		start := time.Now()
		query := t.after(t.selection(), t.within(x.one.page, extract.Range{}), limit)
		err := x.one.within(ctx, query, c.part)
		if err != nil && !errors.Is(err, errLong) || c.len() == 0 {
			return 0
		}
		took = time.Since(start)
		limit = c.next(limit)
	}
	return float64(len(c.text)) / took.Seconds()
}

// amount writes bytes for people.
func amount(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.0f MB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.0f kB", float64(bytes)/(1<<10))
}

// span writes seconds for people.
func span(seconds float64) string {
	switch {
	case seconds >= 5400:
		return fmt.Sprintf("%.1f hours", seconds/3600)
	case seconds >= 90:
		return fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return fmt.Sprintf("%.0f seconds", max(1, seconds))
}
