package layoutcheck_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/sheet"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// mapped is what became of one table's rows.
type mapped struct {
	meta     stage.Meta
	entities []stage.Entity
	controls []stage.Control
	notes    []stage.Note
	left     []stage.Left
	lost     map[int]bool // rows that were rejected or excluded
}

// region simulates a small region and maps all of it, once for all tests.
func region(t *testing.T) map[string]map[string]*mapped {
	t.Helper()
	dir := t.TempDir()
	if _, err := simulate.Write(t.Context(), dir, simulate.Config{Patients: 1500, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]*mapped{}
	for _, l := range simulate.Layouts() {
		system := string(l.Source)
		out[system] = map[string]*mapped{}
		var rows func(table string) (mapping.Table, func(yield func([]sih.Raw)))
		switch l.Driver {
		case "csv":
			src, err := csvfile.New(csvfile.Config{Dir: filepath.Join(dir, "incoming", system), Separator: ';', Encoding: "windows-1252"})
			if err != nil {
				t.Fatal(err)
			}
			rows = sourceRows(t, src)
		case "xlsx":
			src, err := sheet.New(sheet.Config{Dir: filepath.Join(dir, "incoming", system)})
			if err != nil {
				t.Fatal(err)
			}
			rows = sourceRows(t, src)
		default:
			snap, err := snapshot.Open(filepath.Join(dir, "snapshots", system))
			if err != nil {
				t.Fatal(err)
			}
			rows = snapshotRows(t, snap)
		}
		s := setting(t, system)
		files, err := mapping.Load(s.Files)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			table, each := rows(f.From)
			out[system][f.From] = run(t, f, table, s, each)
		}
	}
	return out
}

func names(t extract.Table) (out mapping.Table) {
	out.Name = t.Name
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	return out
}

func sourceRows(t *testing.T, src extract.Source) func(string) (mapping.Table, func(func([]sih.Raw))) {
	t.Cleanup(func() { src.Close() })
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (mapping.Table, func(func([]sih.Raw))) {
		i := slices.IndexFunc(tables, func(x extract.Table) bool { return x.Name == name })
		if i < 0 {
			t.Fatalf("the source has no table %s", name)
		}
		return names(tables[i]), func(yield func([]sih.Raw)) {
			for row, err := range src.Rows(context.Background(), name, func(extract.Rejected) error { return nil }) {
				if err != nil {
					t.Fatal(err)
				}
				yield(row)
			}
		}
	}
}

func snapshotRows(t *testing.T, snap *snapshot.Snapshot) func(string) (mapping.Table, func(func([]sih.Raw))) {
	return func(name string) (mapping.Table, func(func([]sih.Raw))) {
		for _, x := range snap.Tables {
			if x.Name != name {
				continue
			}
			return names(x.Table), func(yield func([]sih.Raw)) {
				for _, c := range x.Chunks {
					if c.Rejected {
						continue
					}
					for row, err := range snap.Rows(x, c) {
						if err != nil {
							t.Fatal(err)
						}
						yield(row)
					}
				}
			}
		}
		t.Fatalf("the snapshot has no table %s", name)
		return mapping.Table{}, nil
	}
}

func run(t *testing.T, f *mapping.File, table mapping.Table, s mapping.Setting, each func(func([]sih.Raw))) *mapped {
	t.Helper()
	plan, err := mapping.Compile(f, table, s)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{Source: s.Source, Table: f.From})
	r := plan.NewRunner(w, zone)
	n := 0
	each(func(row []sih.Raw) { r.Row(n, row); n++ })
	r.Flush()
	path := filepath.Join(t.TempDir(), "stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	in, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	m := &mapped{meta: in.Meta, lost: map[int]bool{}}
	for e, err := range in.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		e.Values = slices.Clone(e.Values)
		m.entities = append(m.entities, *e)
	}
	left, notes, err := in.Notes()
	if err != nil {
		t.Fatal(err)
	}
	m.notes, m.left = notes, left
	for _, l := range left {
		m.lost[l.Row] = true
	}
	if m.controls, err = in.Controls(); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRegion(t *testing.T) {
	all := region(t)
	t.Run("accepted", func(t *testing.T) { accepted(t, all) })
	t.Run("controls", func(t *testing.T) { controls(t, all) })
}

// accepted demands that of every table nearly all rows find their way, and
// that every unified table which has a source is filled by one.
func accepted(t *testing.T, all map[string]map[string]*mapped) {
	filled := map[string]int{}
	for _, system := range slices.Sorted(maps.Keys(all)) {
		rows, rejected := int64(0), int64(0)
		for _, name := range slices.Sorted(maps.Keys(all[system])) {
			m := all[system][name]
			rows, rejected = rows+m.meta.Rows, rejected+m.meta.Rejected
			if m.meta.Rows == 0 {
				t.Errorf("%s/%s: no rows", system, name)
			}
			t.Logf("%s/%s: %d rows, %d accepted, %d rejected, %d excluded, %d warnings", system, name, m.meta.Rows, m.meta.Accepted, m.meta.Rejected, m.meta.Excluded, m.meta.Warnings)
			causes := map[string]int{}
			for _, n := range m.notes {
				causes[fmt.Sprintf("%s %s.%s %s %s", n.Severity, n.Table, n.Field, n.Reason, n.Detail)]++
			}
			for _, c := range slices.Sorted(maps.Keys(causes)) {
				t.Logf("    %5d %s", causes[c], c)
			}
			for table, n := range m.meta.Entities {
				filled[table] += int(n)
			}
			if m.meta.Accepted == 0 && m.meta.Excluded < m.meta.Rows {
				t.Errorf("%s/%s: nothing was accepted of %d rows", system, name, m.meta.Rows)
			}
		}
		if rejected*100 > rows {
			t.Errorf("%s: %d of %d rows were rejected, more than one in a hundred", system, rejected, rows)
		}
	}
	// What the program makes itself, and what no system of these has.
	made := []string{"person", "person_identifier", "person_name", "person_telecom", "person_relation", "document"}
	for _, table := range sih.Tables {
		if table.Sourced() && table.Group != sih.Ledger && filled[table.Name] == 0 && !slices.Contains(made, table.Name) {
			t.Errorf("no entity of %s came of any system", table.Name)
		}
	}
}

// measureKey is what control totals are compared by.
type measureKey struct {
	system, measure, facility, payer string
	year, month                      int
}

// controls holds what the controls count on the rows that are not left out
// against what the entities say: the equation that reconciliation balances.
func controls(t *testing.T, all map[string]map[string]*mapped) {
	zone, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	counted, found := map[measureKey]int64{}, map[measureKey]int64{}
	has := map[string]bool{}
	for system, tables := range all {
		for _, m := range tables {
			for _, c := range m.controls {
				has[system+c.Measure] = true
			}
		}
		for _, m := range tables {
			for _, c := range m.controls {
				if m.lost[c.Row] {
					continue
				}
				counted[measureKey{system, c.Measure, c.Facility, c.Payer, c.Year, c.Month}] += c.Amount
			}
			for i := range m.entities {
				for _, x := range measures(&m.entities[i], zone) {
					if !has[system+x.Measure] {
						continue // a measure that the source does not count
					}
					k := measureKey{system, x.Measure, x.Facility, x.Payer, x.Year, x.Month}
					found[k] += x.Amount
				}
			}
		}
	}
	if len(counted) == 0 {
		t.Fatal("nothing was counted")
	}
	keys := slices.Collect(maps.Keys(counted))
	for k := range found {
		if _, ok := counted[k]; !ok {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
	for _, k := range keys {
		if counted[k] != found[k] {
			t.Errorf("%+v: %d by the controls, %d by the entities", k, counted[k], found[k])
		}
	}
}

// measures tells what an entity adds to which control totals.
func measures(e *stage.Entity, zone *time.Location) (out []stage.Control) {
	day := func(column string) (y, m int, d sih.Date) {
		v := e.Get(column)
		switch v.Kind() {
		case sih.KindTS:
			local := sih.Timestamp(v.Int()).Time().In(zone)
			d, _ = sih.DateOf(local.Year(), int(local.Month()), local.Day())
		case sih.KindDate:
			d = sih.Date(v.Int())
		default:
			return 0, 0, 0
		}
		y, m, _ = d.Civil()
		return y, m, d
	}
	add := func(measure, column string, amount int64) {
		y, _, _ := day(column)
		out = append(out, stage.Control{Measure: measure, Facility: e.Facility, Year: y, Amount: amount})
	}
	money := func(measure, column, date string) {
		if v := e.Get(column); !v.IsNull() {
			y, m, _ := day(date)
			out = append(out, stage.Control{Measure: measure, Facility: e.Facility, Year: y, Month: m, Payer: e.Get("payer").String(), Amount: v.Int()})
		}
	}
	switch e.Table.Name {
	case "source_person":
		out = append(out, stage.Control{Measure: "patients", Facility: e.Facility, Amount: 1})
	case "allergy":
		out = append(out, stage.Control{Measure: "allergies", Facility: e.Facility, Amount: 1})
	case "encounter":
		if e.Get("status").String() == "cancelled" {
			return nil
		}
		switch e.Get("class").String() {
		case "IMP":
			add("admissions", "start_ts", 1)
			_, _, from := day("start_ts")
			if _, _, to := day("end_ts"); !e.Get("end_ts").IsNull() && to >= from {
				add("bed_days", "end_ts", max(int64(to-from), 1))
			}
		case "AMB":
			add("outpatient_consultations", "start_ts", 1)
		}
	case "observation":
		if e.Get("category").String() == "laboratory" {
			add("laboratory_acts", "effective_ts", 1)
		}
	case "imaging_study":
		add("radiology_acts", "started_ts", 1)
	case "claim":
		if e.Get("status").String() != "active" {
			return nil
		}
		money("billed", "total", "issued_on")
		money("insurer_part", "insurer_part", "issued_on")
		money("patient_part", "patient_part", "issued_on")
		money("exempted", "exempted", "issued_on")
	case "payment":
		if !e.Get("cancelled").Bool() {
			add("receipts", "paid_on", e.Get("amount").Int())
			money("received", "amount", "paid_on")
		}
	}
	return out
}
