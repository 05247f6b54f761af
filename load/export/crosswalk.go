// Package export writes what comes after a migration asks of the unified store.
package export

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

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
// Valid_from is the day, UTC, on which the record's person was last written.
func Crosswalk(ctx context.Context, s store.Store, w io.Writer) (lines int64, err error) {
	out := csv.NewWriter(w)
	out.Write(crosswalkHeader)
	columns := "p.source_system, f.org_code, p.local_id, p.person_id"
	sql := "SELECT " + columns + ", min(" + s.Dialect().ISO("p.updated_at", 10) + `) FROM source_person p
		LEFT JOIN organisation f ON f.id = p.facility_id
		GROUP BY ` + columns + " ORDER BY " + columns
	line := make([]string, len(crosswalkHeader))
	err = s.Query(ctx, sql, nil, func(r store.Row) error {
		for i := range line {
			line[i] = r.Text(i)
		}
		lines++
		return out.Write(line)
	})
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		return 0, fmt.Errorf("export crosswalk: %w", err)
	}
	return lines, nil
}
