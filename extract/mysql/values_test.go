package mysql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// text is a value that is text; octets one that is bytes.
func text(s string) sih.Raw   { return sih.Text(s) }
func octets(s string) sih.Raw { return sih.Raw{Text: s, Bytes: true} }

// read reads a whole table.
func read(t testing.TB, src extract.Source, table string) (rows []extract.Row) {
	t.Helper()
	for row, err := range src.Rows(t.Context(), table, nil) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, slices.Clone(row))
	}
	return rows
}

type value struct {
	typ  string // the column's
	in   string // a literal
	want sih.Raw
}

// What goes in as a literal of SQL comes out as the canonical text of
// docs/formats.md.
var values = []value{
	{"tinyint", "-128", text("-128")},
	{"tinyint(1)", "1", text("1")},
	{"smallint unsigned", "65535", text("65535")},
	{"int(8) zerofill", "42", text("42")},
	{"int(8) zerofill", "0", text("0")},
	{"bigint", "-9223372036854775808", text("-9223372036854775808")},
	{"bigint unsigned", "18446744073709551615", text("18446744073709551615")},
	{"decimal(10,2)", "1234.5", text("1234.50")},
	{"decimal(10,2)", "-0.05", text("-0.05")},
	{"decimal(10,2) zerofill", "0.5", text("0.50")},
	{"decimal(10,2) zerofill", "12.5", text("12.50")},
	{"decimal(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567891", text("-12345678901234567890123456789012345.123456789012345678901234567891")},
	{"float", "0.1", text("0.1")},
	{"float", "16777217", text("16777216")},
	{"float", "1234567.8", text("1234567.8")},
	{"float", "-3.4028235e38", text("-3.4028235e+38")},
	{"double", "0.1e0+0.2e0", text("0.30000000000000004")},
	{"double", "1.7976931348623157e308", text("1.7976931348623157e+308")},
	{"double", "5e-324", text("5e-324")},
	{"double", "123456789012345680", text("123456789012345680")},
	{"bit(1)", "b'1'", text("1")},
	{"bit(1)", "b'0'", text("0")},
	{"bit(64)", "18446744073709551615", text("18446744073709551615")},
	{"bit(10)", "b'1000000001'", text("513")},
	{"year", "2024", text("2024")},
	{"year", "'0000'", text("0000")},
	{"date", "'0000-00-00'", text("0000-00-00")},
	{"date", "'1934-00-00'", text("1934-00-00")},
	{"date", "'1962-07-00'", text("1962-07-00")},
	{"date", "'1995-02-31'", text("1995-02-31")},
	{"date", "'9999-12-31'", text("9999-12-31")},
	{"datetime", "'0000-00-00 00:00:00'", text("0000-00-00 00:00:00")},
	{"datetime", "'1934-00-00 12:30:00'", text("1934-00-00 12:30:00")},
	{"datetime", "'2024-03-31 02:30:00'", text("2024-03-31 02:30:00")},
	{"datetime(3)", "'2024-03-31 02:30:00.5'", text("2024-03-31 02:30:00.500")},
	{"datetime(6)", "'2024-03-31 02:30:00.000001'", text("2024-03-31 02:30:00.000001")},
	{"timestamp", "'0000-00-00 00:00:00'", text("0000-00-00 00:00:00")},
	{"timestamp", "FROM_UNIXTIME(1000000000)", text("2001-09-09 01:46:40")},
	{"time", "'838:59:59'", text("838:59:59")},
	{"time", "'-838:59:59'", text("-838:59:59")},
	{"time", "'00:00:00'", text("00:00:00")},
	{"time(3)", "'26:01:02.25'", text("26:01:02.250")},
	{"char(5)", "'ab'", text("ab")},
	{"char(5)", "''", text("")},
	{"varchar(5)", "'ab  '", text("ab  ")},
	{"varchar(20)", "'بنعلي 😀'", text("بنعلي 😀")},
	{"varchar(40)", `'a"b\\c\nd\0e'`, text("a\"b\\c\nd\x00e")},
	{"varchar(20) character set latin1", "'Hélène €'", text("Hélène €")},
	// What an old client wrote as cp1256 into a Latin-1 column: القطاع.
	{"varchar(20) character set latin1", "X'C7E1DEDBC7DA'", text("ÇáÞÛÇÚ")},
	// The five bytes that windows-1252 leaves open are characters in MySQL.
	{"varchar(20) character set latin1", "X'818D8F909D'", text("\u0081\u008d\u008f\u0090\u009d")},
	{"varchar(20) character set cp1256", "X'C8E4DA'", text("بنع")},
	{"varchar(20) character set greek", "X'E1E2'", text("αβ")},
	// D2 is no letter of the Greek page: as text it would be a question mark.
	{"varchar(20) character set greek", "X'D2E1'", octets("\xD2\xE1")},
	{"varchar(20) character set ucs2", "'ab'", text("ab")},
	{"varchar(20) character set sjis", "'カ'", text("カ")},
	{"varchar(20) character set swe7", "'Å'", text("Å")},
	{"varchar(20) character set cp850", "X'80FF'", text("Ç\u00a0")},
	{"varchar(20) character set ascii", "'ab'", text("ab")},
	{"varchar(20) character set utf8", "'بنعلي'", text("بنعلي")},
	{"mediumtext character set cp1256", "REPEAT('ab ع',20000)", text(strings.Repeat("ab ع", 20000))},
	{"enum('é','b') character set latin1", "'é'", text("é")},
	{"varchar(20) collate utf8mb4_bin", "'Éa'", text("Éa")},
	{"text", "REPEAT('ع',3)", text("ععع")},
	{"longtext", "REPEAT('x',70000)", text(strings.Repeat("x", 70000))},
	{"json", `'{"a": [1, null]}'`, text(`{"a": [1, null]}`)},
	{"enum('M','F','')", "'F'", text("F")},
	{"enum('M','F')", "0", text("")},
	{"set('a','b','c')", "'c,a'", text("a,c")},
	{"binary(4)", "'ab'", octets("ab\x00\x00")},
	{"varbinary(4)", "'ab'", octets("ab")},
	{"blob", "X'00FF'", octets("\x00\xff")},
	{"blob", "''", octets("")},
	{"varchar(4) character set binary", "'ab'", octets("ab")},
	{"point", "POINT(1,2)", octets("\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40")},
}

// TestValues reads every type, with and without a key, and NULL of each.
func TestValues(t *testing.T) {
	name, db := server.Create(t)
	values := slices.DeleteFunc(slices.Clone(values), func(v value) bool {
		if lacks(t, db, "CREATE TABLE probe (v "+v.typ+")") {
			return true
		}
		mariadbtest.Exec(t, db, "DROP TABLE probe")
		return false
	})
	for _, key := range []string{"INT PRIMARY KEY", "INT"} {
		var columns, in, nulls []string
		want := extract.Row{text("1")}
		null := extract.Row{text("2")}
		for i, v := range values {
			columns = append(columns, fmt.Sprintf("c%d %s NULL", i, v.typ))
			in, nulls = append(in, v.in), append(nulls, "NULL")
			want, null = append(want, v.want), append(null, sih.Null)
		}
		table := "keyed"
		if !strings.Contains(key, "PRIMARY") {
			table = "keyless"
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mariadbtest.Run(t, conn,
			"SET sql_mode='ALLOW_INVALID_DATES', time_zone='+00:00'",
			"CREATE TABLE "+table+" (id "+key+", "+strings.Join(columns, ", ")+") ROW_FORMAT=DYNAMIC",
			"INSERT INTO "+table+" VALUES (1, "+strings.Join(in, ", ")+")",
			"INSERT INTO "+table+" VALUES (2, "+strings.Join(nulls, ", ")+")",
		)
		conn.Close()
		rows := read(t, open(t, name), table)
		if len(rows) != 2 {
			t.Fatalf("%s: got %d rows, want 2", table, len(rows))
		}
		for i, v := range values {
			if diff := cmp.Diff(v.want, rows[0][i+1]); diff != "" {
				t.Errorf("%s: %s of %.40s (-want +got):\n%.400s", table, v.typ, v.in, diff)
			}
		}
		if diff := cmp.Diff(null, rows[1]); diff != "" {
			t.Errorf("%s: NULL (-want +got):\n%s", table, diff)
		}
	}
}

// The text of a moment does not depend on the server's zone.
func TestMomentsAreUTC(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP, local DATETIME)")
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	mariadbtest.Run(t, conn, "SET time_zone='+05:00'", "INSERT INTO t VALUES (1,'2024-01-01 05:00:00','2024-01-01 05:00:00')")
	want := []extract.Row{{text("1"), text("2024-01-01 00:00:00"), text("2024-01-01 05:00:00")}}
	if diff := cmp.Diff(want, read(t, open(t, name), "t")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
