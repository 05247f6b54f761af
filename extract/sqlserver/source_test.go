package sqlserver_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

const password = "p@ss:w/ord?#;=é"

// serve starts a server with the tables.
func serve(t testing.TB, snapshot bool, tables ...tdstest.Table) *tdstest.Server {
	t.Helper()
	s, err := tdstest.New(tdstest.Database{Name: "HIS", User: "sih_read", Password: password, Snapshot: snapshot, Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func config(s *tdstest.Server) sqlserver.Config {
	return sqlserver.Config{
		Server: "127.0.0.1", Port: s.Port(), Database: "HIS", User: "sih_read", Password: password,
		Encrypt: sqlserver.EncryptNone, ChunkRows: 3,
	}
}

func open(t testing.TB, cfg sqlserver.Config) *sqlserver.Source {
	t.Helper()
	src, err := sqlserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

// content returns what a source is to say of a table.
func content(t tdstest.Table) extracttest.Content {
	c := extracttest.Content{Table: extract.Table{Name: t.Schema + "." + t.Name, Key: t.Key, Order: order(t)}}
	for _, col := range t.Columns {
		c.Table.Columns = append(c.Table.Columns, extract.Column{Name: col.Name, Type: col.Type, Nullable: col.Nullable})
	}
	for _, row := range t.Rows {
		var r extract.Row
		for _, v := range row {
			r = append(r, v.Raw)
		}
		c.Rows = append(c.Rows, r)
	}
	return c
}

func row(fields ...any) []tdstest.Value {
	var out []tdstest.Value
	for _, f := range fields {
		switch f := f.(type) {
		case nil:
			out = append(out, tdstest.Value{Raw: sih.Null})
		case string:
			out = append(out, tdstest.Value{Raw: sih.Text(f)})
		case []byte:
			out = append(out, tdstest.Value{Raw: sih.Raw{Text: string(f), Bytes: true}})
		case tdstest.Value:
			out = append(out, f)
		}
	}
	return out
}

func hospital() []tdstest.Table {
	return []tdstest.Table{
		{Schema: "dbo", Name: "EPISODIOS]", Key: []string{"CENTRO", "NUM EP"},
			Columns: []tdstest.Column{{Name: "NUM EP", Type: "char(4)"}, {Name: "CENTRO", Type: "smallint"}, {Name: "FECHA", Type: "datetime", Nullable: true}},
			Rows: [][]tdstest.Value{
				row("A   ", "1", "2024-02-29 23:59:59.997"), row("B   ", "1", nil), row("C]  ", "1", "1900-01-01 00:00:00.000"), row("D   ", "1", "1753-01-01 00:00:00.003"),
				row("A   ", "2", nil), row("B   ", "2", "9999-12-31 12:00:00.007"), row("B   ", "10", nil),
			}},
		{Schema: "dbo", Name: "LOG", Columns: []tdstest.Column{{Name: "QUE", Type: "nvarchar(max)", Nullable: true}, {Name: "N", Type: "int", Nullable: true}},
			Rows: [][]tdstest.Value{row("فاطمة الزهراء", "1"), row("فاطمة الزهراء", "1"), row("", nil), row(nil, "-5")}},
		{Schema: "dbo", Name: "PACIENTES", Key: []string{"NHC"},
			Columns: []tdstest.Column{{Name: "NHC", Type: "int"}, {Name: "APELLIDO", Type: "varchar(20)", Nullable: true}, {Name: "APELLIDO_AR", Type: "nvarchar(60)", Nullable: true}},
			Rows: [][]tdstest.Value{
				row("-3", "EL ALAMI", "العلمي"), row("7", "BÉNANI", nil), row("8", "", ""), row("9", nil, "😀"), row("10", "O'HARA", "ا"),
				row("200", "TAZI", "ت"), row("1000", "X", "x"),
			}},
		{Schema: "dbo", Name: "VACIA", Key: []string{"ID"}, Columns: []tdstest.Column{{Name: "ID", Type: "bigint"}}},
	}
}

func TestConformance(t *testing.T) {
	var want []extracttest.Content
	for _, table := range hospital() {
		want = append(want, content(table))
	}
	for name, snapshot := range map[string]bool{"Snapshot": true, "ReadCommitted": false} {
		t.Run(name, func(t *testing.T) {
			extracttest.Run(t, func(t *testing.T, _ string) extract.Source {
				return open(t, config(serve(t, snapshot, hospital()...)))
			}, want)
			extracttest.RunDatabase(t, func(t *testing.T) extract.Database {
				return open(t, config(serve(t, snapshot, hospital()...)))
			}, want)
		})
	}
}

func order(t tdstest.Table) []string {
	if t.Key != nil {
		return t.Key
	}
	return t.Unique
}
