package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// keyRows is how many rows the tables of the tests have: several statements.
const keyRows = 3*postgres.FirstRows + 100

// letters makes of a number a word in which case, accents and scripts are mixed.
const letters = `(SELECT string_agg((ARRAY['a','B','é','ب','_','%','''','\','ß','z','10',' x'])[1 + i / (12 ^ d)::int % 12], '') FROM generate_series(0, 4) AS d)`

// keyTests are tables with keys of all kinds. In each row, i counts from 1.
var keyTests = []struct {
	name  string
	keyed bool   // read by its key
	ddl   string // of the table
	order string // of its rows on the server
	row   string
}{
	{"integer", true, "k integer PRIMARY KEY", "k", "i - 1500"},
	{"integer, not the first column", true, "v text, k integer, PRIMARY KEY (k)", "k", "NULL, i"},
	{"bigint", true, "k bigint PRIMARY KEY", "k", "9007199254740992 + i"},
	{"numeric", true, "k numeric(40,20) PRIMARY KEY", "k", "10000000000000000000 + i * 0.00000000000000000001"},
	{"numeric of any scale", true, "k numeric PRIMARY KEY", "k", "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' WHEN 3 THEN '-Infinity' ELSE i / 7.0 END"},
	{"double precision", true, "k double precision PRIMARY KEY", "k", "CASE i WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE i / 3.0::float8 END"},
	{"real", true, "k real PRIMARY KEY", "k", "(i / 3.0)::real"},
	{"boolean and integer", true, "b boolean, k integer, PRIMARY KEY (b, k)", "b, k", "i % 2 = 0, i"},
	{"text", true, "k text PRIMARY KEY", "k", letters + " || i"},
	{"text of the root collation", true, `k text COLLATE "und-x-icu" PRIMARY KEY`, "k", letters + " || i"},
	{"text that ignores case", true, `k text COLLATE nocase PRIMARY KEY`, "k", letters + " || i"},
	{"text, C", true, `k text COLLATE "C" PRIMARY KEY`, "k", letters + " || i"},
	{"varchar", true, "k varchar(40) PRIMARY KEY", "k", letters + " || i"},
	{"char", true, "k char(10) PRIMARY KEY", "k", "'H' || i"},
	{"bytea", true, "k bytea PRIMARY KEY", "k", `'\x0027'::bytea || int4send(i)`},
	{"date", true, "k date PRIMARY KEY", "k", "CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE '0001-06-01'::date + i - 1000 END"},
	{"timestamp", true, "k timestamp PRIMARY KEY", "k", "'2024-01-01'::timestamp + i * interval '1 microsecond'"},
	{"timestamptz", true, "k timestamptz(3) PRIMARY KEY", "k", "'2024-03-31'::timestamptz + i * interval '7.001 s'"},
	{"time", true, "k time PRIMARY KEY", "k", "'00:00'::time + i * interval '1.5 s'"},
	{"timetz", true, "k timetz PRIMARY KEY", "k", "('00:00'::time + i / 3 * interval '1.5 s') AT TIME ZONE (i % 3 * interval '1 hour')"},
	{"interval", true, "k interval PRIMARY KEY", "k", "(i - 1500) * interval '1 day 3 hours 0.5 s'"},
	{"uuid", true, "k uuid PRIMARY KEY", "k", "md5(i::text)::uuid"},
	{"enum and integer", true, "e sexe, k integer, PRIMARY KEY (e, k)", "e, k", "(ARRAY['masculin','féminin'])[1 + i % 2]::sexe, i"},
	{"domain", true, "k cin PRIMARY KEY", "k", "'A' || i"},
	{"bits", true, "k bit(12) PRIMARY KEY", "k", "i::bit(12)"},
	{"inet", true, "k inet PRIMARY KEY", "k", "'10.0.0.0'::inet + i"},
	{"three columns", true, "a varchar(10), b date, c integer, PRIMARY KEY (c, a, b)", "c, a, b", "(ARRAY['é','F',''])[1 + i % 3], '2024-01-01'::date + i / 3 % 13, i / 39"},
	{"unique instead of primary", true, "a integer UNIQUE, u integer NOT NULL UNIQUE", "u", "NULL, i"},
	{"unique of few columns before one of many", true, "a integer NOT NULL, b integer NOT NULL, c integer NOT NULL, UNIQUE (a, b), UNIQUE (c)", "c", "i % 7, i, 4000 - i"},
	{"unique with another column aboard", true, "a integer NOT NULL, b integer, UNIQUE (a) INCLUDE (b)", "a", "i, NULL"},
	{"unique instead of unfit primary", true, "a jsonb PRIMARY KEY, u integer NOT NULL UNIQUE", "u", "to_jsonb(i), 4000 - i"},
	{"descending", true, "k integer NOT NULL); CREATE UNIQUE INDEX ON t (k DESC", "k", "i"},
	{"partitioned by range", true, "a integer, b integer, PRIMARY KEY (a, b)) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (3); CREATE TABLE t2 PARTITION OF t DEFAULT PARTITION BY LIST (a); CREATE TABLE t3 PARTITION OF t2 DEFAULT; CREATE TABLE t4 PARTITION OF t2 FOR VALUES IN (4", "a, b", "i % 7, i"},
	{"partitioned by hash", true, "k integer PRIMARY KEY) PARTITION BY HASH (k); CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1", "k", "i"},
	{"partitioned without a key", false, "k integer) PARTITION BY HASH (k); CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE t2 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1", "k", "i"},
	{"unique that may be NULL", false, "u integer UNIQUE", "u", "NULLIF(i, 5)"},
	{"unique over a part", false, "u integer NOT NULL); CREATE UNIQUE INDEX ON t (u) WHERE (u > 5", "u", "i"},
	{"unique over an expression", false, "u text NOT NULL); CREATE UNIQUE INDEX ON t (lower(u)", "u", "i"},
	{"unique under another collation", false, `u text NOT NULL); CREATE UNIQUE INDEX ON t (u COLLATE "C"`, "u", "i"},
	{"unique under another order", false, "u text NOT NULL); CREATE UNIQUE INDEX ON t (u text_pattern_ops", "u", "i"},
	{"both directions", false, "a integer NOT NULL, b integer NOT NULL); CREATE UNIQUE INDEX ON t (a, b DESC", "a, b", "i % 7, i"},
	{"text of an extension", false, "k citext PRIMARY KEY", "k", "'a' || i"},
	{"money", false, "k money PRIMARY KEY", "k", "i"},
	{"array", false, "k integer[] PRIMARY KEY", "k", "ARRAY[i]"},
	{"none", false, "k integer", "k", "i / 2"},
}

// Every row of a table comes once and in the server's own order, whatever its
// key is made of and wherever statements begin. So do those of a range.
func TestKeys(t *testing.T) {
	name, db := server.Create(t)
	postgrestest.Exec(t, db, types...)
	postgrestest.Exec(t, db, "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
	for _, test := range keyTests {
		t.Run(test.name, func(t *testing.T) {
			postgrestest.Exec(t, db, "CREATE TABLE t ("+test.ddl+")",
				fmt.Sprintf("INSERT INTO t SELECT %s FROM generate_series(1, %d) AS i ORDER BY md5(i::text)", test.row, keyRows))
			src := open(t, name)
			defer postgrestest.Exec(t, db, "DROP TABLE t")
			defer src.Close()
			tables, err := src.Tables(t.Context())
			if err != nil || len(tables) != 1 {
				t.Fatalf("got tables %v, error %v", tables, err)
			}
			order := tables[0].Order
			if (order != nil) != test.keyed || test.keyed && strings.Join(order, ", ") != test.order {
				t.Errorf("read by %v, want by its key: %v", order, test.keyed)
			}
			got := lines(read(t, src, "public.t"))
			if len(got) != keyRows {
				t.Errorf("got %d rows, want %d", len(got), keyRows)
			}
			if !test.keyed {
				slices.Sort(got)
				if test.name != "none" && len(slices.Compact(got)) != keyRows {
					t.Error("a row came twice")
				}
				return
			}
			// The server's own order, in one statement, of what is no table to
			// be read by a key.
			postgrestest.Exec(t, db, "CREATE TABLE sorted AS SELECT * FROM t ORDER BY "+test.order)
			defer postgrestest.Exec(t, db, "DROP TABLE sorted")
			other := open(t, name)
			defer other.Close()
			if diff := cmp.Diff(lines(read(t, other, "public.sorted")), got); diff != "" {
				t.Errorf("rows (-server's order +got):\n%.2000s", diff)
			}
			ranges(t, src, order, got)
			// The key finds where a statement goes on, nothing is sorted.
			rows := read(t, src, "public.t")
			plan := explain(t, db, src.Statement(t.Context(), "public.t", extract.Range{After: key(tables[0], rows[500]), UpTo: key(tables[0], rows[900])}, 100))
			if strings.Contains(plan, "Sort  (") || strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index Cond") {
				t.Errorf("not read by the key:\n%s", plan)
			}
		})
	}
}

// ranges reads parts of a table and compares them with the whole.
func ranges(t *testing.T, src *postgres.Source, order []string, whole []string) {
	t.Helper()
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := read(t, src, "public.t")
	for _, part := range [][2]int{{-1, len(rows) - 1}, {0, 0}, {10, 11}, {1500, 2800}, {-1, 5}, {len(rows) - 3, len(rows)}, {-1, len(rows)}} {
		in := extract.Range{}
		from, to := part[0]+1, min(part[1], len(rows)-1)+1
		if part[0] >= 0 {
			in.After = key(tables[0], rows[part[0]])
		}
		if part[1] < len(rows) {
			in.UpTo = key(tables[0], rows[part[1]])
		}
		var got []extract.Row
		for row, err := range src.RowsIn(t.Context(), "public.t", in) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, slices.Clone(row))
		}
		if diff := cmp.Diff(strings.Join(whole[from:to], "\n"), strings.Join(lines(got), "\n")); diff != "" {
			t.Errorf("rows behind %d up to %d by %v (-want +got):\n%.1000s", part[0], part[1], order, diff)
		}
	}
}

// key takes the values of a table's order out of a row.
func key(table extract.Table, row extract.Row) (key extract.Row) {
	for _, name := range table.Order {
		key = append(key, row[slices.IndexFunc(table.Columns, func(c extract.Column) bool { return c.Name == name })])
	}
	return key
}

// lines writes rows for comparison.
func lines(rows []extract.Row) (list []string) {
	for _, row := range rows {
		var b strings.Builder
		for _, v := range row {
			fmt.Fprintf(&b, "%q %t %t|", v.Text, v.Null, v.Bytes)
		}
		list = append(list, b.String())
	}
	return list
}
