package mysql

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// table is a table as it is read.
type table struct {
	name    string // as it is listed
	from    string // as it stands in a statement
	schema  string // the name of its database, and its own there
	bare    string
	engine  string
	virtual bool   // a view of the database
	history bool   // keeps rows that hold no more, which are not read
	steady  bool   // is read in the source's own view
	made    string // when
	out     bool   // nobody wants it
	columns []column
	key     []string // what identifies a row, or nothing
	// order are the positions of the columns that its statements go by, and
	// index the key's name; none where it is read in one statement.
	order []int
	index string
}

// systemSchemas are the server's own.
const systemSchemas = "'information_schema','mysql','performance_schema','sys','ndbinfo'"

// schemas is the condition on the catalogue's rows: those of one database, or
// of all but the server's own where none is named.
func schemas(database string) string {
	if database == "" {
		return "TABLE_SCHEMA NOT IN (" + systemSchemas + ")"
	}
	return "TABLE_SCHEMA=" + literal(database)
}

// literal writes a name as a value.
func literal(name string) string { return string((&column{}).literal(nil, sih.Text(name))) }

// from is a table as it stands in a statement.
func from(database, table string) string { return quoteName(database) + "." + quoteName(table) }

// catalogue reads what tables there are: all of a database, or of all
// databases where none is named.
func (s *session) catalogue(ctx context.Context, database string, views bool) ([]*table, error) {
	where := schemas(database)
	kinds := "'BASE TABLE','SYSTEM VERSIONED'"
	if views {
		kinds += ",'VIEW'"
	}
	list, err := s.records(ctx, "SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE,ENGINE,CREATE_TIME FROM information_schema.TABLES WHERE TABLE_TYPE IN ("+kinds+") AND "+where)
	if err != nil {
		return nil, err
	}
	engines, err := s.records(ctx, "SELECT ENGINE FROM information_schema.ENGINES WHERE TRANSACTIONS='YES'")
	if err != nil {
		return nil, err
	}
	found := map[[2]string]*table{}
	var out []*table
	for _, r := range list {
		t := &table{name: r[1], from: from(r[0], r[1]), schema: r[0], bare: r[1], engine: r[3], virtual: r[2] == "VIEW", history: r[2] == "SYSTEM VERSIONED", made: r[4]}
		if database == "" {
			t.name = r[0] + "." + r[1]
		}
		t.steady = slices.ContainsFunc(engines, func(e []string) bool { return e[0] == t.engine })
		found[[2]string{r[0], r[1]}] = t
		out = append(out, t)
	}
	columns, err := s.records(ctx, "SELECT TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,DATA_TYPE,COLUMN_TYPE,IS_NULLABLE,CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE "+where+" ORDER BY TABLE_SCHEMA,TABLE_NAME,ORDINAL_POSITION")
	if err != nil {
		return nil, err
	}
	for _, r := range columns {
		if t := found[[2]string{r[0], r[1]}]; t != nil {
			t.columns = append(t.columns, newColumn(r[2], strings.ToLower(r[3]), r[4], r[5], r[6]))
		}
	}
	if err := s.pages(ctx, out); err != nil {
		return nil, err
	}
	// What is known of an index differs from server to server.
	parts, err := s.named(ctx, "SELECT * FROM information_schema.STATISTICS WHERE NON_UNIQUE=0 AND "+where)
	if err != nil {
		return nil, err
	}
	for id, t := range found {
		t.identify(indexes(parts, id))
	}
	slices.SortFunc(out, func(a, b *table) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

// unchanged looks whether a table is still the one that was listed, to the
// second.
func (s *session) unchanged(ctx context.Context, t *table) error {
	list, err := s.records(ctx, "SELECT CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA="+literal(t.schema)+" AND TABLE_NAME="+literal(t.bare))
	if err == nil && (len(list) == 0 || list[0][0] != t.made) {
		err = &Error{Op: "read " + t.name, Why: ErrChanged}
	}
	return err
}

// survey reads how large the tables are.
func (s *session) survey(ctx context.Context, database string, tables []*table) ([]extract.Size, error) {
	list, err := s.records(ctx, "SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_ROWS,DATA_LENGTH FROM information_schema.TABLES WHERE "+schemas(database))
	if err != nil {
		return nil, err
	}
	sizes := map[string]extract.Size{}
	for _, r := range list {
		rows, _ := strconv.ParseInt(r[2], 10, 64) // a view has none
		bytes, _ := strconv.ParseInt(r[3], 10, 64)
		sizes[from(r[0], r[1])] = extract.Size{Rows: rows, Bytes: bytes}
	}
	out := make([]extract.Size, len(tables))
	for i, t := range tables {
		out[i] = sizes[t.from]
	}
	return out, nil
}

// index is a unique key as the catalogue has it.
type index struct {
	name    string
	columns []string
	falls   bool // begins with the greatest
	blind   bool // knows no order of use, only the beginning of a column, or may not be asked for
	null    bool // may hold NULL, or an expression
}

// indexes gathers the unique keys of one table: the primary key first, then
// those of few columns, then by name.
func indexes(parts []map[string]string, id [2]string) []index {
	parts = slices.DeleteFunc(slices.Clone(parts), func(r map[string]string) bool {
		return [2]string{r["TABLE_SCHEMA"], r["TABLE_NAME"]} != id
	})
	slices.SortFunc(parts, func(a, b map[string]string) int {
		place := func(r map[string]string) int { n, _ := strconv.Atoi(r["SEQ_IN_INDEX"]); return n }
		return cmp.Or(cmp.Compare(a["INDEX_NAME"], b["INDEX_NAME"]), cmp.Compare(place(a), place(b)))
	})
	var out []index
	for _, r := range parts {
		if len(out) == 0 || out[len(out)-1].name != r["INDEX_NAME"] {
			out = append(out, index{name: r["INDEX_NAME"], falls: r["COLLATION"] == "D"})
		}
		i := &out[len(out)-1]
		i.columns = append(i.columns, r["COLUMN_NAME"])
		hidden := r["IS_VISIBLE"] == "NO" || r["IGNORED"] == "YES"
		mixed := i.falls != (r["COLLATION"] == "D")
		i.blind = i.blind || r["SUB_PART"] != "" || r["INDEX_TYPE"] == "HASH" || hidden || mixed
		i.null = i.null || r["NULLABLE"] == "YES" || r["COLUMN_NAME"] == ""
	}
	slices.SortStableFunc(out, func(a, b index) int {
		last := func(i index) int {
			if i.name == "PRIMARY" {
				return 0
			}
			return len(i.columns)
		}
		return cmp.Compare(last(a), last(b))
	})
	return out
}

// identify chooses what identifies a row, and what the table is read by.
func (t *table) identify(list []index) {
	for _, i := range list {
		if i.null {
			continue
		}
		if t.key == nil {
			t.key = i.columns
		}
		if order := t.places(i); order != nil {
			t.order, t.index = order, i.name
			return
		}
	}
}

// places returns where a key's columns stand, or nothing where the table
// cannot be read by it.
func (t *table) places(i index) (order []int) {
	for _, name := range i.columns {
		at := slices.IndexFunc(t.columns, func(c column) bool { return c.Name == name })
		if at < 0 || i.blind || !t.columns[at].key() {
			return nil
		}
		order = append(order, at)
	}
	return order
}

// leaveOut has the named columns, "*" for all, not asked for. The key's stay,
// behind which a reading goes on.
func (t *table) leaveOut(names []string) {
	t.out = slices.Contains(names, "*")
	for i := range t.columns {
		unwanted := t.out || slices.Contains(names, t.columns[i].Name)
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

// plain tells whether the table is one without transactions that can be read
// by a cursor, which gives columns as they are and no expression over them.
func (t *table) plain() bool {
	expressive := func(c column) bool { return !c.out && c.kind == kindFloat || c.checked() }
	return !t.steady && !t.virtual && t.engine == "MyISAM" && !slices.ContainsFunc(t.columns, expressive)
}
