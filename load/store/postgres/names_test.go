package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// BenchmarkNames looks for names among a million people.
func BenchmarkNames(b *testing.B) {
	database, db := server.Create(b)
	s, err := at(b, database, "unified").Open(b.Context(), store.Live, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.FindNames(b, 1_000_000, s, func(sql string, args []any) string {
		for _, a := range args {
			sql = strings.Replace(sql, "?", fmt.Sprintf("'%v'", a), 1)
		}
		answer := db.ExecParams(b.Context(), "SET search_path = unified", nil, nil, nil, nil).Read()
		if answer.Err != nil {
			b.Fatal(answer.Err)
		}
		answer = db.ExecParams(b.Context(), "EXPLAIN "+sql, nil, nil, nil, nil).Read()
		var lines []string
		for _, row := range answer.Rows {
			lines = append(lines, string(row[0]))
		}
		plan := strings.Join(lines, "\n")
		if answer.Err != nil || !strings.Contains(plan, "person_name_by_name_key") {
			b.Errorf("the index is not used, %v:\n%s", answer.Err, plan)
		}
		return plan
	})
}
