package sqlserver_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

func variant(base, text string) tdstest.Value {
	return tdstest.Value{Raw: sih.Text(text), Base: base}
}

// long returns a text of more than one packet and one part.
func long(s string, n int) string { return strings.Repeat(s, n/len(s)) }

// values are, by type and code page, what a column holds and must give.
var values = []struct {
	typ    string
	page   int
	values []any
}{
	{"tinyint", 0, []any{"0", "255"}},
	{"smallint", 0, []any{"-32768", "32767"}},
	{"int", 0, []any{"-2147483648", "2147483647", "0"}},
	{"bigint", 0, []any{"-9223372036854775808", "9223372036854775807"}},
	{"bit", 0, []any{"0", "1"}},
	{"decimal(9,2)", 0, []any{"0.00", "-0.01", "0.10", "1234567.89", "-1234567.89"}},
	{"decimal(19,0)", 0, []any{"0", "-1", "9999999999999999999"}},
	{"decimal(28,28)", 0, []any{"0.0000000000000000000000000001"}},
	{"numeric(38,10)", 0, []any{"-9999999999999999999999999999.9999999999", "5.0000000000"}},
	{"money", 0, []any{"0.0000", "-0.0001", "-922337203685477.5808", "922337203685477.5807", "4294967.2960"}},
	{"smallmoney", 0, []any{"-214748.3648", "214748.3647", "0.0500"}},
	{"float", 0, []any{"0", "0.1", "-1234567.125", "1.7976931348623157e+308", "5e-324", "100000000000000000000"}},
	{"real", 0, []any{"0.1", "3.4028235e+38", "-2.5", "16777216"}},
	{"char(5)", 0, []any{"AB   ", "     ", "é€\u0081  "}},
	{"varchar(40)", 1252, []any{"", "BÉNANI", "cœur ", " x"}},
	{"varchar(40)", 1256, []any{"القطاع الصحي", "café"}},
	{"varchar(40)", 1254, []any{"ışğ"}},
	{"varchar(40)", 850, []any{"é"}},
	{"varchar(40)", 65001, []any{"العربية é 😀", []byte("\xff\xfe")}},
	{"varchar(40)", 932, []any{"日本"}},
	{"varchar(max)", 0, []any{"", long("abcé", 20000)}},
	{"text", 1256, []any{"", long("مرحبا ", 20000)}},
	{"text", 932, []any{"病院"}},
	{"nchar(4)", 0, []any{"نعم ", "    "}},
	{"nvarchar(40)", 0, []any{"", "فاطمة الزهراء", "O'HARA é 😀", []byte("a\x00\x00\xd8"), []byte("\x00\xdc\x00\xdc")}},
	{"nvarchar(4000)", 0, []any{long("ب", 8000)}},
	{"nvarchar(max)", 0, []any{"", long("تقرير ", 50000)}},
	{"ntext", 0, []any{"", long("é ", 9000)}},
	{"xml", 0, []any{"<a>é العربية</a>", ""}},
	{"date", 0, []any{"0001-01-01", "1900-01-01", "1582-10-15", "2024-02-29", "9999-12-31"}},
	{"time(0)", 0, []any{"00:00:00", "23:59:59"}},
	{"time(3)", 0, []any{"12:34:56.789", "00:00:00.001"}},
	{"time(7)", 0, []any{"23:59:59.9999999"}},
	{"datetime", 0, []any{"1753-01-01 00:00:00.000", "1899-12-31 23:59:59.997", "1900-01-01 00:00:00.000", "2024-02-29 12:00:00.003", "2024-02-29 12:00:00.007", "9999-12-31 23:59:59.997"}},
	{"smalldatetime", 0, []any{"1900-01-01 00:00:00", "2079-06-06 23:59:00"}},
	{"datetime2(0)", 0, []any{"0001-01-01 00:00:00", "9999-12-31 23:59:59"}},
	{"datetime2(4)", 0, []any{"1934-07-01 08:05:09.1234"}},
	{"datetime2(7)", 0, []any{"1934-07-01 08:05:09.1234567", "9999-12-31 23:59:59.9999999"}},
	{"datetimeoffset(0)", 0, []any{"2024-02-29 23:30:00 +01:00", "1900-01-01 00:00:00 +00:00"}},
	{"datetimeoffset(7)", 0, []any{"2024-01-01 00:00:00.0000001 +05:30", "2024-01-01 00:00:00.1234567 -14:00"}},
	{"uniqueidentifier", 0, []any{"6F9619FF-8B86-D011-B42D-00C04FC964FF", "00000000-0000-0000-0000-000000000001"}},
	{"binary(4)", 0, []any{[]byte{0, 1, 0xFF, 0}}},
	{"varbinary(20)", 0, []any{[]byte{}, []byte{0xFF, 0xD8}}},
	{"varbinary(max)", 0, []any{[]byte{}, []byte(long("\x00\xff\x7f", 30000))}},
	{"image", 0, []any{[]byte{}, []byte(long("\x89PNG", 10000))}},
	{"timestamp", 0, []any{[]byte{0, 0, 0, 0, 0, 0, 7, 0xD1}}},
	{"hierarchyid", 0, []any{[]byte{0x58}}},
	{"sql_variant", 0, []any{
		variant("int", "-7"), variant("bigint", "9223372036854775807"), variant("tinyint", "255"), variant("bit", "1"),
		variant("decimal(9,2)", "-12.50"), variant("numeric(38,0)", "12345678901234567890123456789012345678"), variant("money", "1.5000"),
		variant("float", "0.1"), variant("real", "0.1"), variant("varchar(10)", "été"), variant("nvarchar(10)", "نعم"),
		variant("date", "1934-01-01"), variant("time(3)", "01:02:03.004"), variant("datetime", "2024-02-29 12:00:00.003"), variant("smalldatetime", "2024-02-29 12:01:00"),
		variant("datetime2(7)", "2024-02-29 12:00:00.1234567"), variant("datetimeoffset(2)", "2024-02-29 12:00:00.12 +01:00"),
		variant("uniqueidentifier", "6F9619FF-8B86-D011-B42D-00C04FC964FF"),
		tdstest.Value{Raw: sih.Raw{Text: "\x00\x01", Bytes: true}, Base: "varbinary(2)"},
	}},
}

// typeTables returns a table for every type, with a column that takes NULL,
// and one with a column that does not.
func typeTables() []tdstest.Table {
	var out []tdstest.Table
	for _, nullable := range []bool{false, true} {
		for _, test := range values {
			table := tdstest.Table{Schema: "dbo", Name: test.typ, Key: []string{"N"}, Columns: []tdstest.Column{
				{Name: "N", Type: "int"}, {Name: "V", Type: test.typ, Nullable: nullable, Page: test.page},
			}}
			list := test.values
			if test.page != 0 {
				table.Name += " " + strconv.Itoa(test.page)
			}
			if nullable {
				table.Name += " NULL"
				list = append(append([]any{nil}, list...), nil)
			}
			for i, v := range list {
				table.Rows = append(table.Rows, row(strconv.Itoa(i), v))
			}
			out = append(out, table)
		}
	}
	return out
}

// TestTypes reads every value of every type.
func TestTypes(t *testing.T) {
	for _, table := range typeTables() {
		t.Run(table.Name, func(t *testing.T) {
			want := content(table)
			if diff := cmp.Diff(want.Rows, read(t, open(t, config(serve(t, true, table))), want.Table.Name)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// keys are, by type and code page, what the first column of a key holds.
var keys = []struct {
	typ    string
	page   int
	values []any
}{
	{"bigint", 0, []any{"-9223372036854775808", "-1", "0", "9223372036854775807"}},
	{"decimal(9,2)", 0, []any{"-10.00", "-9.50", "0.10", "1234567.89"}},
	{"money", 0, []any{"-0.0001", "0.0000", "10.0000"}},
	{"float", 0, []any{"-5e-324", "0.1", "1.7976931348623157e+308"}},
	{"char(4)", 0, []any{"A   ", "A'  ", "B--;", "É   "}},
	{"varchar(20)", 1256, []any{"", "a", "ا", "ب"}},
	{"nvarchar(20)", 0, []any{"", "O'HARA", "é", "فاطمة"}},
	{"date", 0, []any{"0001-01-01", "1900-01-01", "9999-12-31"}},
	{"datetime", 0, []any{"1753-01-01 00:00:00.003", "2024-02-29 12:00:00.003", "2024-02-29 12:00:00.007"}},
	{"smalldatetime", 0, []any{"1900-01-01 00:00:00", "1900-01-01 00:01:00"}},
	{"datetime2(7)", 0, []any{"0001-01-01 00:00:00.0000001", "0001-01-01 00:00:00.0000002"}},
	{"time(7)", 0, []any{"00:00:00.0000001", "23:59:59.9999999"}},
	{"uniqueidentifier", 0, []any{"00000000-0000-0000-0000-000000000001", "6F9619FF-8B86-D011-B42D-00C04FC964FF"}},
	{"varbinary(8)", 0, []any{[]byte{}, []byte{0}, []byte{0, 1}, []byte{0xFF}}},
	{"timestamp", 0, []any{[]byte{0, 0, 0, 0, 0, 0, 7, 0xD1}, []byte{0, 0, 0, 0, 0, 0, 7, 0xD2}}},
}

func keyTables() []tdstest.Table {
	var out []tdstest.Table
	for _, test := range keys {
		table := tdstest.Table{Schema: "dbo", Name: test.typ, Key: []string{"K", "N"}, Columns: []tdstest.Column{
			{Name: "K", Type: test.typ, Page: test.page}, {Name: "N", Type: "tinyint"},
		}}
		for _, v := range test.values {
			table.Rows = append(table.Rows, row(v, "1"), row(v, "2"), row(v, "10"))
		}
		out = append(out, table)
	}
	return out
}

// TestKeys reads tables by keys of each type, a row at a time: each chunk
// begins behind a value that went to the server and came back.
func TestKeys(t *testing.T) {
	for _, table := range keyTables() {
		t.Run(table.Name, func(t *testing.T) {
			cfg := config(serve(t, true, table))
			cfg.ChunkRows = 1
			want := content(table)
			if diff := cmp.Diff(want.Rows, read(t, open(t, cfg), want.Table.Name)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func read(t testing.TB, src extract.Source, table string) []extract.Row {
	t.Helper()
	rows, err := collect(t, src, table)
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return rows
}

func collect(t testing.TB, src extract.Source, table string) (got []extract.Row, err error) {
	for row, err := range src.Rows(t.Context(), table, nil) {
		if err != nil {
			return got, err
		}
		got = append(got, append(extract.Row{}, row...))
	}
	return got, nil
}
