package pipeline

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
)

// DetailDir holds, beside the workbook, what is too long for it: the rejects by
// facility, and the other lists as delimited text.
const DetailDir = "reconciliation"

// details writes every issue beside the workbook where its sheet holds only
// limit of them: a workbook for each facility, and delimited text where even
// that is too small, or where no facility is told. What an earlier run left
// there goes.
func (a *auditor) details(ctx context.Context, o Options, c workbook.Content, limit int64) ([]workbook.Detail, error) {
	dir := filepath.Join(o.Project.Dir, DetailDir)
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("remove former detail: %w", err)
	}
	type part struct {
		facility string
		rows     int64
	}
	var parts []part
	var all int64
	err := a.store.Query(ctx, "SELECT facility_code, count(*) FROM reject GROUP BY facility_code ORDER BY facility_code", nil, func(r store.Row) error {
		parts = append(parts, part{strings.Clone(r.Text(0)), r.Int(1)})
		all += r.Int(1)
		return nil
	})
	if err != nil || all <= limit {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("write detail: %w", err)
	}
	var out []workbook.Detail
	for _, p := range parts {
		list := rejectsOf(ctx, a.store, p.facility)
		name := pathName(p.facility) + ".xlsx"
		if p.facility == "" || p.rows > workbook.MaxLimit {
			if name = pathName(p.facility) + ".csv"; p.facility == "" {
				name = "no-facility.csv"
			}
			err = streamFile(filepath.Join(dir, name), func(w io.Writer) error {
				_, err := workbook.WriteRejects(w, c, list)
				return err
			})
		} else {
			err = workbook.WriteFile(filepath.Join(dir, name), workbook.Content{
				Report: ofFacility(c.Report, p.facility), Run: c.Run, Facility: p.facility, Rejects: list, Measures: c.Measures,
				Lang: c.Lang, Unmasked: c.Unmasked, Limit: workbook.MaxLimit,
			})
		}
		if err != nil {
			return nil, fmt.Errorf("write detail of %s: %w", p.facility, err)
		}
		hash, err := fileHash(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		out = append(out, workbook.Detail{Name: path.Join(DetailDir, name), Hash: hash, Rows: p.rows})
	}
	return out, nil
}

// ofFacility is the part of a report that is one facility's.
func ofFacility(r *reconcile.Report, facility string) *reconcile.Report {
	out := &reconcile.Report{Entities: slices.Clone(r.Entities), Controls: slices.Clone(r.Controls)}
	out.Entities = slices.DeleteFunc(out.Entities, func(l reconcile.EntitiesLine) bool { return l.Facility != facility })
	out.Controls = slices.DeleteFunc(out.Controls, func(l reconcile.ControlLine) bool { return l.Facility != facility })
	return out
}

// rejectsOf streams the issues of one facility, or those of none.
func rejectsOf(ctx context.Context, s store.Store, facility string) iter.Seq2[workbook.Reject, error] {
	if facility == "" {
		return rejectsWhere(ctx, s, "r.facility_code IS NULL OR r.facility_code = ?", "")
	}
	return rejectsWhere(ctx, s, "r.facility_code = ?", facility)
}
