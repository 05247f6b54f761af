package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

// Dialect is how a server writes what totals are asked with.
type Dialect string

// The dialects.
const (
	MySQL     Dialect = "mysql"
	SQLServer Dialect = "sqlserver"
	Postgres  Dialect = "postgres"
)

// TotalsSQL writes the statements by which a hospital's own people count what
// controls count on the snapshot: one for each way to count, with the columns
// measure, facility, report_year, report_month, payer, amount; amounts are in
// the source's unit. They share nothing with the rules. A way that SQL cannot
// tell is left as a comment with the reason. Types are the tables' types by
// column.
func TotalsSQL(files []*File, d Dialect, types map[string]map[string]string) string {
	var b strings.Builder
	for _, f := range files {
		for i := range f.Controls {
			c := &f.Controls[i]
			fmt.Fprintf(&b, "-- %s, of %s\n", c.Measure, f.From)
			q := &query{d: d, f: f, types: types}
			text := q.control(c)
			if q.err != nil {
				fmt.Fprintf(&b, "-- not counted here: %v\n\n", q.err)
				continue
			}
			b.WriteString(text + ";\n\n")
		}
	}
	return b.String()
}

// query writes one statement.
type query struct {
	d      Dialect
	f      *File
	types  map[string]map[string]string
	joined []string // names of the joins that it reads, in order
	joins  string
	err    error
}

func (q *query) fail(format string, args ...any) string {
	if q.err == nil {
		q.err = fmt.Errorf(format, args...)
	}
	return "NULL"
}

// name quotes a name, in parts where it has a schema.
func (q *query) name(s string) string {
	switch q.d {
	case SQLServer:
		return "[" + strings.ReplaceAll(s, "]", "]]") + "]"
	case MySQL:
		return "`" + strings.ReplaceAll(s, "`", "``") + "`"
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func (q *query) table(s string) string {
	schema, table, ok := strings.Cut(s, ".")
	if !ok {
		return q.name(s)
	}
	return q.name(schema) + "." + q.name(table)
}

func (q *query) literal(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	if q.d == MySQL {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	if q.d == SQLServer {
		return "N'" + s + "'"
	}
	return "'" + s + "'"
}

// column is a column of the table or of a join, which is then read too.
func (q *query) column(name string) string {
	join, column, ok := strings.Cut(name, ".")
	at := slices.IndexFunc(q.f.Joins, func(j Join) bool { return ok && j.Name == join })
	if at < 0 {
		return q.own(q.f.From, "t", name)
	}
	j := &q.f.Joins[at]
	if !slices.Contains(q.joined, join) {
		q.joined = append(q.joined, join)
		q.join(j)
	}
	return q.own(j.From, join, column)
}

func (q *query) own(table, alias, column string) string {
	if _, known := q.types[table][column]; !known && q.types[table] != nil {
		return q.fail("%s is no column of %s in the database", column, table)
	}
	return q.name(alias) + "." + q.name(column)
}

// join reads another table, of which one record at most belongs to each.
func (q *query) join(j *Join) {
	if j.All != nil || j.By != "" || len(j.Order) > 0 {
		q.fail("it reads %s, of which several records may belong to one", j.Name)
		return
	}
	var on []string
	for _, k := range j.On {
		ours := q.column(k.Ours) // joins that this one stands on come first
		on = append(on, q.own(j.From, j.Name, k.Theirs)+" = "+ours)
	}
	if j.Where != "" {
		inner := &query{d: q.d, f: &File{From: j.From}, types: q.types}
		on = append(on, strings.ReplaceAll(inner.where(j.Where), q.name("t")+".", q.name(j.Name)+"."))
		if inner.err != nil {
			q.fail("%w", inner.err)
		}
	}
	q.joins += "\n  LEFT JOIN " + q.table(j.From) + " AS " + q.name(j.Name) + " ON " + strings.Join(on, " AND ")
}

// typeOf is the type of a column, where it is known.
func (q *query) typeOf(name string) string {
	join, column, ok := strings.Cut(name, ".")
	for _, j := range q.f.Joins {
		if ok && j.Name == join {
			return q.types[j.From][column]
		}
	}
	return q.types[q.f.From][name]
}

// text is a column as text, without blanks at its end, compared byte by byte.
func (q *query) text(name string) string {
	c := q.column(name)
	switch q.d {
	case SQLServer:
		return "RTRIM(CONVERT(nvarchar(4000), " + c + ")) COLLATE Latin1_General_BIN2"
	case MySQL:
		return "CAST(TRIM(TRAILING ' ' FROM " + c + ") AS BINARY)"
	}
	return "RTRIM(CAST(" + c + " AS text))"
}

// day is a column as a date; what cannot be read is NULL.
func (q *query) day(name, layout string) string {
	c := q.column(name)
	kind, _, _ := strings.Cut(strings.ToLower(q.typeOf(name)), "(")
	switch strings.TrimSpace(kind) {
	case "date", "datetime", "datetime2", "smalldatetime", "timestamp", "timestamptz", "timestamp without time zone", "timestamp with time zone":
		return c
	}
	if layout == "" {
		layout = "yyyy-MM-dd"
	}
	switch q.d {
	case MySQL:
		return "STR_TO_DATE(LEFT(" + c + ", 10), " + q.literal(strings.NewReplacer("yyyy", "%Y", "MM", "%m", "dd", "%d").Replace(layout)) + ")"
	case SQLServer:
		style := map[string]string{"yyyy-MM-dd": "23", "dd/MM/yyyy": "103", "dd.MM.yyyy": "104", "dd-MM-yyyy": "105"}[layout]
		if style == "" {
			return q.fail("dates are written as %s", layout)
		}
		return "TRY_CONVERT(date, LEFT(" + c + ", 10), " + style + ")"
	}
	if !strings.Contains(layout, "yyyy") {
		return q.fail("dates are written as %s", layout)
	}
	return "TO_DATE(LEFT(" + c + ", 10), " + q.literal(strings.NewReplacer("yyyy", "YYYY", "MM", "MM", "dd", "DD").Replace(layout)) + ")"
}

func (q *query) part(part, day string) string {
	if q.d == Postgres {
		return "EXTRACT(" + part + " FROM " + day + ")"
	}
	return part + "(" + day + ")"
}

func (q *query) control(c *Control) string {
	amount := "COUNT(*)"
	var conditions []string
	switch {
	case c.Sum != "":
		n := q.column(c.Sum)
		if c.Comma {
			n = "REPLACE(REPLACE(REPLACE(" + n + ", ' ', ''), '.', ''), ',', '.')"
		}
		amount = "SUM(CAST(" + n + " AS decimal(18,4)))"
	case len(c.Days) == 2:
		from, to := q.day(c.Days[0], c.Layout), q.day(c.Days[1], c.Layout)
		days := "DATEDIFF(" + to + ", " + from + ")"
		switch q.d {
		case SQLServer:
			days = "DATEDIFF(day, " + from + ", " + to + ")"
		case Postgres:
			days = "(CAST(" + to + " AS date) - CAST(" + from + " AS date))"
		}
		amount = "SUM(CASE WHEN " + days + " < 1 THEN 1 ELSE " + days + " END)"
		conditions = append(conditions, from+" IS NOT NULL", to+" >= "+from)
	}
	columns := []string{q.literal(c.Measure) + " AS measure"}
	var groups []string
	add := func(expr, as string) {
		columns = append(columns, expr+" AS "+as)
		if !strings.HasPrefix(expr, "'") && !strings.HasPrefix(expr, "N'") && expr != "0" {
			groups = append(groups, expr)
		}
	}
	if c.Facility != "" {
		add(q.column(c.Facility), "facility")
	} else {
		add("''", "facility")
	}
	if c.Date != "" {
		day := q.day(c.Date, c.Layout)
		add(q.part("YEAR", day), "report_year")
		if c.Monthly {
			add(q.part("MONTH", day), "report_month")
		} else {
			add("0", "report_month")
		}
	} else {
		add("0", "report_year")
		add("0", "report_month")
	}
	if c.Payer != "" {
		add(q.column(c.Payer), "payer")
	} else {
		add("''", "payer")
	}
	columns = append(columns, amount+" AS amount")
	if c.Where != "" {
		conditions = append(conditions, q.where(c.Where))
	}
	// The conditions and columns above have found which tables are read.
	text := "SELECT " + strings.Join(columns, ", ") + "\n  FROM " + q.table(q.f.From) + " AS " + q.name("t") + q.joins
	if len(conditions) > 0 {
		text += "\n WHERE " + strings.Join(conditions, "\n   AND ")
	}
	if len(groups) > 0 {
		text += "\n GROUP BY " + strings.Join(groups, ", ")
	}
	return text
}

// where writes an expression. A column of it that is NULL makes it false, as
// everywhere in a mapping.
func (q *query) where(src string) string {
	tree, err := parser.Parse(src)
	if err != nil {
		return q.fail("its where cannot be read")
	}
	plain := &named{}
	ast.Walk(&tree.Node, plain)
	guarded := &guards{}
	ast.Walk(&tree.Node, guarded)
	conditions := []string{}
	for _, name := range plain.list {
		if !slices.Contains(guarded.list, name) {
			conditions = append(conditions, q.column(name)+" IS NOT NULL")
		}
	}
	return strings.Join(append(conditions, "("+q.node(tree.Node)+")"), "\n   AND ")
}

// guards gathers the columns that stand in isnull.
type guards struct{ list []string }

// Visit implements the library's visitor.
func (g *guards) Visit(node *ast.Node) {
	call, ok := (*node).(*ast.CallNode)
	if !ok || len(call.Arguments) != 1 {
		return
	}
	if callee, is := call.Callee.(*ast.IdentifierNode); is && callee.Value == "isnull" {
		if name, err := columnNode(call.Arguments[0]); err == nil {
			g.list = append(g.list, name)
		}
	}
}

// columnNode is the column that a node stands for.
func columnNode(n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, nil
	case *ast.MemberNode:
		join, ok := n.Node.(*ast.IdentifierNode)
		column, is := n.Property.(*ast.StringNode)
		if ok && is {
			return join.Value + "." + column.Value, nil
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if ok && callee.Value == "col" && len(n.Arguments) == 1 {
			if s, is := n.Arguments[0].(*ast.StringNode); is {
				return s.Value, nil
			}
		}
	}
	return "", errors.New("its where is more than SQL is written for")
}

func (q *query) node(n ast.Node) string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return "NOT (" + q.node(n.Node) + ")"
		}
	case *ast.BinaryNode:
		return q.binary(n)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == "isnull" && len(n.Arguments) == 1 {
			if name, err := columnNode(n.Arguments[0]); err == nil {
				return q.column(name) + " IS NULL"
			}
		}
	}
	return q.fail("its where is more than SQL is written for")
}

func (q *query) binary(n *ast.BinaryNode) string {
	switch n.Operator {
	case "and", "&&":
		return "(" + q.node(n.Left) + " AND " + q.node(n.Right) + ")"
	case "or", "||":
		return "(" + q.node(n.Left) + " OR " + q.node(n.Right) + ")"
	}
	name, err := columnNode(n.Left)
	if err != nil {
		return q.fail("%w", err)
	}
	switch right := n.Right.(type) {
	case *ast.StringNode:
		switch n.Operator {
		case "==":
			return q.text(name) + " = " + q.literal(right.Value)
		case "!=":
			return q.text(name) + " <> " + q.literal(right.Value)
		case "startsWith":
			return "LEFT(" + q.column(name) + ", " + fmt.Sprint(len([]rune(right.Value))) + ") = " + q.literal(right.Value)
		}
	case *ast.ArrayNode:
		var list []string
		for _, one := range right.Nodes {
			s, ok := one.(*ast.StringNode)
			if !ok {
				return q.fail("its where is more than SQL is written for")
			}
			list = append(list, q.literal(s.Value))
		}
		if n.Operator == "in" && len(list) > 0 {
			return q.text(name) + " IN (" + strings.Join(list, ", ") + ")"
		}
	}
	return q.fail("its where is more than SQL is written for")
}
