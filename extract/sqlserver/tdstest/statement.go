package tdstest

import (
	"fmt"
	"strconv"
	"strings"
)

// answer is what a statement gives: columns and rows, or neither.
type answer struct {
	table   string // whose rows it reads, for faults
	list    string // what it asks of them
	terms   []term
	rows    [][]Value
	begin   bool // a transaction begins
	end     bool // or ends
	setting bool // no rows at all
}

// refusal is an error that a server answers with.
type refusal struct {
	number  int
	message string
}

// Error is the message that goes to the client.
func (e *refusal) Error() string { return e.message }

func quote(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

func (t *Table) quoted() string { return quote(t.Schema) + "." + quote(t.Name) }

// run answers a statement.
func (c *connection) run(text string, params []string) (*answer, error) {
	if strings.HasPrefix(text, "SET ") || strings.HasSuffix(text, " TRANSACTION") {
		return c.set(text)
	}
	if a := c.examined(text); a != nil {
		return a, nil
	}
	switch {
	case strings.Contains(text, "JOIN sys.allocation_units"):
		return c.sizes(), nil
	case strings.Contains(text, "JOIN sys.indexes"):
		return c.keys(), nil
	case strings.Contains(text, "FROM sys.tables"):
		return c.columns()
	}
	rest, ok := strings.CutPrefix(text, "SELECT ")
	if !ok {
		return nil, &refusal{102, "a statement that is not known here: " + text}
	}
	for i := range c.tables {
		t := &c.tables[i]
		list, tail, ok := strings.Cut(rest, " FROM "+t.quoted())
		tail = strings.TrimPrefix(tail, " WITH (TABLOCK, HOLDLOCK)")
		if t.Heap && strings.Contains(tail, " ORDER BY ") { // it would be sorted for every chunk
			if tail, ok = strings.CutPrefix(tail, " WITH (INDEX("+quote("PK "+t.Name)+"))"); !ok {
				return nil, &refusal{102, "a heap is read without its index"}
			}
		}
		if ok && (tail == "" || strings.HasPrefix(tail, " WHERE ") || strings.HasPrefix(tail, " ORDER BY ")) {
			return c.read(t, list, tail, params)
		}
	}
	return nil, &refusal{208, "invalid object name in: " + text}
}

// set carries out SET statements and BEGIN TRANSACTION.
func (c *connection) set(text string) (*answer, error) {
	out := &answer{setting: true}
	for _, s := range strings.Split(text, "; ") {
		switch {
		case s == "SET TRANSACTION ISOLATION LEVEL SNAPSHOT":
			if !c.server.db.Snapshot {
				return nil, &refusal{3952, "snapshot isolation is not allowed in this database"}
			}
			c.snapshot = true
		case s == "SET TRANSACTION ISOLATION LEVEL READ COMMITTED":
			c.snapshot = false
		case strings.HasPrefix(s, "SET LOCK_TIMEOUT "), s == "SET DEADLOCK_PRIORITY LOW", s == "SET XACT_ABORT OFF", s == "SET IMPLICIT_TRANSACTIONS OFF", s == "SET ARITHABORT ON",
			s == "SET TEXTSIZE 2147483647", s == "SET ROWCOUNT 0", s == "SET DATEFORMAT ymd":
		case s == "BEGIN TRANSACTION":
			out.begin = true
			c.inTransaction = true
		case s == "COMMIT TRANSACTION":
			if !c.inTransaction {
				return nil, &refusal{3902, "there is no transaction"}
			}
			out.end = true
			c.inTransaction, c.frozen = false, false
		default:
			return nil, &refusal{102, "a statement that is not known here: " + s}
		}
	}
	return out, nil
}

// read answers a SELECT over a table.
func (c *connection) read(t *Table, list, tail string, params []string) (*answer, error) {
	if t.InMemory && c.snapshot {
		return nil, &refusal{41332, "memory-optimised tables cannot be read under snapshot isolation"}
	}
	out := &answer{table: t.Schema + "." + t.Name}
	limit := len(t.Rows)
	if top, rest, ok := strings.Cut(strings.TrimPrefix(list, "TOP ("), ") "); ok && strings.HasPrefix(list, "TOP (") {
		n, err := strconv.Atoi(top)
		if err != nil {
			return nil, &refusal{102, "TOP without a number"}
		}
		limit, list = n, rest
	}
	var err error
	out.list = list
	number := list == "COUNT_BIG(*)" || list == "1"
	if !number {
		if out.terms, err = terms(t, list); err != nil {
			return nil, &refusal{207, err.Error()}
		}
	}
	cond := condition(func([]Value) bool { return true })
	tail, order, ordered := strings.Cut(tail, " ORDER BY ")
	if w, ok := strings.CutPrefix(tail, " WHERE "); ok {
		if cond, err = where(t, w, params); err != nil {
			return nil, &refusal{102, err.Error() + ": " + w}
		}
	}
	// The rows stand in the order of the index, so no other can be asked for.
	var key []string
	for _, k := range t.index() {
		key = append(key, quote(k))
	}
	if want := strings.Join(key, ", "); !number && want != "" && order != want && !strings.HasPrefix(order, want+", ") || ordered && (number || order == "") {
		return nil, &refusal{102, fmt.Sprintf("ORDER BY %s where the key is %s", order, want)}
	}
	for _, row := range t.Rows {
		if len(out.rows) >= limit {
			break
		}
		if cond(row) {
			out.rows = append(out.rows, row)
		}
	}
	switch list {
	case "COUNT_BIG(*)":
		return catalogue([]string{"bigint"}, [][]string{{strconv.Itoa(len(out.rows))}}), nil
	case "1":
		ones := make([][]string, len(out.rows))
		for i := range ones {
			ones[i] = []string{"1"}
		}
		return catalogue([]string{"int"}, ones), nil
	}
	return out, nil
}

// catalogue returns an answer of texts and whole numbers.
func catalogue(types []string, rows [][]string) *answer {
	out := &answer{}
	for i, name := range types {
		t, _ := parseType(name, 0)
		out.terms = append(out.terms, term{typ: t, eval: func(row []Value) ([]byte, error) { return payload(t, row[i]) }})
	}
	for _, r := range rows {
		var row []Value
		for _, s := range r {
			row = append(row, textValue(s))
		}
		out.rows = append(out.rows, row)
	}
	return out
}

const name = "nvarchar(128)"

func (c *connection) columns() (*answer, error) {
	var rows [][]string
	for _, t := range c.tables {
		for _, col := range t.Columns {
			typ, err := parseType(col.Type, col.Page)
			if err != nil {
				return nil, err
			}
			nullable, collation, page := "0", "", 0
			if col.Nullable {
				nullable = "1"
			}
			switch typ.name {
			case "char", "varchar", "text", "nchar", "nvarchar", "ntext":
				collation, page = collationName(typ.page), typ.page
			}
			rows = append(rows, []string{t.Schema, t.Name, col.Name, typ.name, strconv.Itoa(typ.length()),
				strconv.Itoa(typ.precision()), strconv.Itoa(typ.scale), nullable, collation, strconv.Itoa(page)})
		}
	}
	return catalogue([]string{name, name, name, name, "int", "int", "int", "int", name, "int"}, rows), nil
}

func collationName(page int) string { return fmt.Sprintf("Test_CP%d_CI_AS", page) }

func (c *connection) keys() *answer {
	var rows [][]string
	for _, t := range c.tables {
		primary, id := "0", "1"
		if len(t.Key) > 0 {
			primary = "1"
		}
		if t.Heap {
			id = "2"
		}
		for _, k := range t.index() {
			rows = append(rows, []string{t.Schema, t.Name, id, "PK " + t.Name, primary, k})
		}
	}
	return catalogue([]string{name, name, "int", name, "int", name}, rows)
}

// sizes says that a page of the server's holds a hundred rows.
func (c *connection) sizes() *answer {
	var rows [][]string
	for _, t := range c.tables {
		rows = append(rows, []string{t.Schema, t.Name, strconv.Itoa(len(t.Rows)), strconv.Itoa((len(t.Rows) + 99) / 100)})
	}
	return catalogue([]string{name, name, "bigint", "bigint"}, rows)
}
