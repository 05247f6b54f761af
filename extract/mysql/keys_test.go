package mysql_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// fill inserts the rows 0 to n-1 of a table in any order.
func fill(t testing.TB, db *sql.DB, table string, n int, row func(i int) string) {
	t.Helper()
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for part := range slices.Chunk(order, 1000) {
		list := make([]string, len(part))
		for i, at := range part {
			list[i] = row(at)
		}
		mariadbtest.Exec(t, db, "INSERT INTO "+table+" VALUES "+strings.Join(list, ","))
	}
}

// line writes a row for comparison.
func line(row extract.Row) string {
	var b strings.Builder
	for _, v := range row {
		fmt.Fprintf(&b, "%q %t %t|", v.Text, v.Null, v.Bytes)
	}
	return b.String()
}

// Every row of a table comes once and in the server's own order, whatever its
// key is made of and wherever statements begin.
func TestKeys(t *testing.T) {
	const n = 3*mysql.FirstRows + 100
	letters := []string{"a", "B", "é", "ب", "_", "%", "'", `\`, "ß", "z", "10", " x"}
	word := func(i int) string {
		s := ""
		for range 5 {
			s += letters[i%len(letters)]
			i /= len(letters)
		}
		return strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s)
	}
	tests := []struct {
		name  string
		keyed bool // read by its key
		ddl   string
		order string
		row   func(i int) string
	}{
		{"int", true, "k INT PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d)", i-n/2) }},
		{"int, not the first column", true, "v INT, k INT, PRIMARY KEY (k)", "k", func(i int) string { return fmt.Sprintf("(NULL,%d)", i) }},
		{"bigint unsigned", true, "k BIGINT UNSIGNED PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d)", ^uint64(0)-uint64(i)) }},
		{"bigint", true, "k BIGINT PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d)", 9007199254740992+int64(i)) }},
		{"decimal", true, "k DECIMAL(40,20) PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(10000000000000000000.%020d)", i) }},
		{"zerofill", true, "k INT(8) ZEROFILL PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d)", i) }},
		{"bit", true, "k BIT(64) PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d)", ^uint64(0)-uint64(i)) }},
		{"text, any case and accent", true, "k VARCHAR(40) COLLATE utf8mb4_unicode_ci PRIMARY KEY", "k", func(i int) string { return "('" + word(i) + fmt.Sprintf("%04d", i) + "')" }},
		{"text, as bytes", true, "k VARCHAR(40) COLLATE utf8mb4_bin PRIMARY KEY", "k", func(i int) string { return "('" + word(i) + fmt.Sprintf("%04d", i) + "')" }},
		{"latin1", true, "k VARCHAR(40) CHARACTER SET latin1 PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(X'%02X%02X%04d')", 0x80+i%128, 0x80+i/128%128, i) }},
		{"char", true, "k CHAR(10) CHARACTER SET latin1 COLLATE latin1_bin PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("('H%05d')", i) }},
		{"binary", true, "k VARBINARY(10) PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(X'%02X00%02X27%04X')", i%256, 255-i%256, i) }},
		{"date", true, "k DATE PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("('%04d-%02d-%02d')", 1800+i/390, i%390/30, i%30) }},
		{"datetime", true, "k DATETIME(6) PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("('2024-00-00 00:00:00.%06d')", i) }},
		{"timestamp", true, "k TIMESTAMP(3) DEFAULT '2000-01-01' PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(FROM_UNIXTIME(1711850000+%d))", i) }},
		{"time", true, "k TIME(3) PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(SEC_TO_TIME(%d.5))", (i-n/2)*1000) }},
		{"year and int", true, "y YEAR, k INT, PRIMARY KEY (y, k)", "y, k", func(i int) string { return fmt.Sprintf("(%d,%d)", 2000+i%3, i) }},
		{"three columns", true, "a VARCHAR(10), b DATE, c INT, PRIMARY KEY (c, a, b)", "c, a, b", func(i int) string {
			return fmt.Sprintf("('%s','2024-%02d-00',%d)", []string{"é", "F", ""}[i%3], i/3%13, i/39)
		}},
		{"three columns of MyISAM", true, "a VARCHAR(10), b DATE, c INT, PRIMARY KEY (c, a, b)) ENGINE=MyISAM", "c, a, b", func(i int) string {
			return fmt.Sprintf("('%s','2024-%02d-00',%d)", []string{"é", "F", ""}[i%3], i/3%13, i/39)
		}},
		{"unique instead of primary", true, "a INT, u INT NOT NULL, UNIQUE (a), UNIQUE (u)", "u", func(i int) string { return fmt.Sprintf("(NULL,%d)", i) }},
		{"unique instead of unfit primary", true, "a FLOAT PRIMARY KEY, u INT NOT NULL UNIQUE", "u", func(i int) string { return fmt.Sprintf("(%d.5,%d)", i, n-i) }},
		{"unique that may be NULL", false, "u INT, UNIQUE (u)", "u", func(i int) string { return fmt.Sprintf("(%d)", i) }},
		{"float", false, "k FLOAT PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d.1)", i) }},
		{"double", false, "k DOUBLE PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(%d.1)", i) }},
		{"enum", false, "e ENUM('z','a') NOT NULL, k INT, PRIMARY KEY (e, k)", "e, k", func(i int) string { return fmt.Sprintf("(%d,%d)", 1+i%2, i) }},
		{"prefix", false, "k TEXT NOT NULL, PRIMARY KEY (k(10))", "", func(i int) string { return fmt.Sprintf("('%010d and more')", i) }},
		{"cp1256", true, "k VARCHAR(20) CHARACTER SET cp1256 PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(X'%02X%02X%04d')", 0xC0+i%64, 0x80+i/64%128, i) }},
		{"greek, with bytes that mean nothing", true, "k VARCHAR(20) CHARACTER SET greek COLLATE greek_bin PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("(X'%02X%02X%04d')", 0x80+i%128, 0xD2, i) }},
		{"sjis", false, "k VARCHAR(20) CHARACTER SET sjis PRIMARY KEY", "k", func(i int) string { return fmt.Sprintf("('%05d')", i) }},
		{"falling", true, "k INT, PRIMARY KEY (k DESC)", "k", func(i int) string { return fmt.Sprintf("(%d)", i) }},
		{"rising and falling", false, "a INT, b INT, PRIMARY KEY (a, b DESC)", "", func(i int) string { return fmt.Sprintf("(%d,%d)", i%7, i) }},
		{"ignored", false, "a FLOAT PRIMARY KEY, k INT NOT NULL, UNIQUE (k) IGNORED", "", func(i int) string { return fmt.Sprintf("(%d.5,%d)", i, i) }},
		{"hash", false, "k INT, PRIMARY KEY USING HASH (k)) ENGINE=MEMORY", "", func(i int) string { return fmt.Sprintf("(%d)", i) }},
		{"none", false, "k INT", "", func(i int) string { return fmt.Sprintf("(%d)", i/2) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, db := server.Create(t)
			ddl := test.ddl
			if !strings.Contains(ddl, "ENGINE") {
				ddl += ")"
			}
			if lacks(t, db, "CREATE TABLE t ("+ddl) {
				return
			}
			fill(t, db, "t", n, test.row)
			src := open(t, name)
			// MySQL before 8 takes a falling column for a rising one.
			old := os.Getenv(mariadbtest.Env) != "" && test.name == "rising and falling"
			if keyed, _ := src.ByKey(t.Context(), "t"); keyed != test.keyed && !old {
				t.Errorf("read by its key: got %v, want %v", keyed, test.keyed)
			}
			var got []string
			for _, row := range read(t, src, "t") {
				got = append(got, line(row))
			}
			if len(got) != n {
				t.Errorf("got %d rows, want %d", len(got), n)
			}
			if test.keyed {
				parts(t, src, got)
			}
			// The server's own order, in one statement over another connection.
			if test.keyed {
				mariadbtest.Exec(t, db, "RENAME TABLE t TO u", "CREATE TABLE t AS SELECT * FROM u ORDER BY "+test.order)
				var want []string
				for _, row := range read(t, open(t, name), "t") {
					want = append(want, line(row))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("rows (-server's order +got):\n%.2000s", diff)
				}
				return
			}
			slices.Sort(got)
			if test.name != "none" && len(slices.Compact(got)) != n {
				t.Error("a row came twice")
			}
		})
	}
}

// parts reads a table in parts, each up to the key of a row and on from there,
// and compares them with the whole.
func parts(t *testing.T, src *mysql.Source, want []string) {
	t.Helper()
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var places []int
	for _, name := range tables[0].Order {
		places = append(places, slices.IndexFunc(tables[0].Columns, func(c extract.Column) bool { return c.Name == name }))
	}
	key := func(row extract.Row) (key extract.Row) {
		for _, at := range places {
			key = append(key, row[at])
		}
		return key
	}
	var keys []extract.Row
	for _, row := range read(t, src, "t") {
		keys = append(keys, key(row))
	}
	var got []string
	var in extract.Range
	for _, at := range []int{0, 1, 38, 39, 40, 1023, 1024, 1025, 2999, len(keys) - 2, len(keys) - 1, -1} {
		in.UpTo = nil
		if at >= 0 {
			in.UpTo = keys[at]
		}
		for row, err := range src.RowsIn(t.Context(), "t", in) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, line(row))
		}
		if at >= 0 && len(got) != at+1 {
			t.Fatalf("up to row %d: got %d rows", at, len(got))
		}
		in.After = in.UpTo
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-whole +got):\n%.2000s", diff)
	}
}

// A range is of the table's order, or refused; none of it stands in a statement
// as more than a value.
func TestRangesThatAreNone(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE n (a INT, b DECIMAL(9,2), PRIMARY KEY (a, b))", "INSERT INTO n VALUES (1,1.5),(2,2.5)",
		"CREATE TABLE s (k VARCHAR(40) PRIMARY KEY)", "INSERT INTO s VALUES ('a'),('b')", "CREATE TABLE keyless (k INT)")
	src := open(t, name)
	for _, test := range []struct {
		table string
		row   extract.Row
	}{
		{"n", extract.Row{text("1")}},
		{"n", extract.Row{text("1"), text("1.5"), text("1")}},
		{"n", extract.Row{text("1"), sih.Null}},
		{"n", extract.Row{text("1 OR 1=1"), text("1.5")}},
		{"n", extract.Row{text("1"), text("1.5; DROP TABLE n")}},
		{"n", extract.Row{text(""), text("1.5")}},
		{"n", extract.Row{}},
		{"keyless", extract.Row{text("1")}},
	} {
		for _, in := range []extract.Range{{After: test.row}, {UpTo: test.row}} {
			n := 0
			var last error
			for _, last = range src.RowsIn(t.Context(), test.table, in) {
				n++
			}
			if n != 1 || last == nil {
				t.Errorf("%s, %v: got %d values, error %v; want one error", test.table, in, n, last)
			}
		}
	}
	for range src.RowsIn(t.Context(), "s", extract.Range{After: extract.Row{text("' OR 1=1 -- ")}, UpTo: extract.Row{text("' OR 'a'='a")}}) {
		t.Error("a row of a range that holds none")
	}
}

// The server finds where a statement goes on by the key, and reads no more
// than it gives.
func TestStatementsGoByTheKey(t *testing.T) {
	tests := []struct {
		ddl string
		row func(i int) string
		key []string
	}{
		{"k INT PRIMARY KEY", func(i int) string { return fmt.Sprintf("(%d)", i) }, []string{"2500"}},
		{"k DECIMAL(40,20) PRIMARY KEY", func(i int) string { return fmt.Sprintf("(%d.5)", i) }, []string{"2500.50000000000000000000"}},
		{"k VARCHAR(20) CHARACTER SET latin1 PRIMARY KEY", func(i int) string { return fmt.Sprintf("('é%05d')", i) }, []string{"é02500"}},
		{"k VARCHAR(20) CHARACTER SET utf8 PRIMARY KEY", func(i int) string { return fmt.Sprintf("('ب%05d')", i) }, []string{"ب02500"}},
		{"k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY", func(i int) string { return fmt.Sprintf("('ب%05d')", i) }, []string{"ب02500"}},
		{"k VARCHAR(20) CHARACTER SET cp1256 PRIMARY KEY", func(i int) string { return fmt.Sprintf("('ب%05d')", i) }, []string{"ب02500"}},
		{"k DATETIME PRIMARY KEY", func(i int) string { return fmt.Sprintf("(FROM_UNIXTIME(%d))", 1000000000+i*86400) }, []string{"2008-07-00 00:00:00"}},
		{"k BIT(40) PRIMARY KEY", func(i int) string { return fmt.Sprintf("(%d)", i) }, []string{"2500"}},
		{"k VARBINARY(20) PRIMARY KEY", func(i int) string { return fmt.Sprintf("('%05d')", i) }, []string{"02500"}},
		{"a CHAR(3), b DATE, c INT, PRIMARY KEY (a, b, c)", func(i int) string { return fmt.Sprintf("('H%02d','2024-%02d-00',%d)", i/300, i/30%10, i) }, []string{"H08", "2024-03-00", "2500"}},
	}
	for _, test := range tests {
		name, db := server.Create(t)
		mariadbtest.Exec(t, db, "CREATE TABLE t ("+test.ddl+")")
		fill(t, db, "t", 3000, test.row)
		mariadbtest.Exec(t, db, "ANALYZE TABLE t")
		_, query := open(t, name).ByKey(t.Context(), "t", test.key...)
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mariadbtest.Run(t, conn, "FLUSH STATUS")
		rows, err := conn.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		touched := 0
		status, err := conn.QueryContext(t.Context(), "SHOW SESSION STATUS LIKE 'Handler_read%'")
		if err != nil {
			t.Fatal(err)
		}
		for status.Next() {
			var counter string
			var n int
			if err := status.Scan(&counter, &n); err != nil {
				t.Fatal(err)
			}
			if counter != "Handler_read_rnd_deleted" {
				touched += n
			}
		}
		if err := status.Close(); err != nil {
			t.Fatal(err)
		}
		if touched < 10 || touched > 25 {
			t.Errorf("%s: the server touched %d rows to give 10:\n%s", test.ddl, touched, query)
		}
		conn.Close()
	}
}
