package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// The region that the acceptance tests begin with: small, for the race
// detector makes everything some eight times slower, and yet with every
// defect's kind in it.
const (
	regionPatients = "100"
	regionSeed     = "11"
)

// A province is a demo's folder with what its records say of people, which must
// never be seen outside the store.
type province struct {
	dir     string
	secrets *secrets
	tables  map[string][]string
	cells   map[string][]string
}

// scratch is removed when all tests are over.
var scratch string

// withScratch runs tests and then clears what they share.
type withScratch struct{ m *testing.M }

func (w withScratch) Run() int {
	// What the program says is held in English, whatever the machine speaks.
	os.Unsetenv("LC_ALL")
	os.Unsetenv("LC_MESSAGES")
	os.Setenv("LANG", "C")
	defer func() {
		if scratch != "" {
			os.RemoveAll(scratch)
		}
		stopMaria()
	}()
	return w.m.Run()
}

// migrated makes the shared region once, migrates it without disturbance, and
// remembers what came of it.
var migrated = sync.OnceValues(func() (*province, error) {
	var err error
	if scratch, err = os.MkdirTemp("", "sihctl-acceptance-"); err != nil {
		return nil, err
	}
	r := &province{dir: filepath.Join(scratch, "region")}
	var stdout, stderr bytes.Buffer
	if c := run([]string{"demo", "--dir", r.dir, "--patients", regionPatients, "--seed", regionSeed, "--lang", "en"}, &stdout, &stderr); c != exitDone {
		return nil, fmt.Errorf("demo ended with %d: %s", c, &stderr)
	}
	if r.secrets, err = readSecrets(r.dir); err != nil {
		return nil, err
	}
	if r.tables, err = readTables(filepath.Join(r.dir, "unified.db")); err != nil {
		return nil, err
	}
	r.cells, err = readCells(filepath.Join(r.dir, "reconciliation.xlsx"))
	return r, err
})

func sharedRegion(t testing.TB) *province {
	t.Helper()
	r, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// whole returns a copy of the migrated region.
func (r *province) whole(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, region: r, dir: filepath.Join(t.TempDir(), "p")}
	if err := os.CopyFS(s.dir, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	return s
}

// made lists what a migration of the region makes; the rest is its input.
var made = []string{
	"unified.db", "unified.db.partial", "reconciliation.xlsx", "sihctl.db",
	"stage", "match", "load", "snapshots/dedalus", "snapshots/essp",
}

// fresh returns a copy of the region before its migration.
func (r *province) fresh(t testing.TB) *site {
	t.Helper()
	s := r.whole(t)
	s.remove(made...)
	return s
}

// A site is a project that a test may spoil.
type site struct {
	t      testing.TB
	region *province
	dir    string
}

func (s *site) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// remove removes files and folders, a database with what lies beside it.
func (s *site) remove(names ...string) {
	s.t.Helper()
	for _, name := range names {
		for _, end := range []string{"", "-wal", "-shm"} {
			s.check(os.RemoveAll(s.path(name) + end))
		}
	}
}

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// edit replaces old in a file, which must hold it.
func (s *site) edit(name, old, text string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		s.t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(s.path(name), bytes.Replace(data, []byte(old), []byte(text), 1), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// ended is what became of a command.
type ended struct {
	code           int
	stdout, stderr string
}

// run runs a command on the site within this process. Whatever comes of it,
// none of the region's people may be seen in it.
func (s *site) run(args ...string) ended {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	c := run(append(args, "--project", s.dir), &stdout, &stderr)
	e := ended{c, stdout.String(), stderr.String()}
	s.private(e)
	return e
}

// must runs a command that has to end with the given code.
func (s *site) must(want int, args ...string) ended {
	s.t.Helper()
	e := s.run(args...)
	if e.code != want {
		s.t.Fatalf("sihctl %s: got exit code %d, want %d; stderr:\n%s", strings.Join(args, " "), e.code, want, e.stderr)
	}
	return e
}

// demo goes on with the site's demo, by the region's own clock.
func (s *site) demo(args ...string) ended {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	c := run(append(s.demoArgs(), args...), &stdout, &stderr)
	e := ended{c, stdout.String(), stderr.String()}
	s.private(e)
	if c != exitDone {
		s.t.Fatalf("demo: got exit code %d; stderr:\n%s", c, &stderr)
	}
	return e
}

func (s *site) demoArgs() []string {
	return []string{"demo", "--dir", s.dir, "--patients", regionPatients, "--seed", regionSeed, "--lang", "en"}
}

// equal holds the site's store and workbook against the undisturbed ones.
func (s *site) equal(what string) {
	s.t.Helper()
	tables, err := readTables(s.path("unified.db"))
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
	compare(s.t, what+": table", s.region.tables, tables)
	cells, err := readCells(s.path("reconciliation.xlsx"))
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
	compare(s.t, what+": sheet", withoutClocks(s.region.cells), withoutClocks(cells))
}

// compare reports the first line in which each list differs.
func compare(t testing.TB, what string, want, got map[string][]string) {
	t.Helper()
	names := func(m map[string][]string) (out []string) {
		for name := range m {
			out = append(out, name)
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(names(want), names(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	for _, name := range names(want) {
		a, b := want[name], got[name]
		for i := range max(len(a), len(b)) {
			switch {
			case i >= len(a):
				t.Errorf("%s %s has a line too many: %s", what, name, b[i])
			case i >= len(b):
				t.Errorf("%s %s lacks %s", what, name, a[i])
			case a[i] != b[i]:
				t.Errorf("%s %s, line %d: got\n…%s\nwant\n…%s", what, name, i+1, around(b[i], a[i]), around(a[i], b[i]))
			default:
				continue
			}
			break
		}
	}
}

// around returns what a has where it begins to differ from b.
func around(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return a[max(0, at-80):min(len(a), at+120)]
}

// clocks matches what says when a run was and after which others, not what it
// did. A snapshot's manifest tells of the audit log before it; that its rows are
// the same shows in the run's id, which follows from them.
var clocks = regexp.MustCompile(`\b(started|finished|updated|loaded|decided|checked|applied)_at=\S+ "[^"]*"|"Last line of the audit log" "[^"]*"|"snapshot \(SHA-256\)" "[^"]*" "[^"]*"`)

// withoutClocks returns the rows of tables without their clock columns.
func withoutClocks(tables map[string][]string) map[string][]string {
	out := map[string][]string{}
	for name, rows := range tables {
		for _, row := range rows {
			out[name] = append(out[name], clocks.ReplaceAllLiteralString(row, ""))
		}
	}
	return out
}

// readTables returns every row of every table of a store, in the order of the
// primary key.
func readTables(path string) (map[string][]string, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	query := func(sql string, row func(*sqlite.Stmt)) error {
		return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error { row(s); return nil }})
	}
	out := map[string][]string{}
	var tables []string
	if err := query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1", func(s *sqlite.Stmt) {
		tables = append(tables, s.ColumnText(0))
	}); err != nil {
		return nil, err
	}
	for _, table := range tables {
		var key []string
		if err := query(fmt.Sprintf("SELECT name FROM pragma_table_info('%s') WHERE pk > 0 ORDER BY pk", table), func(s *sqlite.Stmt) {
			key = append(key, s.ColumnText(0))
		}); err != nil {
			return nil, err
		}
		if len(key) == 0 {
			return nil, fmt.Errorf("table %s has no primary key", table)
		}
		rows := []string{}
		if err := query(fmt.Sprintf("SELECT * FROM %s ORDER BY %s", table, strings.Join(key, ", ")), func(s *sqlite.Stmt) {
			var b strings.Builder
			for i := range s.ColumnCount() {
				fmt.Fprintf(&b, "%s=%s %q | ", s.ColumnName(i), s.ColumnType(i), s.ColumnText(i))
			}
			rows = append(rows, b.String())
		}); err != nil {
			return nil, err
		}
		out[table] = rows
	}
	return out, nil
}

// readCells returns the rows of every sheet of a workbook as they are stored.
func readCells(path string) (map[string][]string, error) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		lines := []string{}
		for _, row := range rows {
			lines = append(lines, fmt.Sprintf("%q", row))
		}
		out[name] = lines
	}
	return out, nil
}

// hash of a file's content, or nothing where there is none.
func (s *site) content(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	return string(data)
}

// oneSentence wants an error of a line that says all of words, and at most a
// hint after it.
func (e ended) oneSentence(t testing.TB, words ...string) {
	t.Helper()
	var lines, hints int
	for line := range strings.Lines(e.stderr) {
		switch {
		case strings.HasPrefix(line, "sihctl: "):
			lines++
		case strings.HasPrefix(line, "hint: "):
			hints++
		}
	}
	if lines != 1 || hints > 1 {
		t.Errorf("got %d lines of error and %d of hints, want one and at most one:\n%s", lines, hints, e.stderr)
	}
	for _, w := range words {
		if !strings.Contains(e.stderr, w) {
			t.Errorf("stderr does not say %q:\n%s", w, e.stderr)
		}
	}
	if strings.Contains(e.stderr, "goroutine ") || strings.Contains(e.stderr, "panic") {
		t.Errorf("it crashed:\n%s", e.stderr)
	}
}

// fileNames lists the names of all files below dir.
func fileNames(dir string) (out []string, err error) {
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	return out, err
}
