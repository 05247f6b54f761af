package stage_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// entity fills every column of a table, but every third with NULL where it
// may be.
func entity(t *sih.Table, n int) *stage.Entity {
	e := &stage.Entity{Row: n, Primary: n%2 == 0, Facility: fmt.Sprintf("F%d", n%3)}
	e.Table = t
	for i, c := range t.Columns {
		var v sih.Value
		switch k := int64(n*31 + i); c.Kind {
		case sih.KindID:
			v = sih.IDValue(sih.NewID("s", t.Name, fmt.Sprint(n), c.Name, ""))
		case sih.KindCode:
			v = sih.CodeValue(fmt.Sprintf("c%d", k))
		case sih.KindStr:
			v = sih.StrValue(fmt.Sprintf("محمد %d", k))
		case sih.KindText:
			v = sih.TextValue(fmt.Sprintf("text\n%d", k))
		case sih.KindDate:
			v = sih.DateValue(sih.Date(-k * 100))
		case sih.KindTS:
			v = sih.TSValue(sih.Timestamp(-k * 1e9))
		case sih.KindPDate:
			v = sih.PDateValue(sih.YearDate(1900 + n))
		case sih.KindNum:
			v = sih.NumValue(-k)
		case sih.KindMoney:
			v = sih.MoneyValue(k * 1e12)
		case sih.KindInt:
			v = sih.IntValue(-k)
		case sih.KindBool:
			v = sih.BoolValue(k%2 == 0)
		}
		if i > 0 && !c.NotNull && (n+i)%3 == 0 {
			v = sih.Value{}
		}
		e.Values = append(e.Values, v)
	}
	return e
}

func TestRoundTrip(t *testing.T) {
	w := stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Targets[sih.TableByName("encounter").Rank()] = true
	path := filepath.Join(t.TempDir(), "a.stage")
	var hashes []string
	want := map[sih.ID]*stage.Entity{}
	for range 2 { // the second time with used memory
		w.Reset(stage.Meta{Source: "s", Table: "T", Chunk: "T 000000.00", Rows: 40})
		for n := range 40 {
			for _, table := range sih.Tables {
				if table.Columns[0].Kind != sih.KindID {
					continue
				}
				e := entity(table, n)
				want[e.Values[0].ID()] = e
				w.Entity(e)
			}
		}
		w.Left(stage.Left{Row: 3, Key: "3", State: "excluded", Reason: "soft-deleted"})
		w.Note(stage.Note{Row: 4, Table: "encounter", Reason: sih.R02, Severity: sih.Reject, Value: "31/02"})
		w.Control(stage.Control{Row: 5, Measure: "receipts", Facility: "F1", Year: 2024, Month: 12, Payer: "far", Amount: -7})
		hash, err := w.Close(path)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	if hashes[0] != hashes[1] {
		t.Error("the same content gives two files")
	}
	r, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, last := 0, ""
	for e, err := range r.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		w := want[e.Values[0].ID()]
		if e.Table != w.Table || !slices.Equal(e.Values, w.Values) || e.Row != w.Row || e.Primary != w.Primary || e.Facility != w.Facility {
			t.Fatalf("%s came back as %v, want %v", e.Table.Name, e, w)
		}
		at := fmt.Sprintf("%03d%s", e.Table.Rank(), e.Values[0])
		if at < last {
			t.Fatal("entities are not sorted by table and id")
		}
		last = at
	}
	if n != len(want) {
		t.Errorf("%d entities came back, want %d", n, len(want))
	}
	for e, err := range r.Entities("encounter") {
		if err != nil || e.Table.Name != "encounter" {
			t.Fatalf("asked for encounters, got %v, %v", e, err)
		}
	}
	left, notes, err := r.Notes()
	if err != nil || len(left) != 1 || left[0].Reason != "soft-deleted" || len(notes) != 1 || notes[0].Value != "31/02" {
		t.Errorf("Notes = %v, %v, %v", left, notes, err)
	}
	controls, err := r.Controls()
	wantControls := []stage.Control{{Row: 5, Measure: "receipts", Facility: "F1", Year: 2024, Month: 12, Payer: "far", Amount: -7}}
	if diff := cmp.Diff(wantControls, controls); err != nil || diff != "" {
		t.Errorf("Controls: %v %s", err, diff)
	}
	checkRefs(t, r)
}

func checkRefs(t *testing.T, r *stage.Reader) {
	t.Helper()
	next := r.Refs(64)
	var last stage.Ref
	kinds := map[stage.RefKind]int{}
	for i := 0; ; i++ {
		ref, ok, err := next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if i > 0 && last.Compare(ref) >= 0 {
			t.Fatal("references are not sorted")
		}
		last = ref
		kinds[ref.Kind]++
	}
	for _, k := range []stage.RefKind{stage.Defined, stage.Link, stage.Wanted} {
		if kinds[k] == 0 {
			t.Errorf("no reference of kind %d", k)
		}
	}
}

func TestStaleFilesAreRefused(t *testing.T) {
	w := stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{})
	w.Entity(entity(sih.TableByName("encounter"), 1))
	path := filepath.Join(t.TempDir(), "a.stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	body := slices.Clone(whole)
	body[20] ^= 1
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range r.Entities() {
	}
	r.Close()
	if !errors.Is(err, stage.ErrStale) {
		t.Errorf("a damaged body reads with %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file with a damaged body is still there: transform would take it for whole")
	}
	other := slices.Clone(whole)
	other[8] ^= 1 // the fingerprint
	for _, bad := range [][]byte{nil, whole[:10], whole[:len(whole)-1], other} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := stage.Open(path); !errors.Is(err, stage.ErrStale) {
			t.Errorf("Open of %d of %d bytes = %v", len(bad), len(whole), err)
		}
	}
}
