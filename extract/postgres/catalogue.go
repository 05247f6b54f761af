package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
)

// table is a table as it is read.
type table struct {
	oid     string
	name    string // as it is listed: schema.table
	schema  string // as a statement has it
	quoted  string // as the catalogue finds it, in the connection's encoding
	from    string // as it stands in a statement
	relkind string // r: table, p: partitioned, f: foreign, v: view, m: materialised view
	version int    // of the server
	columns []column
	key     []string // what identifies a row, or nothing
	order   []int    // the columns that its statements go by; none where it is read by a cursor

	readable bool     // the login may read it, or some of its columns
	reach    bool     // the login may use its schema
	guarded  bool     // policies hide rows from the login
	heirs    bool     // others inherit from it
	abroad   bool     // has parts on another server
	denied   []string // columns that the login may not read
	objects  []string // columns that may hold numbers of large objects
}

// catalogue is what a database holds.
type catalogue struct {
	tables  []*table // those that can be read, by name
	foreign []*table // those on another server
	denied  []*table // those that the login may not read
	absent  []*table // those that a standby server does not have
}

// The questions to the catalogue. Names in it come as bytes of the connection's
// encoding.
const (
	tablesQuery = `SELECT c.oid, n.nspname, c.relname, c.relkind,
 has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'), has_schema_privilege(n.oid, 'USAGE'),
 row_security_active(c.oid), EXISTS (SELECT 1 FROM pg_inherits AS i WHERE i.inhparent = c.oid),
 EXISTS (WITH RECURSIVE part (oid) AS (SELECT c.oid UNION ALL SELECT i.inhrelid FROM part JOIN pg_inherits AS i ON i.inhparent = part.oid)
  SELECT 1 FROM part JOIN pg_foreign_table AS f ON f.ftrelid = part.oid),
 c.relpersistence = 'u' AND pg_is_in_recovery()
 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN (%s) AND c.relpersistence <> 't' AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'%s`

	columnsQuery = `WITH RECURSIVE base (oid, root) AS (SELECT oid, oid FROM pg_type WHERE typtype <> 'd'
  UNION ALL SELECT t.oid, base.root FROM pg_type AS t JOIN base ON t.typbasetype = base.oid WHERE t.typtype = 'd')
 SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, t.typname, n.nspname = 'pg_catalog', t.typtype,
  a.attnum, a.attcollation, has_column_privilege(a.attrelid, a.attnum, 'SELECT')
 FROM pg_attribute AS a JOIN base ON base.oid = a.atttypid JOIN pg_type AS t ON t.oid = base.root JOIN pg_namespace AS n ON n.oid = t.typnamespace
 WHERE a.attrelid IN (%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum`

	keysQuery = `SELECT i.indrelid, i.indisprimary, i.%s, i.indkey, i.indoption, i.indcollation,
  NOT EXISTS (SELECT 1 FROM unnest(i.indclass::oid[]) AS u JOIN pg_opclass AS o ON o.oid = u WHERE NOT o.opcdefault), x.relname
 FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_am AS m ON m.oid = x.relam
 WHERE i.indrelid IN (%s) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND m.amname = 'btree'
 ORDER BY i.indrelid, NOT i.indisprimary, x.relname`
)

// catalogue reads what tables there are.
func (s *session) catalogue(ctx context.Context, views bool) (*catalogue, error) {
	kinds, parts := "'r','p','f'", ""
	if views {
		kinds += ",'v','m'"
	}
	if s.version >= 100000 {
		parts = " AND NOT c.relispartition"
	}
	list, err := s.records(ctx, fmt.Sprintf(tablesQuery, kinds, parts))
	if err != nil {
		return nil, err
	}
	found := map[string]*table{}
	var all catalogue
	var oids []string
	for _, r := range list {
		t := &table{
			oid: r[0], name: s.tableName(r[1], r[2]), schema: quoteName(decode(s.page, r[1])), quoted: quoteName(r[1]) + "." + quoteName(r[2]), relkind: r[3], version: s.version,
			readable: r[4] == "t", reach: r[5] == "t", guarded: r[6] == "t", heirs: r[7] == "t" && r[3] == "r", abroad: r[8] == "t" && r[3] == "p",
		}
		if t.from = t.quoted; t.relkind == "r" {
			t.from = "ONLY " + t.quoted
		}
		switch {
		case t.relkind == "f":
			all.foreign = append(all.foreign, t)
		case r[9] == "t": // not logged, and so not followed
			all.absent = append(all.absent, t)
		case !t.readable || !t.reach:
			all.denied = append(all.denied, t)
		default:
			all.tables = append(all.tables, t)
			found[t.oid] = t
			oids = append(oids, t.oid)
		}
	}
	for _, group := range [][]*table{all.tables, all.foreign, all.denied, all.absent} {
		slices.SortFunc(group, func(a, b *table) int { return cmp.Compare(a.name, b.name) })
	}
	if len(oids) == 0 {
		return &all, nil
	}
	in := strings.Join(oids, ",")
	if err := s.columns(ctx, in, found); err != nil {
		return nil, err
	}
	if err := s.keys(ctx, in, found); err != nil {
		return nil, err
	}
	all.tables = slices.DeleteFunc(all.tables, func(t *table) bool { return len(t.columns) == 0 })
	return &all, nil
}

// tableName is the name by which a source's table goes. A schema's own dot
// would make it another's.
func (s *session) tableName(schema, name string) string {
	if strings.Contains(schema, ".") {
		schema = quoteName(schema)
	}
	return decode(s.page, schema) + "." + decode(s.page, name)
}

func (s *session) columns(ctx context.Context, oids string, found map[string]*table) error {
	list, err := s.records(ctx, fmt.Sprintf(columnsQuery, oids))
	if err != nil {
		return err
	}
	for _, r := range list {
		t, name, base, own, enum := found[r[0]], decode(s.page, r[1]), r[4], r[5] == "t", r[6] == "e"
		if r[9] != "t" {
			t.denied = append(t.denied, name)
			continue
		}
		c := column{
			Column: extract.Column{Name: name, Type: decode(s.page, r[2]), Nullable: r[3] != "t"},
			quoted: quoteName(r[1]), ordered: ordered(base, own, enum), number: r[7], collation: r[8],
		}
		if own {
			c.kind = kinds[base]
		}
		if own && base == "oid" {
			t.objects = append(t.objects, name)
		}
		t.columns = append(t.columns, c)
	}
	return nil
}

// keys chooses what identifies a table's rows, and what it is read by: the
// primary key before others, and among these the one of the fewest columns.
func (s *session) keys(ctx context.Context, oids string, found map[string]*table) error {
	members := "indnatts"
	if s.version >= 110000 {
		members = "indnkeyatts" // without those that an index only carries
	}
	list, err := s.records(ctx, fmt.Sprintf(keysQuery, members, oids))
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b []string) int {
		size := func(r []string) int {
			if r[1] == "t" {
				return 0
			}
			return len(r[2])*100 + int(r[2][0]) // as numbers compare
		}
		return cmp.Compare(size(a), size(b))
	})
	for _, r := range list {
		n := 0
		fmt.Sscan(r[2], &n)
		columns, options, collations := strings.Fields(r[3]), strings.Fields(r[4]), strings.Fields(r[5])
		found[r[0]].identify(columns[:n], options[:n], collations[:n], r[6] == "t")
	}
	return nil
}

// identify takes a unique key, if it is the first or the first to be fit to
// read by: one that may not be NULL, whose columns the login can read, and
// which lies in the order that the columns themselves have.
func (t *table) identify(members, options, collations []string, plain bool) {
	if t.order != nil {
		return
	}
	var names []string
	var order []int
	fit := plain
	for i, number := range members {
		at := slices.IndexFunc(t.columns, func(c column) bool { return c.number == number })
		if at < 0 || t.columns[at].Nullable {
			return
		}
		c := &t.columns[at]
		// One direction for all: 0 ascending, 3 descending with NULLs first,
		// which is the same read backwards.
		fit = fit && c.ordered && (options[i] == "0" || options[i] == "3") && options[i] == options[0] && collations[i] == c.collation
		names, order = append(names, c.Name), append(order, at)
	}
	if t.key == nil {
		t.key = names
	}
	if fit {
		t.order = order
	}
}

// leaveOut has the named columns, "*" for all, not asked for. The key's stay,
// behind which a reading goes on.
func (t *table) leaveOut(names []string) {
	for i := range t.columns {
		unwanted := slices.Contains(names, "*") || slices.Contains(names, t.columns[i].Name)
		t.columns[i].out = unwanted && !slices.Contains(t.order, i)
	}
}

// declare says what the table is.
func (t *table) declare() extract.Table {
	out := extract.Table{Name: t.name, Key: t.key, Columns: make([]extract.Column, len(t.columns))}
	for i, c := range t.columns {
		out.Columns[i] = c.Column
	}
	for _, at := range t.order {
		out.Order = append(out.Order, t.columns[at].Name)
	}
	return out
}
