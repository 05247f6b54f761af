package sqlserver

import (
	"context"
	"database/sql"

	"github.com/sihctl/sih/extract"
)

// View tells of the view that rows are read in now: a transaction of snapshot
// isolation, or a session in a read-only database, which are consistent; or
// else a session at READ COMMITTED, in which each statement sees what is there
// when it comes by. A lost connection ends a view; the next use of the source opens
// another.
func (s *Source) View(ctx context.Context) (v extract.View, err error) {
	err = s.use(ctx, func(c *session) error {
		v = extract.View{Opened: c.opened, Consistent: c.steady()}
		return nil
	})
	return v, err
}

// Count counts a table's rows in the present view.
func (s *Source) Count(ctx context.Context, name string) (n int64, err error) {
	err = s.use(ctx, func(c *session) error {
		t, err := s.table(name)
		if err != nil {
			return err
		}
		n, err = c.count(ctx, t.counting(""), nil)
		return wrap(ctx, name, "count its rows", err)
	})
	return n, err
}

// sizesQuery asks for rows and pages as the server keeps account of them. It
// goes by views that show whoever may read a table its figures; the statistics
// of sys.dm_db_partition_stats would need VIEW DATABASE STATE. Indexes 0 and 1
// are the table itself, units of type 2 its large values.
const sizesQuery = `SELECT s.name, t.name, CONVERT(bigint, COALESCE(p.n, 0)), CONVERT(bigint, COALESCE(u.pages, 0))
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 LEFT JOIN (SELECT r.object_id, SUM(r.rows) AS n FROM sys.partitions AS r WHERE r.index_id IN (0, 1) GROUP BY r.object_id) AS p ON p.object_id = t.object_id
 LEFT JOIN (SELECT k.object_id, SUM(a.used_pages) AS pages FROM sys.partitions AS k
 JOIN sys.allocation_units AS a ON a.container_id = CASE a.type WHEN 2 THEN k.partition_id ELSE k.hobt_id END
 WHERE k.index_id IN (0, 1) GROUP BY k.object_id) AS u ON u.object_id = t.object_id
 WHERE t.is_ms_shipped = 0`

const pageBytes = 8192

// Survey tells the size of each table as the catalogue keeps account of it.
func (s *Source) Survey(ctx context.Context) ([]extract.Size, error) {
	var out []extract.Size
	err := s.use(ctx, func(c *session) error {
		sizes := map[[2]string]extract.Size{}
		err := c.query(ctx, sizesQuery, nil, func(rows *sql.Rows) error {
			var schema, name string
			var n, pages int64
			err := rows.Scan(&schema, &name, &n, &pages)
			sizes[[2]string{schema, name}] = extract.Size{Rows: n, Bytes: pages * pageBytes}
			return err
		})
		for _, t := range s.tables {
			out = append(out, sizes[[2]string{t.schema, t.name}])
		}
		return wrap(ctx, "", "ask for the sizes of the tables", err)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
