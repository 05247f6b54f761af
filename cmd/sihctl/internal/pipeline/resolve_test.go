package pipeline

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

func id(name string) sih.ID { return sih.NewID("s", "t", name, "", "") }

// called writes ids as the names that they were made of.
func called(of sih.ID, names ...string) string {
	for _, n := range names {
		if id(n) == of {
			return n
		}
	}
	return of.String()
}

// thing is an entity of a stage file: its name, the row that it comes from and
// what it points at.
type thing struct {
	table, name string
	row         int
	refs        map[string]string
	keptOut     bool // rejected by its mapping
}

// staged writes a stage file per list and returns the plan of them all.
func staged(t *testing.T, chunks ...[]thing) *runPlan {
	t.Helper()
	p := &runPlan{targets: make([]bool, len(sih.Tables)), zone: time.UTC, id: id("run")}
	for _, list := range chunks {
		for _, x := range list {
			p.targets[sih.TableByName(x.table).Rank()] = true
		}
	}
	w := &stage.Writer{Targets: p.targets}
	for n, list := range chunks {
		w.Reset(stage.Meta{Source: "s", Table: "t", Chunk: fmt.Sprintf("t %06d.00", n)})
		for _, x := range list {
			table := sih.TableByName(x.table)
			if x.keptOut {
				w.KeptOut(table, id(x.name), x.row)
				continue
			}
			e := &stage.Entity{Row: x.row}
			e.Table, e.Values = table, make([]sih.Value, len(table.Columns))
			e.Values[0] = sih.IDValue(id(x.name))
			for column, to := range x.refs {
				e.Values[table.Column(column)] = sih.IDValue(id(to))
			}
			if at := table.Column("source_key"); at >= 0 {
				e.Values[at] = sih.StrValue(x.name)
			}
			w.Entity(e)
		}
		c := &chunkPlan{path: filepath.Join(t.TempDir(), fmt.Sprintf("%d.stage", n))}
		if _, err := w.Close(c.path); err != nil {
			t.Fatal(err)
		}
		p.chunks = append(p.chunks, c)
	}
	return p
}

// settled resolves the chunks and returns, chunk by chunk, what is loaded and
// what is noted: "table name" and "severity reason field of name for root".
func settled(t *testing.T, p *runPlan, names []string) (loaded, noted [][]string) {
	t.Helper()
	facility := stage.Ref{Rank: uint8(sih.TableByName("organisation").Rank()), ID: id("hospital"), Kind: stage.Defined}
	faults, err := resolve(t.Context(), p, []stage.Ref{facility})
	if err != nil {
		t.Fatal(err)
	}
	m := &matched{Faults: faults}
	for _, n := range names {
		m.Links = append(m.Links, link{Record: id(n), Person: id(n)})
	}
	slices.SortFunc(m.Links, func(a, b link) int { return slices.Compare(a.Record[:], b.Record[:]) })
	a := newApplier(p, m)
	for i := range p.chunks {
		var out applied
		var in, notes []string
		for e, err := range a.rows(i, &out) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Table.Name != "reject" {
				in = append(in, e.Table.Name+" "+called(e.Values[0].ID(), names...))
				if e.Table.Column("staff_id") >= 0 && !e.Get("staff_id").IsNull() {
					in[len(in)-1] += " by " + called(e.Get("staff_id").ID(), names...)
				}
				continue
			}
			note := fmt.Sprintf("%s %s %s of %s", e.Get("severity"), e.Get("reason"), e.Get("field"), e.Get("source_key"))
			if root := e.Get("root_id"); !root.IsNull() && !root.ID().IsZero() {
				note += " for " + called(root.ID(), names...)
			}
			notes = append(notes, note)
		}
		slices.Sort(in)
		slices.Sort(notes)
		loaded, noted = append(loaded, in), append(noted, notes)
		if want := int64(len(notes) - countWarnings(notes)); out.rejected != want {
			t.Errorf("chunk %d: got %d rejected, want %d as noted", i, out.rejected, want)
		}
	}
	return loaded, noted
}

func countWarnings(notes []string) (n int) {
	for _, s := range notes {
		if s[:len("warning")] == "warning" {
			n++
		}
	}
	return n
}

func TestResolve(t *testing.T) {
	refs := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	stay := func(name, patient string) thing {
		return thing{table: "encounter", name: name, refs: refs("source_person_id", patient, "organisation_id", "hospital")}
	}
	patient := thing{table: "source_person", name: "patient"}
	names := []string{"patient", "nobody", "bad", "hospital", "doctor", "stay", "order", "drug", "late"}
	tests := []struct {
		name          string
		chunks        [][]thing
		loaded, noted [][]string
	}{
		{
			"all there, in any order",
			[][]thing{{stay("stay", "patient")}, {patient}},
			[][]string{{"encounter stay"}, {"source_person patient"}},
			[][]string{nil, nil},
		},
		{
			"of rows with one key the first stays, across chunks",
			[][]thing{{patient}, {patient, stay("stay", "patient")}, {patient}},
			[][]string{{"source_person patient"}, nil, nil},
			[][]string{nil, {"reject R05  of patient", "reject R05  of stay"}, {"reject R05  of patient"}},
		},
		{
			"what a repeated row alone would have made is missed by what points at it",
			[][]thing{{patient}, {patient, stay("stay", "patient")}, {
				{table: "medication_request", name: "order", refs: refs("source_person_id", "patient", "encounter_id", "stay")},
				{table: "medication_dispense", name: "drug", refs: refs("source_person_id", "patient", "request_id", "order")},
			}},
			[][]string{{"source_person patient"}, nil, nil},
			[][]string{
				nil,
				{"reject R05  of patient", "reject R05  of stay"},
				{"reject R16 encounter_id of order for stay", "reject R16 request_id of drug for stay"},
			},
		},
		{
			"an orphan",
			[][]thing{{stay("stay", "nobody")}},
			[][]string{nil},
			[][]string{{"reject R04 source_person_id of stay for nobody"}},
		},
		{
			"what points at a rejected entity hangs on it",
			[][]thing{{stay("stay", "bad")}, {{table: "source_person", name: "bad", keptOut: true}}},
			[][]string{nil, nil},
			[][]string{{"reject R16 source_person_id of stay for bad"}, nil},
		},
		{
			"three levels down, the root is named",
			[][]thing{
				{{table: "medication_dispense", name: "drug", refs: refs("source_person_id", "patient", "request_id", "order")}},
				{{table: "medication_request", name: "order", refs: refs("source_person_id", "patient", "encounter_id", "stay")}, patient},
				{stay("stay", "nobody")},
			},
			[][]string{nil, {"source_person patient"}, nil},
			[][]string{
				{"reject R16 request_id of drug for stay"},
				{"reject R16 encounter_id of order for stay"},
				{"reject R04 source_person_id of stay for nobody"},
			},
		},
		{
			"a soft reference is emptied",
			[][]thing{{patient, {
				table: "encounter", name: "stay", row: 1,
				refs: refs("source_person_id", "patient", "organisation_id", "hospital", "staff_id", "doctor"),
			}}},
			[][]string{{"encounter stay", "source_person patient"}},
			[][]string{{"warning R04 staff_id of stay"}},
		},
		{
			"a soft reference that leads somewhere stays",
			[][]thing{{patient, {
				table: "encounter", name: "stay", row: 1,
				refs: refs("source_person_id", "patient", "organisation_id", "hospital", "staff_id", "doctor"),
			}}, {{table: "staff", name: "doctor"}}},
			[][]string{{"encounter stay by doctor", "source_person patient"}, {"staff doctor"}},
			[][]string{nil, nil},
		},
		{
			"a key that was rejected once and is good once",
			[][]thing{{{table: "source_person", name: "patient", keptOut: true}}, {patient, {table: "encounter", name: "stay", row: 1, refs: refs("source_person_id", "patient", "organisation_id", "hospital")}}},
			[][]string{nil, {"encounter stay", "source_person patient"}},
			[][]string{nil, nil},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			loaded, noted := settled(t, staged(t, test.chunks...), names)
			if diff := cmp.Diff(test.loaded, loaded); diff != "" {
				t.Errorf("loaded (-want +got):\n%s", diff)
			}
			for i := range noted {
				for j, n := range noted[i] { // a warning's root is no matter
					if len(n) > len("warning") && n[:7] == "warning" {
						noted[i][j] = n[:len("warning R04 staff_id of stay")]
					}
				}
			}
			if diff := cmp.Diff(test.noted, noted); diff != "" {
				t.Errorf("noted (-want +got):\n%s", diff)
			}
		})
	}
}
