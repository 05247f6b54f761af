package tdstest

import (
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Run carries out statements on a server that holds rows, as somebody else's
// connection would.
func (s *Server) Run(statements ...string) error {
	c := &connection{server: s}
	defer s.store.leave(c)
	for _, statement := range statements {
		if _, err := c.perform(statement, nil); err != nil {
			return err
		}
	}
	return nil
}

// Occupy has another session hold all the rows, until the function that it
// returns is called.
func (s *Server) Occupy() (letGo func(), err error) {
	c := &connection{server: s}
	if _, err := c.perform("BEGIN TRANSACTION", nil); err != nil {
		s.store.leave(c)
		return nil, err
	}
	return func() { s.store.leave(c) }, nil
}

// Descriptions are what is said of a schema's tables, and of their columns as
// table.column.
func (s *Server) Descriptions(schema string) (map[string]string, error) {
	c := &connection{server: s}
	defer s.store.leave(c)
	if _, err := c.perform("SET ROWCOUNT 0", nil); err != nil {
		return nil, err
	}
	out := map[string]string{}
	err := sqlitex.Execute(c.session.conn, `SELECT substr(relation, length(?1) + 2), column_name, value FROM "sys properties" WHERE relation LIKE ?1 || '.%'`, &sqlitex.ExecOptions{
		Args: []any{schema}, ResultFunc: func(stmt *sqlite.Stmt) error {
			out[strings.TrimSuffix(stmt.ColumnText(0)+"."+stmt.ColumnText(1), ".")] = stmt.ColumnText(2)
			return nil
		},
	})
	return out, err
}

// Shape lists what a schema consists of: columns, indexes, references, views.
func (s *Server) Shape(schema string) (lines []string, err error) {
	c := &connection{server: s}
	defer s.store.leave(c)
	if _, err := c.perform("SET ROWCOUNT 0", nil); err != nil {
		return nil, err
	}
	const shape = `SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(p.value, '') FROM sqlite_schema m JOIN pragma_table_info(m.name) c LEFT JOIN "sys properties" p ON p.relation = m.name AND p.column_name = c.name WHERE m.type = 'table' AND m.name LIKE ?1 || '.%'
 UNION ALL SELECT tbl_name || ' ' || substr(name, instr(name, '.')) || substr(sql, instr(sql, '(')) FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE ?1 || '.%'
 UNION ALL SELECT name || child || child_column || parent FROM "sys references" WHERE child LIKE ?1 || '.%'
 UNION ALL SELECT sql FROM sqlite_schema WHERE type = 'view' AND name LIKE ?1 || '.%'`
	err = sqlitex.Execute(c.session.conn, shape, &sqlitex.ExecOptions{Args: []any{schema}, ResultFunc: func(stmt *sqlite.Stmt) error {
		lines = append(lines, strings.ReplaceAll(stmt.ColumnText(0), schema+".", ""))
		return nil
	}})
	return lines, err
}
