package checkup_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/checkup"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

// database is a server that answers as it is told.
type database struct {
	found  []extract.Finding
	tables []extract.Table
	sizes  []extract.Size
}

func (d *database) Tables(context.Context) ([]extract.Table, error) { return d.tables, nil }

func (d *database) Rows(context.Context, string, func(extract.Rejected) error) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) { yield(nil, errors.New("no record is to be read")) }
}

func (d *database) RowsIn(ctx context.Context, table string, _ extract.Range) iter.Seq2[extract.Row, error] {
	return d.Rows(ctx, table, nil)
}

func (d *database) Close() error                                           { return nil }
func (d *database) View(context.Context) (extract.View, error)             { return extract.View{}, nil }
func (d *database) Count(context.Context, string) (int64, error)           { return 0, nil }
func (d *database) Survey(context.Context) ([]extract.Size, error)         { return d.sizes, nil }
func (d *database) Examine(ctx context.Context) ([]extract.Finding, error) { return d.found, ctx.Err() }

// examine looks at a mission with one database.
func examine(t *testing.T, fields string, db extract.Source, free int64, now string) []checkup.Finding {
	t.Helper()
	dir := t.TempDir()
	config := "project: p\ncountry: ma\nsources:\n  live:\n    system: hosix\n    driver: mysql\n    dsn_file: live.dsn\n" + fields
	for name, text := range map[string]string{"sihctl.yaml": config, "live.dsn": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := time.ParseInLocation("2006-01-02 15:04", now, time.Local)
	if err != nil {
		t.Fatal(err)
	}
	found, err := checkup.Run(t.Context(), checkup.Options{
		Project: p,
		Open:    func(*project.Project, *project.Source) (extract.Source, error) { return db, nil },
		Free:    func(string) (int64, error) { return free, nil },
		Now:     func() time.Time { return clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// of returns what was found of one check.
func of(found []checkup.Finding, check string) (texts []string, level extract.Level) {
	for _, f := range found {
		if f.Check == check {
			texts, level = append(texts, f.Text), max(level, f.Level)
		}
	}
	return texts, level
}

func TestDatabase(t *testing.T) {
	table := func(name string, columns ...string) extract.Table {
		t := extract.Table{Name: name}
		for _, c := range columns {
			t.Columns = append(t.Columns, extract.Column{Name: c})
		}
		return t
	}
	const gb = 1 << 30
	large := &database{tables: []extract.Table{table("a", "x"), table("b", "y")}, sizes: []extract.Size{{Rows: 600e6, Bytes: 40 * gb}, {Rows: 5, Bytes: 100 * gb}}}
	replica := &database{found: []extract.Finding{{Check: "reach", Text: "it answers"}, {Check: "kindest-way", Text: "a replica"}}, tables: large.tables[:1], sizes: []extract.Size{{Rows: 10, Bytes: 10}}}
	refused := &database{found: []extract.Finding{{Level: extract.Faulty, Check: "login", Text: "refused", Script: "GRANT"}}}
	tests := []struct {
		name, fields string
		db           extract.Source
		free         int64
		now          string
		check, want  string // part of what was found, or nothing where nothing may be
		level        extract.Level
		stop         checkup.Stop
	}{
		{"all well", "", replica, 50 * gb, "2026-11-22 23:00", "tables", "one table will be read", extract.Fine, checkup.None},
		{"its own word first", "", replica, 50 * gb, "2026-11-22 23:00", "kindest-way", "a replica", extract.Fine, checkup.None},
		{"or ours", "", large, 50 * gb, "2026-11-22 23:00", "kindest-way", "last night's backup", extract.Notable, checkup.None},
		{"what is left out counts nowhere", "    leave_out: {b: '*'}\n", large, 50 * gb, "2026-11-22 23:00", "disk", "the sources hold 40 GB", extract.Fine, checkup.None},
		{"tight", "", large, 50 * gb, "2026-11-22 23:00", "disk", "a third is usual", extract.Notable, checkup.None},
		{"too tight", "", large, 30 * gb, "2026-11-22 23:00", "disk", "a quarter at least", extract.Faulty, checkup.Unreachable},
		{"no room at all", "", replica, 1000, "2026-11-22 23:00", "disk", "next to nothing", extract.Faulty, checkup.Unreachable},
		{"no window", "", replica, 50 * gb, "2026-11-22 23:00", "window", "any time of day", extract.Notable, checkup.None},
		{"open", "    window: 22:00-06:00\n", replica, 50 * gb, "2026-11-22 23:00", "window", "closes at 2026-11-23 06:00", extract.Fine, checkup.None},
		{"closed", "    window: 22:00-06:00\n", replica, 50 * gb, "2026-11-22 12:00", "window", "opens at 2026-11-22 22:00", extract.Notable, checkup.None},
		{"several nights", "    window: 22:00-06:00\n    max_rate: 10000\n", large, 500 * gb, "2026-11-22 12:00", "window", "about 3 nights", extract.Notable, checkup.None},
		{"a column that is not there", "    leave_out: {a: [z]}\n", large, 500 * gb, "2026-11-22 12:00", "leave-out", "the column z of a", extract.Faulty, checkup.Config},
		{"refused", "", refused, 50 * gb, "2026-11-22 23:00", "login", "refused", extract.Faulty, checkup.Unreachable},
		{"refused, and so nothing more", "", refused, 50 * gb, "2026-11-22 23:00", "tables", "", extract.Fine, checkup.Unreachable},
		{"the clock", "", replica, 50 * gb, "2001-01-01 00:00", "clock", "before sihctl.yaml was written", extract.Notable, checkup.None},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := examine(t, test.fields, test.db, test.free, test.now)
			texts, level := of(found, test.check)
			all := strings.Join(texts, "\n")
			if (test.want == "") != (all == "") || !strings.Contains(all, test.want) || level != test.level {
				t.Errorf("%s: got level %d, %q; want level %d, %q", test.check, level, all, test.level, test.want)
			}
			if got := checkup.Ends(found); got != test.stop {
				t.Errorf("got stop %d, want %d: %+v", got, test.stop, found)
			}
			seen := map[string]bool{}
			for _, f := range found {
				if f.Source == "live" && !seen["live"] && f.Check != "mapping" && f.Check != "kindest-way" {
					t.Errorf("%s stands before what is kindest", f.Check)
				}
				seen["live"] = seen["live"] || f.Check == "kindest-way"
			}
		})
	}
}
