package linkage

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/transform/match"
)

// table yields the named columns of a small file, line by line. Every line
// must be readable.
func table(ctx context.Context, path string, columns []string, line func(values []string, where string) error) error {
	src, err := csvfile.New(csvfile.Config{Dir: filepath.Dir(path), Tables: map[string][]string{"lines": {literal(filepath.Base(path))}}})
	if err != nil {
		return err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return err
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = slices.IndexFunc(tables[0].Columns, func(x extract.Column) bool { return strings.EqualFold(x.Name, c) })
		if at[i] < 0 {
			return faultf("its first line is "+strings.Join(columns, ","), "%s has no column %s", path, c)
		}
	}
	values := make([]string, len(columns))
	for row, err := range src.Rows(ctx, "lines", func(x extract.Rejected) error {
		return faultf("correct it", "%s: %s", x.Where, x.Detail)
	}) {
		if err != nil {
			return err
		}
		for i, j := range at {
			values[i] = strings.TrimSpace(row[j].Text)
		}
		if err := line(values, path+" line "+row[len(row)-1].Text); err != nil {
			return err
		}
	}
	return nil
}

// ReadDecisions reads what humans decided: record_id_a,record_id_b,decision,
// which is same or apart. Of several on one pair the last counts.
func ReadDecisions(ctx context.Context, path string) ([]match.Decision, error) {
	var out []match.Decision
	at := map[[2]sih.ID]int{}
	err := table(ctx, path, []string{"record_id_a", "record_id_b", "decision"}, func(v []string, where string) error {
		d := match.Decision{A: recordID(v[0]), B: recordID(v[1])}
		switch strings.ToLower(v[2]) {
		case "same":
			d.Same = true
		case "apart":
		default:
			return faultf("write same or apart", "%s: the decision is neither same nor apart", where)
		}
		if slices.Compare(d.A[:], d.B[:]) > 0 {
			d.A, d.B = d.B, d.A
		}
		if i, ok := at[[2]sih.ID{d.A, d.B}]; ok {
			out[i] = d
			return nil
		}
		at[[2]sih.ID{d.A, d.B}] = len(out)
		out = append(out, d)
		return nil
	})
	return out, err
}

// Before holds the clusters of a former run.
type Before struct {
	person map[sih.ID]sih.ID // per record, its cluster
	names  map[sih.ID]string // per cluster, its id in the file
}

// ReadBefore reads the clusters of a former run: record_id,cluster_id.
func ReadBefore(ctx context.Context, path string) (*Before, error) {
	b := &Before{map[sih.ID]sih.ID{}, map[sih.ID]string{}}
	err := table(ctx, path, []string{"record_id", "cluster_id"}, func(v []string, _ string) error {
		person := recordID(v[1])
		b.person[recordID(v[0])] = person
		if _, ok := b.names[person]; !ok {
			b.names[person] = strings.Clone(v[1])
		}
		return nil
	})
	return b, err
}

// Person tells which cluster a record was in.
func (b *Before) Person(record sih.ID) (sih.ID, bool) {
	p, ok := b.person[record]
	return p, ok
}
