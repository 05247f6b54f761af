package mysql_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// benchRows is how many rows the benchmarks read, of twenty columns each.
const benchRows = 100000

const wide = `(id INT PRIMARY KEY, nom VARCHAR(30) CHARACTER SET latin1, prenom VARCHAR(30), nom_ar VARCHAR(60),
	ancien VARCHAR(30) CHARACTER SET latin1, cp VARCHAR(30) CHARACTER SET cp1256, naissance DATE, entree DATETIME, sortie DATETIME,
	montant DECIMAL(10,2), part DECIMAL(10,2), n1 INT, n2 INT, n3 BIGINT, actif TINYINT(1), code CHAR(8), motif VARCHAR(100),
	adresse VARCHAR(100), telephone VARCHAR(20), cin VARCHAR(12))`

// wideRow is a row of made-up fields, three of a hundred with dates that are
// none.
func wideRow(i int) string {
	birth := fmt.Sprintf("%d-%02d-%02d", 1930+i%90, 1+i%12, 1+i%28)
	switch i % 67 {
	case 0:
		birth = "0000-00-00"
	case 1:
		birth = fmt.Sprintf("%d-00-00", 1930+i%90)
	}
	return fmt.Sprintf("(%d,'BÉNALI %d','Fatima','بنعلي',X'C8E4DAE1ED%02X','بنع','%s','2024-01-02 03:04:05',NULL,%d.50,%d.25,%d,%d,%d,%d,'C%07d','douleur %s','12 rue %d','06%08d','AB%d')",
		i, i, 0xC7+i%16, birth, i, i/2, i, i*3, i*7, i%2, i, strings.Repeat("x", i%40), i, i, i)
}

// BenchmarkSource reads a table of 100,000 rows, and by turns scans the same
// with the driver alone, which keeps nothing; ratio is the part of the bare
// scan's rate that the source comes to.
func BenchmarkSource(b *testing.B) {
	name, db := server.Create(b)
	mariadbtest.Exec(b, db, "CREATE TABLE t "+wide)
	fill(b, db, "t", benchRows, wideRow)
	src := open(b, name)
	var ours, bare time.Duration
	for b.Loop() {
		start := time.Now()
		n := 0
		for _, err := range src.Rows(b.Context(), "t", nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		half := time.Now()
		src.Forget() // the count is part of a reading
		if m := scan(b, db); n != benchRows || m != benchRows {
			b.Fatalf("got %d rows, and %d", n, m)
		}
		ours, bare = ours+half.Sub(start), bare+time.Since(half)
	}
	b.ReportMetric(float64(b.N)*benchRows/ours.Seconds(), "rows/s")
	b.ReportMetric(float64(b.N)*benchRows/bare.Seconds(), "bare-rows/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "ratio")
}

// scan reads the table with the driver alone.
func scan(b *testing.B, db *sql.DB) (n int) {
	cells, into := make([]sql.RawBytes, 20), make([]any, 20)
	for i := range cells {
		into[i] = &cells[i]
	}
	rows, err := db.QueryContext(b.Context(), "SELECT * FROM t")
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := rows.Close(); err != nil {
		b.Fatal(err)
	}
	return n
}

// pages are the code pages of the columns that are not UTF-8.
var pages = map[int]*charmap.Charmap{1: charmap.Windows1252, 4: charmap.Windows1252, 5: charmap.Windows1256}

func decode(page *charmap.Charmap, raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(page.DecodeByte(c))
	}
	return b.String()
}

// TestManyRows reads 100,000 rows and compares every value with the bytes that
// the server holds, which another connection asks for without any decoding.
func TestManyRows(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t "+wide)
	fill(t, db, "t", benchRows, wideRow)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Latin-1 and windows-1256 are decoded by hand below; everything else must
	// be the same bytes.
	mariadbtest.Run(t, conn, "SET NAMES utf8mb4", "SET character_set_results=NULL")
	rows, err := conn.QueryContext(t.Context(), "SELECT * FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cells, into := make([]sql.RawBytes, 20), make([]any, 20)
	for i := range cells {
		into[i] = &cells[i]
	}
	n, partial := 0, 0
	for row, err := range open(t, name).Rows(t.Context(), "t", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Fatalf("the source has more than %d rows", n)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			want := string(cells[i])
			if page := pages[i]; page != nil {
				want = decode(page, cells[i])
			}
			if v.Null != (cells[i] == nil) || v.Text != want || v.Bytes || !utf8.ValidString(v.Text) {
				t.Fatalf("row %d, column %d: got %q, want %q", n, i, v.Text, want)
			}
		}
		if strings.Contains(row[6].Text, "-00") {
			partial++
		}
		n++
	}
	if rows.Next() || n != benchRows || partial < benchRows*29/1000 {
		t.Errorf("got %d rows, %d with zero or partial dates; want %d, and 3 %%", n, partial, benchRows)
	}
}
