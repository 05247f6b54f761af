package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sihctl/sih/load/store"
	unified "github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// A file of an older version becomes what a new one is.
func TestUpgrades(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name+".db") }
	raw := func(t *testing.T, name string, work func(*sqlite.Conn) error) {
		t.Helper()
		conn, err := sqlite.OpenConn(at(name), sqlite.OpenReadWrite|sqlite.OpenCreate)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := work(conn); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Upgrades(t, storetest.Upgradable{
		Old: func(t *testing.T, name string, s store.Schema) {
			raw(t, name, func(conn *sqlite.Conn) error {
				return sqlitex.ExecuteScript(conn, strings.Join(s.DDL(store.SQLite), ";\n")+fmt.Sprintf(";\nPRAGMA application_id = %d;\nPRAGMA user_version = %d", 0x53494875, store.Mark(store.SQLite, s.Version)), nil)
			})
		},
		Open: func(_ *testing.T, name string, o store.Options) (store.Store, error) {
			return unified.At(at(name)).Open(context.Background(), store.Live, o)
		},
		Shape: func(t *testing.T, name string) (lines []string) {
			const shape = `SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
 UNION ALL SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL`
			raw(t, name, func(conn *sqlite.Conn) error {
				return sqlitex.ExecuteTransient(conn, shape, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
					lines = append(lines, strings.ReplaceAll(stmt.ColumnText(0), "IF NOT EXISTS ", ""))
					return nil
				}})
			})
			return lines
		},
	})
}
