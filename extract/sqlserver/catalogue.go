package sqlserver

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
)

// The questions to the catalogue, in the T-SQL of 2008 R2. A view of it shows
// a login what the login may read.
const (
	stateQuery = `SELECT CONVERT(int, snapshot_isolation_state), CONVERT(int, is_read_only), CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion'))
 FROM sys.databases WHERE database_id = DB_ID()`

	columnsQuery = `SELECT s.name, t.name, c.name,
 COALESCE(TYPE_NAME(NULLIF(c.system_type_id, 240)), TYPE_NAME(c.user_type_id), N'unknown'),
 CONVERT(int, c.max_length), CONVERT(int, c.precision), CONVERT(int, c.scale), CONVERT(int, c.is_nullable),
 COALESCE(c.collation_name, N''), COALESCE(CONVERT(int, COLLATIONPROPERTY(c.collation_name, 'CodePage')), 0)
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 JOIN sys.columns AS c ON c.object_id = t.object_id
 WHERE t.is_ms_shipped = 0
 ORDER BY t.object_id, c.column_id`

	// sealedQuery is for servers from 2016 on.
	sealedQuery = `SELECT s.name, t.name, c.name
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 JOIN sys.columns AS c ON c.object_id = t.object_id
 WHERE t.is_ms_shipped = 0 AND c.encryption_type IS NOT NULL`

	keysQuery = `SELECT s.name, t.name, CONVERT(int, i.index_id), i.name, CONVERT(int, i.is_primary_key), c.name
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 JOIN sys.indexes AS i ON i.object_id = t.object_id
 JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
 JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
 WHERE t.is_ms_shipped = 0 AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 AND k.key_ordinal > 0
 ORDER BY t.object_id, i.index_id, k.key_ordinal`
)

// table is a table as it is read.
type table struct {
	schema, name string
	columns      []*column
	key          []*column // what identifies a row, or nil
	// order is what rows are read by, in parts: the columns of a unique index;
	// nil where they can only be read in one pass.
	order []*column
	// path is the index of the order, where the server has to be told to take
	// it: beside a heap it would rather sort the whole table for every chunk.
	path string
	hint string // to the server, of locks
}

// full returns the name by which sources' tables go: schema and table.
func (t *table) full() string { return t.schema + "." + t.name }

// quoted returns the name as a statement has it.
func (t *table) quoted() string { return quote(t.schema) + "." + quote(t.name) + t.hint }

// locked returns the table as one that is locked against writers until the
// transaction ends.
func (t *table) locked() *table {
	out := *t
	out.hint = " WITH (TABLOCK, HOLDLOCK)"
	return &out
}

// names tells whether a name stands for a column of the table.
func (t *table) names(c *column, name string) bool {
	rest, ok := strings.CutPrefix(name, t.full()+".")
	return ok && (rest == "*" || rest == c.name)
}

// quote makes of a name an identifier; a bracket in it is doubled.
func quote(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

func (t *table) declare() extract.Table {
	out := extract.Table{Name: t.full()}
	for _, c := range t.columns {
		out.Columns = append(out.Columns, extract.Column{Name: c.name, Type: c.typ.String(), Nullable: c.nullable})
	}
	for _, c := range t.key {
		out.Key = append(out.Key, c.name)
	}
	for _, c := range t.order {
		out.Order = append(out.Order, c.name)
	}
	return out
}

// catalogue asks for the tables, sorted by their names.
func (s *session) catalogue(ctx context.Context) ([]*table, error) {
	var tables []*table
	err := s.query(ctx, columnsQuery, nil, func(rows *sql.Rows) error {
		var schema, name, member, typ, collation string
		var length, precision, scale, nullable, page int
		if err := rows.Scan(&schema, &name, &member, &typ, &length, &precision, &scale, &nullable, &collation, &page); err != nil {
			return err
		}
		if n := len(tables); n == 0 || tables[n-1].schema != schema || tables[n-1].name != name {
			tables = append(tables, &table{schema: schema, name: name})
		}
		t := tables[len(tables)-1]
		t.columns = append(t.columns, newColumn(member, sqlType{typ, length, precision, scale}, nullable != 0, collation, page))
		return nil
	})
	if err != nil {
		return nil, err
	}
	at := map[[2]string]*table{}
	for _, t := range tables {
		at[[2]string{t.schema, t.name}] = t
	}
	if err := s.seals(ctx, at); err != nil {
		return nil, err
	}
	for _, t := range tables {
		for _, c := range t.columns {
			if slices.ContainsFunc(s.cfg.Bytes, func(name string) bool { return t.names(c, name) }) {
				c.keepBytes()
			}
		}
	}
	if err := s.keys(ctx, at); err != nil {
		return nil, err
	}
	for _, t := range tables {
		for _, c := range t.columns {
			c.out = s.cfg.leavesOut(t.full(), c.name) && !slices.Contains(t.order, c)
		}
	}
	slices.SortFunc(tables, func(a, b *table) int {
		return cmp.Or(strings.Compare(a.schema, b.schema), strings.Compare(a.name, b.name))
	})
	return tables, nil
}

// index is a unique index as the catalogue has it. To the server two NULLs are
// equal: one with columns that take NULL orders all rows as well as any.
type index struct {
	id       int // 1 is the table itself, in the order of the index
	name     string
	primary  bool
	columns  []*column
	nullable bool
	unfit    bool // no chunk can begin behind a value
}

// seals marks the columns that their application encrypts.
func (s *session) seals(ctx context.Context, at map[[2]string]*table) error {
	const since = 13 // 2016
	if s.major < since {
		return nil
	}
	return s.query(ctx, sealedQuery, nil, func(rows *sql.Rows) error {
		var schema, name, member string
		if err := rows.Scan(&schema, &name, &member); err != nil {
			return err
		}
		if t := at[[2]string{schema, name}]; t != nil {
			if i := slices.IndexFunc(t.columns, func(c *column) bool { return c.name == member }); i >= 0 {
				t.columns[i].seal()
			}
		}
		return nil
	})
}

// keys gives each table its key and its order.
func (s *session) keys(ctx context.Context, at map[[2]string]*table) error {
	found := map[*table][]*index{}
	err := s.query(ctx, keysQuery, nil, func(rows *sql.Rows) error {
		var schema, name, label, member string
		var id, primary int
		if err := rows.Scan(&schema, &name, &id, &label, &primary, &member); err != nil {
			return err
		}
		t := at[[2]string{schema, name}]
		if t == nil {
			return nil // made since the other question
		}
		i := slices.IndexFunc(t.columns, func(c *column) bool { return c.name == member })
		if i < 0 {
			return errors.New("the catalogue changed while it was read")
		}
		if n := len(found[t]); n == 0 || found[t][n-1].id != id {
			found[t] = append(found[t], &index{id: id, name: label, primary: primary != 0})
		}
		x, c := found[t][len(found[t])-1], t.columns[i]
		x.columns = append(x.columns, c)
		x.nullable = x.nullable || c.nullable
		x.unfit = x.unfit || !c.fitsKey()
		return nil
	})
	for t, list := range found {
		t.identify(list)
	}
	return err
}

// identify chooses what identifies a row: the primary key, or else the first
// unique index that takes no NULL; and what the table is read by: the clustered
// index, in whose order the rows lie, or else the same, or any.
func (t *table) identify(list []*index) {
	slices.SortStableFunc(list, func(a, b *index) int {
		last := func(x *index) int {
			switch {
			case x.primary:
				return 0
			case !x.nullable:
				return 1
			}
			return 2
		}
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.id, b.id))
	})
	for _, x := range list {
		if t.key == nil && !x.nullable {
			t.key = x.columns
		}
		if !x.unfit && (t.order == nil || x.id == clustered) {
			if t.order, t.path = x.columns, ""; x.id != clustered {
				t.path = x.name
			}
		}
	}
}

const clustered = 1
