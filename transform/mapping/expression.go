package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/sihctl/sih"
)

// expression is a compiled expression over a record's columns, all of them
// text. As in SQL a NULL is not true: where a column of the expression is NULL
// the whole gives nothing, unless the column stands in isnull(…). Columns
// whose names are no identifiers are written col("name"), those of a join
// name.column.
type expression struct {
	native  test        // instead of the program, where it is a plain comparison
	program *vm.Program // checked when the mapping is loaded
	columns []usedColumn
}

type usedColumn struct {
	index    int
	name     string
	nullName string // of the variable that isnull becomes
	guarded  bool   // it stands in isnull
	plain    bool   // it stands outside it
}

// allowed are the functions of the library that an expression may call: none
// of them reads a clock, the surroundings or chance, or works longer than its
// text is long.
var allowed = []string{
	"abs", "ceil", "floor", "float", "hasPrefix", "hasSuffix", "indexOf", "int", "lastIndexOf", "len",
	"lower", "max", "min", "round", "split", "string", "trim", "trimPrefix", "trimSuffix", "upper",
}

// maxNodes is how large an expression may be, and maxReplaced how long a text
// may become by replacing.
const (
	maxNodes    = 1000
	maxReplaced = 64 << 10
)

// columnSet finds a record's columns, and those of its joins, by name.
type columnSet interface {
	// column returns where a column stands in the record.
	column(name string) (int, error)
	// joined tells whether a join has this name.
	joined(name string) bool
	// names lists all columns.
	names() []string
}

// compileCondition checks and compiles an expression that is true or false.
func compileCondition(src string, set columnSet) (*expression, error) {
	e, _, err := compileExpression(src, set, expr.AsBool())
	return e, err
}

// compileText checks and compiles an expression whose result is written as
// text.
func compileText(src string, set columnSet) (*expression, error) {
	e, result, err := compileExpression(src, set, expr.AsAny())
	if err != nil {
		return nil, err
	}
	switch {
	case result == nil:
	case result.Kind() == reflect.String, result.Kind() == reflect.Bool, result.Kind() == reflect.Int, result.Kind() == reflect.Float64:
		return e, nil
	}
	return nil, errors.New("expression: what it gives is not one text, number or truth in every case")
}

func compileExpression(src string, set columnSet, as expr.Option) (*expression, reflect.Type, error) {
	env := map[string]any{}
	for _, c := range set.names() {
		env[c] = ""
		env["null "+c] = false
	}
	p := &columnPatcher{set: set, used: map[string]*usedColumn{}}
	options := []expr.Option{expr.Env(env), as, expr.Patch(p), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins(),
		expr.Function("replace", replaceText, new(func(string, string, string) string))}
	for _, name := range allowed {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(src, options...)
	if p.err != nil {
		return nil, nil, p.err
	}
	if err != nil {
		return nil, nil, fmt.Errorf("expression: %s", strings.SplitN(err.Error(), "\n", 2)[0])
	}
	e := &expression{program: program}
	for _, u := range p.used {
		e.columns = append(e.columns, *u)
	}
	slices.SortFunc(e.columns, func(a, b usedColumn) int { return a.index - b.index })
	e.native = nativeTest(program.Node(), p.used)
	return e, program.Node().Type(), nil
}

// replaceText is strings.ReplaceAll with a bound.
func replaceText(args ...any) (any, error) {
	s, old, by := args[0].(string), args[1].(string), args[2].(string)
	if n := strings.Count(s, old); len(s)+n*len(by) > maxReplaced {
		return nil, errors.New("the text becomes too long")
	}
	return strings.ReplaceAll(s, old, by), nil
}

// columnPatcher replaces col("x") and join.x by the column and isnull(x) by its
// flag, notes which columns are used, and refuses what has no bound.
type columnPatcher struct {
	set  columnSet
	used map[string]*usedColumn
	err  error
}

func (p *columnPatcher) refuse(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

func (p *columnPatcher) use(name string) *usedColumn {
	if u, ok := p.used[name]; ok {
		return u
	}
	i, err := p.set.column(name)
	if err != nil {
		p.refuse("%w", err)
		return &usedColumn{}
	}
	u := &usedColumn{index: i, name: name, nullName: "null " + name}
	p.used[name] = u
	return u
}

// Visit is called for each node, children first.
func (p *columnPatcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if name, isNull := strings.CutPrefix(n.Value, "null "); isNull {
			p.use(name).guarded = true
		} else if n.Value != "col" && n.Value != "isnull" && n.Value != "replace" && !slices.Contains(allowed, n.Value) && !p.set.joined(n.Value) {
			p.use(n.Value).plain = true
		}
	case *ast.MemberNode:
		join, ok := n.Node.(*ast.IdentifierNode)
		if column, is := n.Property.(*ast.StringNode); ok && is && p.set.joined(join.Value) {
			name := join.Value + "." + column.Value
			p.use(name).plain = true
			ast.Patch(node, &ast.IdentifierNode{Value: name})
		}
	case *ast.CallNode:
		p.call(node, n)
	case *ast.BinaryNode:
		if _, literal := n.Right.(*ast.StringNode); n.Operator == "matches" && !literal {
			p.refuse("expression: what a text matches must be written out")
		}
		if n.Operator == ".." || n.Operator == "**" || n.Operator == "^" {
			p.refuse("expression: %s has no bound and is not allowed", n.Operator)
		}
	case *ast.VariableDeclaratorNode, *ast.SequenceNode, *ast.PredicateNode, *ast.PointerNode:
		// What it names has been refused as a column: this says better why.
		p.err = errors.New("expression: variables and loops are not allowed")
	}
}

func (p *columnPatcher) call(node *ast.Node, n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || len(n.Arguments) != 1 {
		return
	}
	switch arg := n.Arguments[0].(type) {
	case *ast.StringNode:
		if callee.Value == "col" {
			p.use(arg.Value).plain = true
			ast.Patch(node, &ast.IdentifierNode{Value: arg.Value})
		}
	case *ast.IdentifierNode:
		if callee.Value == "isnull" {
			u := p.use(arg.Value)
			// The visit of the argument has just marked it as plain; it is,
			// where it stands elsewhere too, which errs towards excluding:
			// write the test for NULL first.
			u.plain, u.guarded = false, true
			ast.Patch(node, &ast.IdentifierNode{Value: "null " + arg.Value})
		}
	}
}

// missing tells whether a NULL decides.
func (e *expression) missing(row []sih.Raw) bool {
	for i := range e.columns {
		if u := &e.columns[i]; row[u.index].Null && !u.guarded {
			return true
		}
	}
	return false
}

var errNotComputed = errors.New("the expression cannot be computed for this record")

// run computes the expression. Env is reused.
func (e *expression) run(row []sih.Raw, env map[string]any, machine *vm.VM) (any, error) {
	for i := range e.columns {
		u := &e.columns[i]
		f := &row[u.index]
		if u.guarded {
			env[u.nullName] = f.Null
		}
		env[u.name] = strings.TrimRight(f.Text, " ")
	}
	out, err := machine.Run(e.program, env)
	if err != nil {
		return nil, errNotComputed // the library's message may quote the record
	}
	return out, nil
}

// holds tells whether the row satisfies the condition.
func (e *expression) holds(row []sih.Raw, env map[string]any, machine *vm.VM) (bool, error) {
	if e.missing(row) {
		return false, nil
	}
	if e.native != nil {
		return e.native(row), nil
	}
	out, err := e.run(row, env, machine)
	if err != nil {
		return false, err
	}
	return out.(bool), nil
}

// text computes the expression and writes what it gives.
func (e *expression) text(row []sih.Raw, env map[string]any, machine *vm.VM) (string, error) {
	if e.missing(row) {
		return "", nil
	}
	out, err := e.run(row, env, machine)
	if err != nil {
		return "", err
	}
	switch v := out.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", errNotComputed
}
