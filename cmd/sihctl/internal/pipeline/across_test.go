package pipeline

import (
	"path/filepath"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/stage"
)

// entity makes an entity of canonical texts.
func entity(t *testing.T, table, name string, fields map[string]string) *stage.Entity {
	t.Helper()
	e := &stage.Entity{}
	e.Table = sih.TableByName(table)
	e.Values = make([]sih.Value, len(e.Table.Columns))
	e.Values[0] = sih.IDValue(id(name))
	for column, text := range fields {
		at := e.Table.Column(column)
		if e.Table.Columns[at].Kind == sih.KindID {
			e.Values[at] = sih.IDValue(id(text))
			continue
		}
		v, err := sih.ParseValue(&e.Table.Columns[at], text)
		if err != nil {
			t.Fatal(err)
		}
		e.Values[at] = v
	}
	return e
}

// TestAcross holds rows against rows of other chunks, whichever comes first.
func TestAcross(t *testing.T) {
	chunks := [][]*stage.Entity{
		{
			entity(t, "claim_line", "l1", map[string]string{"claim_id": "sound", "amount": "6000"}),
			entity(t, "claim_line", "l2", map[string]string{"claim_id": "short", "amount": "6000"}),
			entity(t, "claim_line", "l3", map[string]string{"claim_id": "nobody's", "amount": "6000"}),
		},
		{
			entity(t, "source_person", "known", map[string]string{"birth_date": "1962", "death_ts": "2024-02-20T03:10:00.000Z"}),
			entity(t, "source_person", "unknown", nil),
		},
		{
			entity(t, "claim", "sound", map[string]string{"total": "10000"}),
			entity(t, "claim", "short", map[string]string{"total": "10000"}),
			entity(t, "claim", "bare", map[string]string{"total": "10000"}),
			entity(t, "claim_line", "l4", map[string]string{"claim_id": "sound", "amount": "4000"}),
		},
	}
	p := &runPlan{}
	for n, list := range chunks {
		w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
		w.Reset(stage.Meta{})
		for _, e := range list {
			w.Entity(e)
		}
		c := &chunkPlan{path: filepath.Join(t.TempDir(), string(rune('a'+n)))}
		if _, err := w.Close(c.path); err != nil {
			t.Fatal(err)
		}
		p.chunks = append(p.chunks, c)
	}
	x, err := newAcross(p)
	if err != nil {
		t.Fatal(err)
	}
	at := func(ts string) map[string]string { return map[string]string{"effective_ts": ts} }
	for _, tt := range []struct {
		name, patient string
		e             *stage.Entity
		want          string
	}{
		{"while alive", "known", entity(t, "observation", "o", at("2000-01-01T10:00:00.000Z")), ""},
		{"in the year of the birth", "known", entity(t, "observation", "o", at("1962-01-01T10:00:00.000Z")), ""},
		{"before the birth", "known", entity(t, "observation", "o", at("1961-12-30T10:00:00.000Z")), "R11 before the patient's birth"},
		{"on the day of the death", "known", entity(t, "observation", "o", at("2024-02-20T23:00:00.000Z")), ""},
		{"reported a day later", "known", entity(t, "observation", "o", at("2024-02-21T23:00:00.000Z")), ""},
		{"after the death", "known", entity(t, "observation", "o", at("2024-02-22T01:00:00.000Z")), "R11 after the patient's death"},
		{"of whom nothing is known", "unknown", entity(t, "observation", "o", at("1800-02-22T01:00:00.000Z")), ""},
		{"without a time", "known", entity(t, "observation", "o", nil), ""},
		{"a vaccination in a year", "known", entity(t, "immunization", "o", map[string]string{"given_on": "1962"}), ""},
		{"a vaccination in a year before", "known", entity(t, "immunization", "o", map[string]string{"given_on": "1961"}), "R11 before the patient's birth"},
		{"a bill after the death", "known", entity(t, "claim", "bare", map[string]string{"issued_on": "2025-01-01"}), ""},
		{"a bill and its lines", "known", entity(t, "claim", "sound", nil), ""},
		{"a bill that lacks a line", "known", entity(t, "claim", "short", nil), "R12 its lines do not add up to the total"},
		{"a bill without lines", "known", entity(t, "claim", "bare", nil), ""},
	} {
		n, wrong := x.find(tt.e, id(tt.patient))
		got := ""
		if wrong {
			got = string(n.Reason) + " " + n.Detail
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
