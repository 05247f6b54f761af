package postgres

import (
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract"
)

// selection is the part of a table's statements that stays the same.
func (t *table) selection() string {
	list := make([]string, len(t.columns))
	for i := range t.columns {
		list[i] = t.columns[i].expression()
	}
	return "SELECT " + strings.Join(list, ",") + " FROM " + t.from
}

// after is the statement that goes on behind a key and up to another, limit
// rows in the key's order.
func (t *table) after(selection, where string, limit int) string {
	return selection + where + " ORDER BY " + t.keyColumns() + " LIMIT " + strconv.Itoa(limit)
}

func (t *table) keyColumns() string {
	list := make([]string, len(t.order))
	for i, at := range t.order {
		list[i] = t.columns[at].quoted
	}
	return strings.Join(list, ",")
}

// within is the condition that a row lies in a range. Rows of values are
// compared one by one from the left, and found by the key.
func (t *table) within(p *page, in extract.Range) string {
	var list []string
	if in.After != nil {
		list = append(list, "("+t.keyColumns()+")>("+t.literals(p, in.After)+")")
	}
	if in.UpTo != nil {
		list = append(list, "("+t.keyColumns()+")<=("+t.literals(p, in.UpTo)+")")
	}
	if list == nil {
		return ""
	}
	return " WHERE " + strings.Join(list, " AND ")
}

func (t *table) literals(p *page, key extract.Row) string {
	list := make([]string, len(key))
	for i, v := range key {
		list[i] = t.columns[t.order[i]].literal(p, v)
	}
	return strings.Join(list, ",")
}

// count asks for the number of rows in a range and, in the same moment, whether
// the table is still that which the view knows.
func (t *table) count(where string) string {
	return "SELECT (SELECT count(*) FROM " + t.from + where + "), " + t.same()
}

// same is the condition that the files of a table are those that the view
// knows. TRUNCATE and some kinds of ALTER TABLE put new ones in their place, in
// which an older view sees nothing; a part that is detached is no longer read.
// Functions look at the present, tables of the catalogue at the view.
func (t *table) same() string {
	if t.relkind == "v" {
		return "true"
	}
	s := "to_regclass(" + literal(t.quoted) + ")::oid IS NOT DISTINCT FROM " + t.oid + "::oid" +
		" AND COALESCE((" + partsQuery(t.oid) + "SELECT bool_and(c.relkind NOT IN ('r', 'm') OR pg_relation_filenode(c.oid) IS NOT DISTINCT FROM c.relfilenode)" +
		" FROM part JOIN pg_class AS c ON c.oid = part.oid), false)"
	if t.relkind == "p" && t.version >= 120000 {
		s += " AND NOT EXISTS (" + partsQuery(t.oid) + "SELECT oid FROM part EXCEPT SELECT relid::oid FROM pg_partition_tree(" + t.oid + "))"
	}
	return s
}

// partsQuery begins a statement that asks for a table and, where it is
// partitioned, all its parts, as the view knows them.
func partsQuery(oid string) string {
	return "WITH RECURSIVE part (oid) AS (SELECT " + oid + "::oid UNION ALL SELECT i.inhrelid FROM part" +
		" JOIN pg_class AS p ON p.oid = part.oid AND p.relkind = 'p' JOIN pg_inherits AS i ON i.inhparent = part.oid) "
}
