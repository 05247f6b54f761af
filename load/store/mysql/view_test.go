package mysql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/storetest"
)

// A person's timeline goes by the indexes over person_id, part by part.
func TestTimelineByIndex(t *testing.T) {
	e := at(t, fresh())
	storetest.Put(t, e, store.Live, "1", storetest.Rows(1, 200))
	s, err := e.Open(t.Context(), store.Live, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var plan []string
	parts := 0
	err = s.Query(t.Context(), "EXPLAIN SELECT * FROM patient_timeline WHERE person_id = ? ORDER BY at_ts", []any{storetest.ID("person", 7)}, func(r store.Row) error { // id, select_type, table, type, possible_keys, key
		plan = append(plan, fmt.Sprint(r.Text(2), " ", r.Text(3), " ", r.Text(5)))
		if strings.Contains(r.Text(5), "_by_person_id") {
			parts++
		}
		return nil
	})
	if err != nil || parts != 12 {
		t.Errorf("%d of 12 parts go by the index, %v:\n%s", parts, err, strings.Join(plan, "\n"))
	}
}
