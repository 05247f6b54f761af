package postgres_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// What nobody wants is not asked for, but for the key.
func TestLeaveOut(t *testing.T) {
	database, db := server.Create(t)
	postgrestest.Exec(t, db,
		"CREATE TABLE t (id int PRIMARY KEY, photo bytea, prix money)", `INSERT INTO t VALUES (1, '\x00ff', 2)`,
		"CREATE TABLE loose (photo bytea, n int)", `INSERT INTO loose VALUES ('\x00ff', 3)`)
	row := func(values ...sih.Raw) extract.Row { return values }
	for _, test := range []struct {
		table string
		out   []string
		asked bool // for the photo
		want  extract.Row
	}{
		{"public.t", nil, true, row(text("1"), octets("\x00\xff"), text("2.00"))},
		{"public.t", []string{"photo", "prix", "id"}, false, row(text("1"), sih.Null, sih.Null)},
		{"public.t", []string{"*"}, false, row(text("1"), sih.Null, sih.Null)},
		{"public.loose", []string{"photo"}, false, row(sih.Null, text("3"))},
		{"public.loose", []string{"*"}, false, row(sih.Null, sih.Null)},
	} {
		src := with(t, postgres.Config{DSN: server.DSN(database), LeaveOut: map[string][]string{test.table: test.out}})
		if diff := cmp.Diff([]extract.Row{test.want}, read(t, src, test.table)); diff != "" {
			t.Errorf("%s without %v (-want +got):\n%s", test.table, test.out, diff)
		}
		if asked := strings.Contains(src.Selection(t.Context(), test.table), "photo"); asked != test.asked {
			t.Errorf("%s without %v: the photo is asked for: %t", test.table, test.out, asked)
		}
	}
}
