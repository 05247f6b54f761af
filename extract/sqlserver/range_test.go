package sqlserver_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// rangeTables have keys of one, two and three columns, with groups of equal
// first values, texts that are equal but for the case of letters, and NULL.
func rangeTables() []tdstest.Table {
	one := tdstest.Table{Schema: "dbo", Name: "ONE", Key: []string{"A"}, Columns: []tdstest.Column{{Name: "V", Type: "int"}, {Name: "A", Type: "decimal(9,2)"}}}
	for i := range 9 {
		one.Rows = append(one.Rows, row(strconv.Itoa(i), fmt.Sprintf("%d.50", i-4)))
	}
	two := tdstest.Table{Schema: "dbo", Name: "TWO]", Heap: true, Key: []string{"A", "B"}, Columns: []tdstest.Column{{Name: "A", Type: "varchar(10)"}, {Name: "B", Type: "uniqueidentifier"}}}
	for i := range 12 {
		two.Rows = append(two.Rows, row([]string{"É1", "a2", "A2", "b3"}[i*i%4], fmt.Sprintf("00000000-0000-0000-0000-%012d", i)))
	}
	three := tdstest.Table{Schema: "dbo", Name: "THREE", Unique: []string{"A", "B", "C"}, Columns: []tdstest.Column{
		{Name: "A", Type: "datetime", Nullable: true}, {Name: "B", Type: "nvarchar(5)", Nullable: true}, {Name: "C", Type: "float", Nullable: true},
	}}
	for _, a := range []any{nil, "1753-01-01 00:00:00.003", "2024-02-29 12:00:00.007"} {
		for _, b := range []any{nil, "ا", "ب"} {
			for _, c := range []any{nil, "0.1", "1.7976931348623157e+308"} {
				three.Rows = append(three.Rows, row(a, b, c))
			}
		}
	}
	three.Rows = slices.Delete(three.Rows, 3, 5)
	tables := []tdstest.Table{one, two, three}
	for i := range tables {
		if err := tables[i].Sort(); err != nil {
			panic(err)
		}
	}
	return tables
}

// TestRowsIn reads every range between two rows of a table, and those that are
// open or whose ends stand in the wrong order, by chunks of two rows.
func TestRowsIn(t *testing.T) {
	cfg := config(serve(t, true, rangeTables()...))
	cfg.ChunkRows = 2
	testRanges(t, cfg, rangeTables())
}

func TestRealRowsIn(t *testing.T) {
	cfg := realServer(t)
	made, tables := create(t, cfg, true, rangeTables())
	made.ChunkRows = 2
	testRanges(t, made, tables)
}

// testRanges takes the order of the rows from the server.
func testRanges(t *testing.T, cfg sqlserver.Config, tables []tdstest.Table) {
	cfg.Notice = func(s string) {
		if strings.Contains(s, "written to") {
			t.Error(s)
		}
	}
	src := open(t, cfg)
	for _, table := range tables {
		full := table.Schema + "." + table.Name
		all := read(t, src, full)
		if len(all) != len(table.Rows) {
			t.Fatalf("%s: got %d rows, want %d", full, len(all), len(table.Rows))
		}
		key := func(i int) extract.Row {
			var out extract.Row
			for _, name := range order(table) {
				out = append(out, all[i][slices.IndexFunc(table.Columns, func(c tdstest.Column) bool { return c.Name == name })])
			}
			return out
		}
		for from := -1; from < len(all); from++ {
			for to := -1; to < len(all); to++ {
				in, want := extract.Range{}, all
				if to >= 0 {
					in.UpTo, want = key(to), want[:to+1]
				}
				if from >= 0 {
					in.After, want = key(from), want[min(from+1, len(want)):]
				}
				got, err := collectIn(t, src, full, in)
				if err != nil {
					t.Fatalf("%s: from %d to %d: %v", full, from, to, err)
				}
				if len(got)+len(want) > 0 && !cmp.Equal(want, got) {
					t.Errorf("%s: from %d to %d (-want +got):\n%s", full, from, to, cmp.Diff(want, got))
				}
			}
		}
	}
}

func collectIn(t testing.TB, src extract.Database, table string, in extract.Range) (got []extract.Row, err error) {
	t.Helper()
	for row, err := range src.RowsIn(t.Context(), table, in) {
		if err != nil {
			return got, err
		}
		got = append(got, slices.Clone(row))
	}
	return got, nil
}

// TestRowsInRefuses asks for what is no range of the table.
func TestRowsInRefuses(t *testing.T) {
	src := open(t, config(serve(t, true, hospital()...)))
	one := row("1")
	for _, test := range []struct {
		name, table string
		in          extract.Range
	}{
		{"no order", "dbo.LOG", extract.Range{}},
		{"no table", "dbo.X", extract.Range{}},
		{"too few values", "dbo.EPISODIOS]", extract.Range{After: extract.Row{one[0].Raw}}},
		{"too many", "dbo.PACIENTES", extract.Range{UpTo: extract.Row{one[0].Raw, one[0].Raw}}},
	} {
		if got, err := collectIn(t, src, test.table, test.in); err == nil || len(got) > 0 {
			t.Errorf("%s: got %d rows, error %v; want an error", test.name, len(got), err)
		}
	}
}

// TestRowsInCounts has the server lose rows in the middle of a chunk.
func TestRowsInCounts(t *testing.T) {
	for _, snapshot := range []bool{true, false} {
		table := hospital()[2]
		server := serve(t, snapshot, table)
		var notices []string
		cfg := config(server)
		cfg.ChunkRows = 100
		cfg.Notice = func(s string) { notices = append(notices, s) }
		src := open(t, cfg)
		n := 0
		var last error
		for _, err := range src.RowsIn(t.Context(), "dbo.PACIENTES", extract.Range{}) {
			if last = err; err != nil {
				break
			}
			if n++; n == 1 {
				server.SetRows("dbo.PACIENTES", table.Rows[1:]) // the row that was read is gone
			}
		}
		noticed := slices.ContainsFunc(notices, func(s string) bool { return strings.Contains(s, "7 rows read, 6 after") })
		if last != nil || n != 7 || noticed == snapshot {
			t.Errorf("snapshot=%v: got %d rows, error %v, notices %q", snapshot, n, last, notices)
		}
	}
}

func TestView(t *testing.T) {
	for _, snapshot := range []bool{true, false} {
		server := serve(t, snapshot, hospital()...)
		src := open(t, config(server))
		begin := time.Now()
		first, err := src.View(t.Context())
		if err != nil || first.Consistent != snapshot || first.Opened.Before(begin) || first.Opened.After(time.Now()) || first.Opened.Location() != time.UTC {
			t.Errorf("snapshot=%v: got %+v, error %v", snapshot, first, err)
		}
		read(t, src, "dbo.PACIENTES")
		if again, err := src.View(t.Context()); err != nil || !cmp.Equal(first, again) {
			t.Errorf("snapshot=%v: got %+v after %+v, error %v", snapshot, again, first, err)
		}
		server.Arm(tdstest.Fault{Kind: tdstest.Drop, Table: "dbo.PACIENTES"})
		if _, err := collectIn(t, src, "dbo.PACIENTES", extract.Range{}); err == nil {
			t.Error("a connection was lost: no error")
		}
		if other, err := src.View(t.Context()); err != nil || !other.Opened.After(first.Opened) {
			t.Errorf("snapshot=%v: got %+v after %+v was lost, error %v", snapshot, other, first, err)
		}
	}
}

func TestCountAndSurvey(t *testing.T) {
	server := serve(t, true, hospital()...)
	src := open(t, config(server))
	sizes, err := src.Survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want []extract.Size
	for _, table := range hospital() {
		n := int64(len(table.Rows))
		want = append(want, extract.Size{Rows: n, Bytes: (n + 99) / 100 * 8192})
		if got, err := src.Count(t.Context(), table.Schema+"."+table.Name); err != nil || got != n {
			t.Errorf("%s: got %d, error %v; want %d", table.Name, got, err, n)
		}
	}
	if diff := cmp.Diff(want, sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
	if _, err := src.Count(t.Context(), "dbo.X"); err == nil {
		t.Error("a table that is not there was counted")
	}
}
