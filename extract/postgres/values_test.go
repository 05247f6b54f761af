package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// What goes in as an expression of SQL comes out as the canonical text of
// docs/formats.md.
var values = []struct {
	typ  string // the column's
	in   string // an expression
	want sih.Raw
}{
	{"smallint", "-32768", text("-32768")},
	{"integer", "2147483647", text("2147483647")},
	{"bigint", "-9223372036854775808", text("-9223372036854775808")},
	{"oid", "4294967295", text("4294967295")},
	{"numeric(10,2)", "1234.5", text("1234.50")},
	{"numeric(10,2)", "-0.05", text("-0.05")},
	{"numeric(5,-2)", "12345", text("12300")},
	{"numeric", "12345678901234567890123456789012345678901234567890.12345678901234567890", text("12345678901234567890123456789012345678901234567890.12345678901234567890")},
	{"numeric", "'NaN'", text("NaN")},
	{"numeric", "'-Infinity'", text("-Infinity")},
	{"money", "'1234567.89'::numeric", text("1234567.89")},
	{"money", "-0.05::numeric", text("-0.05")},
	{"real", "0.1", text("0.1")},
	{"real", "16777217", text("16777216")},
	{"real", "-3.4028235e38", text("-3.4028235e+38")},
	{"real", "'NaN'", text("NaN")},
	{"double precision", "0.1::float8+0.2::float8", text("0.30000000000000004")},
	{"double precision", "1.7976931348623157e308", text("1.7976931348623157e+308")},
	{"double precision", "5e-324", text("5e-324")},
	{"double precision", "123456789012345680", text("123456789012345680")},
	{"double precision", "0.000001", text("0.000001")},
	{"double precision", "'-Infinity'", text("-Infinity")},
	{"boolean", "true", text("1")},
	{"boolean", "false", text("0")},
	{"bit(4)", "B'0101'", text("0101")},
	{"bit varying", "B''", text("")},
	{"date", "'2024-02-29'", text("2024-02-29")},
	{"date", "'0044-03-15 BC'", text("0044-03-15 BC")},
	{"date", "'infinity'", text("infinity")},
	{"date", "'-infinity'", text("-infinity")},
	{"date", "'5874897-12-31'", text("5874897-12-31")},
	{"timestamp", "'2024-03-31 02:30:00'", text("2024-03-31 02:30:00")},
	{"timestamp(3)", "'2024-03-31 02:30:00.12'", text("2024-03-31 02:30:00.12")},
	{"timestamp", "'2024-03-31 02:30:00.000001'", text("2024-03-31 02:30:00.000001")},
	{"timestamp", "'4713-01-01 00:00:00 BC'", text("4713-01-01 00:00:00 BC")},
	{"timestamp", "'infinity'", text("infinity")},
	{"timestamptz", "'2024-01-01 05:00:00+05'", text("2024-01-01 00:00:00+00")},
	{"timestamptz", "'1900-01-01 00:00:00.5 Africa/Casablanca'", text("1900-01-01 00:30:20.5+00")},
	{"time", "'24:00:00'", text("24:00:00")},
	{"time(2)", "'23:59:59.99'", text("23:59:59.99")},
	{"timetz", "'12:00:00-03:30'", text("12:00:00-03:30")},
	{"interval", "'1 year 2 months -3 days 04:05:06.789'", text("P1Y2M-3DT4H5M6.789S")},
	{"interval", "'0'", text("PT0S")},
	{"interval", "'-1 hour'", text("PT-1H")},
	{"uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")},
	{"char(5)", "'ab'", text("ab   ")},
	{"char(5)", "''", text("     ")},
	{"varchar(5)", "'ab  '", text("ab  ")},
	{"varchar(20)", "'بنعلي 😀'", text("بنعلي 😀")},
	{"varchar(40)", `E'a"b\\c\nd''e'`, text("a\"b\\c\nd'e")},
	{"text", "repeat('ع',3)", text("ععع")},
	{"text", "repeat('x',70000)", text(strings.Repeat("x", 70000))},
	{"text", "''", text("")},
	{"name", "'nom'", text("nom")},
	{`"char"`, "'x'", text("x")},
	{"bytea", `'\x00ff'`, octets("\x00\xff")},
	{"bytea", "''", octets("")},
	{"bytea", `'\x5c27'`, octets(`\'`)},
	{"json", `'{"a":  [1, null]}'`, text(`{"a":  [1, null]}`)},
	{"jsonb", `'{"b":1,"a":  [1.0, null]}'`, text(`{"a": [1.0, null], "b": 1}`)},
	{"xml", "'<a>é</a>'", text("<a>é</a>")},
	{"integer[]", "'{1,NULL,3}'", text("{1,NULL,3}")},
	{"text[]", `ARRAY['a b','"',NULL,'NULL','']`, text(`{"a b","\"",NULL,"NULL",""}`)},
	{"date[]", "'{2024-02-29}'", text("{2024-02-29}")},
	{"double precision[]", "ARRAY[0.1::float8+0.2::float8]", text("{0.30000000000000004}")},
	{"sexe", "'féminin'", text("féminin")},
	{"cin", "'AB123456'", text("AB123456")},
	{"prix", "12.5::numeric", text("12.50")},
	{"drapeau", "true", text("1")},
	{"adresse", "ROW('12, rue X', NULL, 3)", text(`("12, rue X",,3)`)},
	{"int4range", "'[1,5)'", text("[1,5)")},
	{"tsrange", "'[2024-01-01 00:00,infinity]'", text(`["2024-01-01 00:00:00",infinity]`)},
	{"int4multirange", "'{[1,3),[5,7)}'", text("{[1,3),[5,7)}")},
	{"inet", "'192.168.1.5/24'", text("192.168.1.5/24")},
	{"cidr", "'10.0.0.0/8'", text("10.0.0.0/8")},
	{"macaddr", "'08:00:2b:01:02:03'", text("08:00:2b:01:02:03")},
	{"macaddr8", "'08:00:2b:01:02:03:04:05'", text("08:00:2b:01:02:03:04:05")},
	{"tsvector", "'a:1 b:2'", text("'a':1 'b':2")},
	{"tsquery", "'a & b'", text("'a' & 'b'")},
	{"point", "'(1.5,2)'", text("(1.5,2)")},
	{"polygon", "'((0,0),(1,1),(1,0))'", text("((0,0),(1,1),(1,0))")},
	{"pg_lsn", "'16/B374D848'", text("16/B374D848")},
	{"regclass", "'pg_class'", text("pg_class")},
	{"jsonpath", "'$.a'", text(`$."a"`)},
	{"citext", "'Alami'", text("Alami")},
	{"hstore", "'a=>1, b=>NULL'", text(`"a"=>"1", "b"=>NULL`)},
	{"integer GENERATED ALWAYS AS (id * 2) STORED", "DEFAULT", text("2")},
}

// types are those that the tests declare themselves.
var types = []string{
	"CREATE EXTENSION citext", "CREATE EXTENSION hstore",
	"CREATE TYPE sexe AS ENUM ('masculin', 'féminin')",
	"CREATE DOMAIN cin AS varchar(12) CHECK (VALUE ~ '^[A-Z]')",
	"CREATE DOMAIN prix AS money",
	"CREATE DOMAIN drapeau AS boolean", "CREATE TYPE adresse AS (rue text, etage integer, n integer)",
}

// TestValues reads every type, with and without a key, and NULL of each. How
// the server and the login are set up must not show.
func TestValues(t *testing.T) {
	name, db := server.Create(t)
	postgrestest.Exec(t, db, types...)
	postgrestest.Exec(t, db,
		"ALTER DATABASE "+name+" SET datestyle = 'German, DMY'", "ALTER DATABASE "+name+" SET intervalstyle = 'sql_standard'",
		"ALTER DATABASE "+name+" SET timezone = 'Asia/Kabul'", "ALTER DATABASE "+name+" SET extra_float_digits = -5",
		"ALTER DATABASE "+name+" SET bytea_output = 'escape'", "ALTER DATABASE "+name+" SET client_encoding = 'LATIN1'",
		"ALTER DATABASE "+name+" SET standard_conforming_strings = off", "ALTER DATABASE "+name+" SET statement_timeout = '1s'",
		"ALTER DATABASE "+name+" SET default_transaction_isolation = 'serializable'")
	postgrestest.Exec(t, db, "SET statement_timeout = 0")
	for _, key := range []string{"integer PRIMARY KEY", "integer"} {
		columns, in, nulls := []string{"id " + key}, []string{"1"}, []string{"2"}
		want, null := extract.Row{text("1")}, extract.Row{text("2")}
		for i, v := range values {
			columns = append(columns, fmt.Sprintf("c%d %s", i, v.typ))
			in, want = append(in, v.in), append(want, v.want)
			if v.in == "DEFAULT" {
				nulls, null = append(nulls, "DEFAULT"), append(null, text("4"))
			} else {
				nulls, null = append(nulls, "NULL"), append(null, sih.Null)
			}
		}
		table := "keyed"
		if !strings.Contains(key, "PRIMARY") {
			table = "keyless"
		}
		postgrestest.Exec(t, db,
			"CREATE TABLE "+table+" ("+strings.Join(columns, ", ")+")",
			"INSERT INTO "+table+" VALUES ("+strings.Join(in, ", ")+")",
			"INSERT INTO "+table+" VALUES ("+strings.Join(nulls, ", ")+")",
		)
		rows := read(t, open(t, name), "public."+table)
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

// A database of an 8-bit code page is decoded, names and all. What does not
// decode, or is no UTF-8 where the server says nothing of it, keeps its bytes,
// also where it is a key.
func TestEncodings(t *testing.T) {
	raw := func(hex string) string { return "convert_from('\\x" + hex + "', getdatabaseencoding())" }
	tests := []struct {
		encoding string
		in       string // in hexadecimal digits
		want     sih.Raw
	}{
		{"UTF8", "d8a8", text("ب")},
		{"LATIN1", "48e96c", text("Hél")},
		{"LATIN1", "81", text("\u0081")},
		{"LATIN9", "a4", text("€")},
		{"WIN1252", "809c", text("€œ")},
		{"WIN1256", "c8e4dae1ed", text("بنعلي")},
		{"WIN1256", "8f98", text("ڈک")},
		{"ISO_8859_6", "c7e4", text("ال")},
		{"ISO_8859_6", "a1e4", octets("\xa1\xe4")}, // A1 is no letter of that page
		{"SQL_ASCII", "d8a8", text("ب")},
		{"SQL_ASCII", "48e96c", octets("H\xe9l")},
		{"EUC_JP", "a4a2", text("あ")},
	}
	for _, test := range tests {
		name, db := server.Create(t, "ENCODING '"+test.encoding+"' LC_COLLATE 'C' LC_CTYPE 'C'")
		postgrestest.Exec(t, db, "SET client_encoding = SQL_ASCII",
			`CREATE TABLE t (k text PRIMARY KEY, n integer)`,
			"INSERT INTO t SELECT "+raw(test.in)+" || lpad(i::text, 5, '0'), i FROM generate_series(1, 3000) AS i")
		src := open(t, name)
		rows := read(t, src, "public.t")
		if len(rows) != 3000 {
			t.Errorf("%s: got %d rows, want 3000", test.encoding, len(rows))
			continue
		}
		want := test.want
		want.Text += "00001"
		if diff := cmp.Diff(want, rows[0][0]); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", test.encoding, test.in, diff)
		}
		n := 0
		for _, err := range src.RowsIn(t.Context(), "public.t", extract.Range{After: rows[9][:1], UpTo: rows[19][:1]}) {
			if err != nil {
				t.Fatalf("%s: %v", test.encoding, err)
			}
			n++
		}
		if n != 10 {
			t.Errorf("%s: a range of ten rows has %d", test.encoding, n)
		}
	}
}

// Names may hold whatever a server lets them.
func TestNames(t *testing.T) {
	name, db := server.Create(t, "ENCODING 'WIN1256' LC_COLLATE 'C' LC_CTYPE 'C'")
	postgrestest.Exec(t, db, "SET client_encoding = UTF8",
		`CREATE SCHEMA "é.1"`, `CREATE TABLE "é.1"."t""'\%?" ("مرض;--" integer PRIMARY KEY, "a""b" text, "select" text)`,
		`INSERT INTO "é.1"."t""'\%?" SELECT i, 'ب', NULL FROM generate_series(1, 2000) AS i`)
	src := open(t, name)
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []extract.Table{{
		Name: `"é.1".t"'\%?`, Key: []string{"مرض;--"}, Order: []string{"مرض;--"},
		Columns: []extract.Column{{Name: "مرض;--", Type: "integer"}, {Name: `a"b`, Type: "text", Nullable: true}, {Name: "select", Type: "text", Nullable: true}},
	}}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}
	rows := read(t, src, want[0].Name)
	if len(rows) != 2000 || !cmp.Equal(rows[1999], extract.Row{text("2000"), text("ب"), sih.Null}) {
		t.Errorf("got %d rows, the last %v", len(rows), rows[len(rows)-1])
	}
}
