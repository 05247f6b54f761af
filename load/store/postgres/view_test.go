package postgres_test

import (
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A person's timeline goes by the indexes over person_id, part by part.
func TestTimelineByIndex(t *testing.T) {
	database, db := server.Create(t)
	storetest.Put(t, at(t, database, "unified"), store.Live, "1", storetest.Rows(1, 200))
	postgrestest.Exec(t, db, "SET enable_seqscan = off") // the tables are small
	answer := db.ExecParams(t.Context(), "EXPLAIN SELECT * FROM unified.patient_timeline WHERE person_id = '"+storetest.ID("person", 7).String()+"' ORDER BY at_ts", nil, nil, nil, nil).Read()
	var plan []string
	parts := 0
	for _, row := range answer.Rows {
		line := string(row[0])
		plan = append(plan, line)
		if strings.Contains(line, "_by_person_id") {
			parts++
		}
	}
	if answer.Err != nil || parts != 12 {
		t.Errorf("%d of 12 parts go by the index, %v:\n%s", parts, answer.Err, strings.Join(plan, "\n"))
	}
}
