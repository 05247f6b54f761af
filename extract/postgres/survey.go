package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract"
)

// sizesQuery asks for what the catalogue knows of tables, and whether that is
// nothing: a table that was never analysed.
const sizesQuery = `WITH RECURSIVE part (root, oid) AS (SELECT oid, oid FROM pg_class WHERE oid IN (%s)
  UNION ALL SELECT part.root, i.inhrelid FROM part JOIN pg_class AS p ON p.oid = part.oid AND p.relkind = 'p' JOIN pg_inherits AS i ON i.inhparent = part.oid)
 SELECT part.root, sum(greatest(c.reltuples, 0)::numeric)::bigint, sum(COALESCE(pg_table_size(c.oid), 0))::bigint,
  bool_or(c.relkind = 'v' OR c.reltuples <= 0 AND COALESCE(pg_relation_size(c.oid), 0) > 0)
 FROM part JOIN pg_class AS c ON c.oid = part.oid WHERE c.relkind IN ('r', 'm', 'v') GROUP BY part.root`

// planned is how the planner says how many rows it expects.
var planned = regexp.MustCompile(`rows=(\d+)`)

// Survey tells the size of each table. Where a table was never analysed it
// asks the planner, who goes by the size of its files.
func (s *Source) Survey(ctx context.Context) ([]extract.Size, error) {
	v, tables, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	var sizes []extract.Size
	err = v.do(ctx, func(s *session) error {
		sizes, err = s.survey(ctx, tables)
		return err
	})
	if err != nil {
		return nil, failed(ctx, "ask for the sizes of tables", err)
	}
	return sizes, nil
}

func (s *session) survey(ctx context.Context, tables []*table) ([]extract.Size, error) {
	oids, at := make([]string, len(tables)), map[string]int{}
	for i, t := range tables {
		oids[i], at[t.oid] = t.oid, i
	}
	list, err := s.records(ctx, fmt.Sprintf(sizesQuery, strings.Join(oids, ",")))
	if err != nil {
		return nil, err
	}
	sizes := make([]extract.Size, len(tables))
	for _, r := range list {
		i := at[r[0]]
		sizes[i].Rows, _ = strconv.ParseInt(r[1], 10, 64)
		sizes[i].Bytes, _ = strconv.ParseInt(r[2], 10, 64)
		if r[3] != "t" {
			continue
		}
		plan, err := s.text(ctx, "EXPLAIN SELECT 1 FROM "+tables[i].from)
		if err != nil && (s.lost() || ctx.Err() != nil) {
			return nil, err
		}
		if m := planned.FindStringSubmatch(plan); m != nil {
			sizes[i].Rows, _ = strconv.ParseInt(m[1], 10, 64)
		}
	}
	return sizes, nil
}
