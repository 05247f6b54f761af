package tdstest

import (
	"bytes"
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
