package tdstest

import (
	"bytes"
	"strconv"
	"testing"
)

// FuzzRequests gives the server what no driver sends: it must not fall.
func FuzzRequests(f *testing.F) {
	f.Add([]byte("\x12\x01\x00\x0b\x00\x00\x00\x00\xff\x00\x00"))
	f.Add([]byte("\x16\x00\x00\x00\xff\xff\x0a\x00\x00\x00\x00\x00\xe7\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		readMessage(bytes.NewReader(b))
		wanted(b)
		parseLogin(b)
		batch(b)
		executeSQL(b)
	})
}

// FuzzStatements gives it statements that the adapter does not make.
func FuzzStatements(f *testing.F) {
	f.Add("TOP (3) [a], CONVERT(varbinary(max), CONVERT(nvarchar(max), [b]]]))", " WHERE [a] >= CONVERT(int, @p1) AND ([a] > CONVERT(int, @p1)) ORDER BY [a]", "1")
	f.Fuzz(func(_ *testing.T, list, tail, param string) {
		table := Table{Schema: "dbo", Name: "T", Key: []string{"a"}, Columns: []Column{{Name: "a", Type: "int"}, {Name: "b]", Type: "varchar(max)"}}}
		table.Rows = [][]Value{{textValue("1"), textValue("x")}}
		c := &connection{server: &Server{}}
		a, err := c.read(&table, list, tail, []string{param})
		if err != nil {
			return
		}
		r := reply{}
		for _, x := range a.terms {
			r.describe(x.name, x.typ, x.nullable)
		}
		for _, row := range a.rows {
			if r.row(a.terms, row) != nil {
				return
			}
		}
	})
}

// FuzzHeld holds that no message of a client's, in bulk or by call, brings down
// a server that holds rows, and that what it refuses of a bulk copy leaves
// nothing.
func FuzzHeld(f *testing.F) {
	server, err := Hold(Database{Name: "x", User: "u", Password: "p"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.Close)
	if err := server.Run("CREATE SCHEMA [s]", "CREATE TABLE [s].t (id char(2) COLLATE Latin1_General_BIN2 NOT NULL,\n  a nvarchar(3) COLLATE Latin1_General_BIN2,\n  n decimal(18,4),\n  at datetime2(3),\n  PRIMARY KEY (id)\n)"); err != nil {
		f.Fatal(err)
	}
	r := &reply{}
	r.byte(tokenColumns)
	r.u16(3)
	id, n, at := sqlType{name: "char", n: 2, page: 1252}, sqlType{name: "decimal", n: 18, scale: 4, page: 1252}, sqlType{name: "datetime2", scale: 3}
	r.describe("id", id, false)
	r.describe("n", n, true)
	r.describe("at", at, true)
	r.byte(tokenRow)
	r.value(id, false, []byte("ab"))
	r.value(n, true, []byte{1, 0x10, 0x27, 0, 0, 0, 0, 0, 0})
	r.value(at, true, []byte{1, 2, 3, 4, 5, 6, 7})
	r.done(tokenDone, 0, 0)
	f.Add(r.buf)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, message []byte) {
		executeTyped(message)
		c := &connection{server: server}
		defer server.store.leave(c)
		for _, statement := range []string{"BEGIN TRANSACTION", "INSERT BULK [s].[t] ([id] char(2), [n] decimal(18,4), [at] datetime2(3)) "} {
			if _, err := c.perform(statement, nil); err != nil {
				t.Fatal(err)
			}
		}
		taken, err := c.session.load(c.session.bulk, message)
		out, counted := c.perform("SELECT COUNT_BIG(*) FROM [s].t", nil)
		if counted != nil {
			t.Fatal(counted)
		}
		want := "0"
		if err == nil {
			want = strconv.Itoa(taken)
		}
		if got := out.rows[0][0].Text; got != want {
			t.Errorf("%s rows, want %s; %v", got, want, err)
		}
	})
}
