package sqlserver_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih/extract/sqlserver"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// patients returns a table of twenty columns.
func patients(rows int) tdstest.Table {
	table := tdstest.Table{Schema: "dbo", Name: "PACIENTES", Key: []string{"NHC"}, Columns: []tdstest.Column{{Name: "NHC", Type: "int"}}}
	for i, typ := range []string{
		"smallint", "varchar(20)", "varchar(20)", "varchar(20)", "nvarchar(60)", "nvarchar(60)", "char(1)", "datetime", "varchar(40)", "varchar(12)",
		"varchar(10)", "char(3)", "varchar(80)", "money", "decimal(9,2)", "datetime2(0)", "date", "bit", "uniqueidentifier",
	} {
		table.Columns = append(table.Columns, tdstest.Column{Name: fmt.Sprintf("C%02d", i), Type: typ, Nullable: i%2 == 0})
	}
	for i := range rows {
		table.Rows = append(table.Rows, row(
			fmt.Sprint(i), "12", "EL ALAMI", nil, "FATIMA ZAHRA", "العلمي", "فاطمة الزهراء", "M", "1934-07-01 00:00:00.000", "KHÉMISSET", "AB123456",
			"", "MAR", "12, RUE DES ORANGERS, HAY SALAM", "150.0000", "12.50", "2024-02-29 12:00:00", "2024-02-29", "1", "6F9619FF-8B86-D011-B42D-00C04FC964FF"))
	}
	return table
}

const benchRows = 30000

// quick starts a server that has each row ready to be sent, once it was asked
// for.
func quick(b *testing.B, table tdstest.Table) *tdstest.Server {
	b.Helper()
	s, err := tdstest.New(tdstest.Database{Name: "HIS", User: "sih_read", Password: password, Snapshot: true, Remember: true, Tables: []tdstest.Table{table}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

// BenchmarkRows reads a table of 30,000 rows by chunks; the server for tests
// has its part in the time. BenchmarkDriver is to be compared with it.
func BenchmarkRows(b *testing.B) {
	cfg := config(quick(b, patients(benchRows)))
	cfg.ChunkRows = 0
	src := open(b, cfg)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range src.Rows(b.Context(), "dbo.PACIENTES", nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows {
			b.Fatalf("got %d rows", n)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDriver scans the same columns by one statement and makes nothing of
// them.
func BenchmarkDriver(b *testing.B) {
	table := patients(benchRows)
	db, err := sqlserver.OpenDB(config(quick(b, table)))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	list, fields := "", make([]any, len(table.Columns))
	for i, c := range table.Columns {
		list += ", [" + c.Name + "]"
		fields[i] = new(any)
	}
	b.ReportAllocs()
	for b.Loop() {
		rows, err := db.QueryContext(b.Context(), "SELECT "+list[2:]+" FROM [dbo].[PACIENTES] ORDER BY [NHC]")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(fields...); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil || n != benchRows {
			b.Fatalf("got %d rows, error %v", n, err)
		}
	}
	b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
