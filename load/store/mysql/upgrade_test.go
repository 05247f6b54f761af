package mysql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A database of an older version becomes what a new one is, also where that was
// begun before and cut short.
func TestUpgrades(t *testing.T) {
	db, base := root(t), fresh()+"_"
	storetest.Upgrades(t, storetest.Upgradable{
		Old: func(t *testing.T, name string, s store.Schema) {
			name = base + name
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			mariadbtest.Run(t, conn, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4", "USE "+name)
			mariadbtest.Run(t, conn, s.DDL(store.MySQL)...)
			mariadbtest.Run(t, conn,
				fmt.Sprintf("CREATE TABLE sihctl_store (name varchar(64) CHARACTER SET ascii NOT NULL PRIMARY KEY, unchecked boolean NOT NULL) ENGINE=InnoDB COMMENT='sihctl unified store, schema %08x'", uint32(store.Mark(store.MySQL, s.Version))),
				"INSERT INTO sihctl_store (name, unchecked) VALUES ('"+strings.Join(s.TableNames(), "', 0), ('")+"', 0)")
			mariadbtest.Run(t, conn, store.Upgrades(store.MySQL, s.Version)[0].Statements[:1]...) // cut short
		},
		Open: func(t *testing.T, name string, o store.Options) (store.Store, error) {
			return at(t, base+name).Open(t.Context(), store.Live, o)
		},
		Shape: func(t *testing.T, name string) (lines []string) {
			name = base + name
			rows, err := db.QueryContext(t.Context(), `SELECT concat_ws(' ', table_name, column_name, column_type, collation_name, is_nullable, column_comment) FROM information_schema.columns WHERE table_schema = '`+name+`'
 UNION ALL SELECT concat_ws(' ', table_name, index_name, seq_in_index, column_name) FROM information_schema.statistics WHERE table_schema = '`+name+`'
 UNION ALL SELECT replace(view_definition, '`+name+`', '') FROM information_schema.views WHERE table_schema = '`+name+`'`)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, line)
			}
			return lines
		},
	})
}
