package storetest

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// views holds that the views yield what can be told from the rows.
func views(_ *testing.T, f *fixture) {
	rows := Rows(15, 30)
	gone := map[sih.ID]bool{}
	// Every fifth row of a patient's has vanished, and so has one person.
	var marks []sih.Entity
	vanish := func(id sih.ID) {
		gone[id] = true
		mark := Row(sih.TableByName("source_record"), 15, 20, 30)
		marks = append(marks, with(with(mark, "id", sih.IDValue(id)), "state", sih.CodeValue("gone")))
	}
	n := 0
	for _, e := range rows {
		switch {
		case e.Table.Name == "source_person":
			if e.Get("person_id").ID() == ID("person", 3) {
				vanish(e.Get("id").ID())
			}
		case e.Table.OfPatient() && e.Table.Has("id"):
			if n++; n%5 == 0 {
				vanish(e.Get("id").ID())
			}
		}
	}
	f.load(Run, "all", append(rows, marks...))
	s := f.open()
	defer f.close(s)
	list := func(sql string, args ...any) (got []string) {
		f.Helper()
		if err := s.Query(f.Context(), sql, args, func(r store.Row) error { got = append(got, r.Text(0)); return nil }); err != nil {
			f.Fatalf("%s: %v", sql, err)
		}
		slices.Sort(got)
		return got
	}
	expect := func(table string, keep func(sih.Entity) bool) (want []string) {
		for _, e := range rows {
			if id := e.Get("id").ID(); e.Table.Name == table && !gone[id] && keep(e) {
				want = append(want, id.String())
			}
		}
		slices.Sort(want)
		return want
	}
	is := func(e sih.Entity, column string, among ...string) bool {
		return slices.Contains(among, e.Get(column).String())
	}
	records := map[sih.ID]bool{}
	for _, e := range rows {
		if e.Table.Name == "source_person" && !gone[e.Get("id").ID()] {
			records[e.Get("person_id").ID()] = true
		}
	}
	tests := []struct {
		sql  string
		want []string
	}{
		{"SELECT person_id FROM current_patient", expect("person", func(e sih.Entity) bool { return e.Get("active").Bool() && records[e.Get("id").ID()] })},
		{"SELECT id FROM active_allergy", expect("allergy", func(e sih.Entity) bool {
			return is(e, "clinical_status", "", "active") && !is(e, "verification", "refuted", "entered-in-error")
		})},
		{"SELECT id FROM active_medication", expect("medication_request", func(e sih.Entity) bool { return is(e, "status", "active", "on-hold") })},
		{"SELECT id FROM laboratory_result", expect("observation", func(e sih.Entity) bool {
			return is(e, "category", "laboratory") && !is(e, "status", "cancelled", "entered-in-error")
		})},
		{"SELECT id FROM open_stay", expect("encounter", func(e sih.Entity) bool {
			return is(e, "class", "IMP") && e.Get("end_ts").IsNull() && !is(e, "status", "planned", "finished", "cancelled", "entered-in-error")
		})},
	}
	for _, test := range tests {
		if diff := gocmp.Diff(test.want, list(test.sql)); diff != "" {
			f.Errorf("%s (-want +got):\n%s", test.sql, diff)
		}
	}
	var numbers []string
	for _, e := range rows {
		if e.Table.Name == "person_identifier" && !gone[e.Get("id").ID()] && is(e, "owner", "self") && !is(e, "status", "entered-in-error") {
			numbers = append(numbers, e.Get("id_value").String())
		}
	}
	slices.Sort(numbers)
	if diff := gocmp.Diff(numbers, list("SELECT id_value FROM patient_number")); diff != "" {
		f.Errorf("patient_number (-want +got):\n%s", diff)
	}
	f.timeline(s, rows, gone)
}

// moments are the columns by which a timeline is ordered.
var moments = map[string]string{
	"observation": "effective_ts", "encounter": "start_ts", "diagnosis": "onset", "allergy": "recorded_ts", "medication_request": "ordered_ts",
	"medication_dispense": "dispensed_ts", "report": "issued_ts", "imaging_study": "started_ts", "procedure_act": "start_ts",
	"immunization": "given_on", "appointment": "start_ts", "document": "created_ts",
}

// timeline holds that a person's is in order, and complete.
func (f *fixture) timeline(s store.Store, rows []sih.Entity, gone map[sih.ID]bool) {
	f.Helper()
	type event struct{ at, what, id string }
	person := ID("person", 7)
	var want, got []event
	for _, e := range rows {
		column, ok := moments[e.Table.Name]
		if !ok || gone[e.Get("id").ID()] || e.Get("person_id").ID() != person {
			continue
		}
		at := e.Get(column)
		if at.Kind() == sih.KindPDate {
			at = sih.TSValue(sih.Timestamp(at.PDate().First) * 86_400_000)
		}
		want = append(want, event{at.String(), e.Table.Name, e.Get("id").String()})
	}
	err := s.Query(f.Context(), "SELECT at_ts, what, id, code_system, code, label, value_num, value_text, unit, status, encounter_id, source_system FROM patient_timeline WHERE person_id = ? AND at_ts IS NOT NULL ORDER BY at_ts", []any{person}, func(r store.Row) error {
		got = append(got, event{r.Text(0), r.Text(1), r.Text(2)})
		if r.Text(11) == "" || r.Text(1) == "encounter" && r.Text(10) != r.Text(2) {
			f.Errorf("a row of %s has no source, or not its encounter", r.Text(1))
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if !slices.IsSortedFunc(got, func(a, b event) int { return cmp.Compare(a.at, b.at) }) {
		f.Error("the timeline is not in order")
	}
	want = slices.DeleteFunc(want, func(e event) bool { return e.at == "" })
	order := func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) }
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(event{})); diff != "" || len(got) == 0 {
		f.Errorf("%d rows of the timeline (-want +got):\n%s", len(got), diff)
	}
}
