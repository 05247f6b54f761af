// Package export writes what comes after a migration asks of the unified store.
package export

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sihctl/sih/load/store"
)

// crosswalkHeader are the columns of a crosswalk.
var crosswalkHeader = []string{"source", "facility", "local_id", "person_id", "valid_from"}

// Crosswalk writes, as CSV, which person each patient number of each old system
// is: what an image archive or a laboratory needs to go on with its own files
// on the first day. It returns the number of lines beneath the header.
//
// A number that several records of one source bear is there once for each
// person that bears it: who reads the file can tell that it does not name one.
// Where a person was replaced by another, as decisions of reviewers do, that one
// stands in their place. Valid_from is the day, UTC, on which the record's
// person was last written.
func Crosswalk(ctx context.Context, s store.Store, w io.Writer) (lines int64, err error) {
	out := csv.NewWriter(w)
	out.Write(crosswalkHeader)
	replaced, err := replacements(ctx, s)
	if err != nil {
		return 0, fmt.Errorf("export crosswalk: %w", err)
	}
	columns := "p.source_system, f.org_code, p.local_id, p.person_id"
	sql := "SELECT " + columns + ", min(" + s.Dialect().ISO("p.updated_at", 10) + `) FROM source_person p
		LEFT JOIN organisation f ON f.id = p.facility_id
		GROUP BY ` + columns + " ORDER BY " + columns
	var group [][]string // the lines of one number
	flush := func() error {
		slices.SortFunc(group, slices.Compare[[]string])
		group = slices.CompactFunc(group, func(a, b []string) bool { return a[3] == b[3] }) // the earliest day stays
		for _, line := range group {
			if err := out.Write(line); err != nil {
				return err
			}
			lines++
		}
		group = group[:0]
		return nil
	}
	err = s.Query(ctx, sql, nil, func(r store.Row) error {
		line := make([]string, len(crosswalkHeader))
		for i := range line {
			line[i] = strings.Clone(r.Text(i))
		}
		for range len(replaced) { // who was replaced may have replaced others before
			next, ok := replaced[line[3]]
			if !ok {
				break
			}
			line[3] = next
		}
		if len(group) > 0 && !slices.Equal(group[0][:3], line[:3]) {
			if err := flush(); err != nil {
				return err
			}
		}
		group = append(group, line)
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		return 0, fmt.Errorf("export crosswalk: %w", err)
	}
	return lines, nil
}

// replacements tells who has replaced whom.
func replacements(ctx context.Context, s store.Store) (map[string]string, error) {
	out := map[string]string{}
	err := s.Query(ctx, "SELECT id, replaced_by FROM person WHERE replaced_by IS NOT NULL", nil, func(r store.Row) error {
		out[strings.Clone(r.Text(0))] = strings.Clone(r.Text(1))
		return nil
	})
	return out, err
}
