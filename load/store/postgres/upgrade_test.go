package postgres_test

import (
	"fmt"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A schema of an older version becomes what a new one is.
func TestUpgrades(t *testing.T) {
	database, db := server.Create(t)
	storetest.Upgrades(t, storetest.Upgradable{
		Old: func(t *testing.T, name string, s store.Schema) {
			statements := append([]string{"CREATE SCHEMA " + name, "SET search_path = " + name}, s.DDL(store.Postgres)...)
			statements = append(statements, fmt.Sprintf("COMMENT ON SCHEMA %s IS 'sihctl unified store, schema %08x'", name, uint32(store.Mark(store.Postgres, s.Version))), "RESET search_path")
			postgrestest.Exec(t, db, statements...)
		},
		Open: func(t *testing.T, name string, o store.Options) (store.Store, error) {
			return at(t, database, name).Open(t.Context(), store.Live, o)
		},
		Shape: func(t *testing.T, name string) (lines []string) {
			answer := db.ExecParams(t.Context(), `SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, collation_name, is_nullable,
   col_description((table_schema || '.' || table_name)::regclass, ordinal_position::int), obj_description((table_schema || '.' || table_name)::regclass))
  FROM information_schema.columns WHERE table_schema = '`+name+`'
 UNION ALL SELECT replace(indexdef, '`+name+`.', '') FROM pg_indexes WHERE schemaname = '`+name+`'
 UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = '`+name+`'::regnamespace AND contype = 'f'
 UNION ALL SELECT replace(definition, '`+name+`.', '') FROM pg_views WHERE schemaname = '`+name+`'`, nil, nil, nil, nil).Read()
			if answer.Err != nil {
				t.Fatal(answer.Err)
			}
			for _, row := range answer.Rows {
				lines = append(lines, string(row[0]))
			}
			return lines
		},
	})
}
