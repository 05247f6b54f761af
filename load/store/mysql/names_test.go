package mysql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// BenchmarkNames looks for names among a million people.
func BenchmarkNames(b *testing.B) {
	s, err := at(b, fresh()).Open(b.Context(), store.Live, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.FindNames(b, 1_000_000, s, func(sql string, args []any) string {
		var lines []string
		err := s.Query(b.Context(), "EXPLAIN "+sql, args, func(r store.Row) error { // id, select_type, table, type, possible_keys, key
			lines = append(lines, fmt.Sprint(r.Text(2), " ", r.Text(3), " ", r.Text(5)))
			return nil
		})
		plan := strings.Join(lines, "\n")
		if err != nil || !strings.Contains(plan, "n range person_name_by_name_key") {
			b.Errorf("the index is not used, %v:\n%s", err, plan)
		}
		return plan
	})
}
