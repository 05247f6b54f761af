package mapping_test

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

const forms = `
system: x
from: T
key: [ID]
to:
  observation:
    source_person_id: {of: P, key: [ID]}
    encounter_id:     [{of: STAY, key: [STAY]}, {of: VISIT, key: [VISIT]}]
    category:         [{from: KIND, code: codes/kind.csv, unmapped: next}, {value: exam}]
    obs_code:         [{from: CODE, when: "KIND == 'L'"}, {value: other}]
    value_num:        {from: VALUE, take: '^([0-9.]+)/', steps: [decimal]}
    effective_ts:     {from: WHEN}
    status:           {value: final}
`

var formTable = mapping.Table{Name: "T", Columns: []string{"ID", "STAY", "VISIT", "KIND", "CODE", "VALUE", "WHEN"}}

func compile(t *testing.T, src string) (*mapping.Plan, error) {
	t.Helper()
	f, err := mapping.Parse("t.yaml", []byte(src))
	if err != nil {
		return nil, err
	}
	return mapping.Compile(f, formTable, mapping.Setting{
		Source: "x", Rules: rule.New(rule.Profile{}),
		Files: fstest.MapFS{"codes/kind.csv": {Data: []byte("code,label,target,status,approver\nL,lab,laboratory,draft,\n")}},
	})
}

func TestForms(t *testing.T) {
	plan, err := compile(t, forms)
	if err != nil {
		t.Fatal(err)
	}
	const when = "2024-01-02T03:04:05.000Z"
	of := func(table, key string) string { return sih.NewID("x", table, key, "encounter", "").String() }
	tests := []struct {
		name string
		row  string // "-" for NULL
		want [4]string
	}{
		{"the first form", "1 7 - L GLY 12/8", [4]string{of("STAY", "7"), "laboratory", "GLY", "12"}},
		{"the second form", "2 - 9 L - 12/8", [4]string{of("VISIT", "9"), "laboratory", "other", "12"}},
		{"a form whose condition is false", "3 - 9 V GLY 8", [4]string{of("VISIT", "9"), "exam", "other", ""}},
		{"a form whose condition is NULL", "4 - - - GLY -", [4]string{"", "exam", "other", ""}},
	}
	w := stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{Source: "x", Table: "T"})
	r := plan.NewRunner(&w, time.UTC)
	for i, tt := range tests {
		var row []sih.Raw
		for f := range strings.FieldsSeq(tt.row + " " + when) {
			if f == "-" {
				row = append(row, sih.Null)
				continue
			}
			row = append(row, sih.Text(f))
		}
		r.Row(i, row)
	}
	r.Flush()
	if w.Meta.Warnings != 0 {
		t.Errorf("%d warnings: forms that give nothing are no faults", w.Meta.Warnings)
	}
	path := filepath.Join(t.TempDir(), "stage")
	if _, err := w.Close(path); err != nil {
		t.Fatal(err)
	}
	in, err := stage.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	got := map[int][4]string{}
	for e, err := range in.Entities() {
		if err != nil {
			t.Fatal(err)
		}
		got[e.Row] = [4]string{e.Get("encounter_id").String(), e.Get("category").String(), e.Get("obs_code").String(), e.Get("value_num").String()}
	}
	for i, tt := range tests {
		if diff := cmp.Diff(tt.want, got[i]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestFormFaults(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"no group", "'^([0-9.]+)/'", "'^[0-9.]+/'", "one group"},
		{"no expression", "'^([0-9.]+)/'", "'^([0-9'", "missing closing"},
		{"no column", `"KIND == 'L'"`, `"KINDS == 'L'"`, `did you mean "KIND"`},
		{"no form", "[{from: CODE, when: \"KIND == 'L'\"}, {value: other}]", "[]", "the list is empty"},
		{"take without from", "{value: other}]", "{value: other, take: '(x)'}]", "go with from"},
	}
	for _, tt := range tests {
		src := strings.Replace(forms, tt.old, tt.new, 1)
		if src == forms {
			t.Fatalf("%s: nothing was replaced", tt.name)
		}
		_, err := compile(t, src)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
