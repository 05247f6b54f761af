package mapping

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/sihctl/sih"
)

// test is a condition without the library's machine: most conditions compare a
// column with a few texts, and run for every row.
type test func(row []sih.Raw) bool

// nativeTest returns the node as a test, or nil where it is more than
// comparisons of columns with texts.
func nativeTest(node ast.Node, used map[string]*usedColumn) test {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		if name, isNull := strings.CutPrefix(n.Value, "null "); isNull {
			at := used[name].index
			return func(row []sih.Raw) bool { return row[at].Null }
		}
	case *ast.UnaryNode:
		inner := nativeTest(n.Node, used)
		if inner != nil && (n.Operator == "not" || n.Operator == "!") {
			return func(row []sih.Raw) bool { return !inner(row) }
		}
	case *ast.BinaryNode:
		return nativeBinary(n, used)
	}
	return nil
}

func nativeBinary(n *ast.BinaryNode, used map[string]*usedColumn) test {
	switch n.Operator {
	case "and", "&&", "or", "||":
		a, b := nativeTest(n.Left, used), nativeTest(n.Right, used)
		switch {
		case a == nil || b == nil:
			return nil
		case n.Operator == "and" || n.Operator == "&&":
			return func(row []sih.Raw) bool { return a(row) && b(row) }
		}
		return func(row []sih.Raw) bool { return a(row) || b(row) }
	}
	column, ok := n.Left.(*ast.IdentifierNode)
	if !ok || used[column.Value] == nil {
		return nil
	}
	at := used[column.Value].index
	if n.Operator == "in" {
		return nativeIn(at, n.Right)
	}
	text, ok := n.Right.(*ast.StringNode)
	if !ok {
		return nil
	}
	want := text.Value
	switch n.Operator {
	case "==":
		return func(row []sih.Raw) bool { return strings.TrimRight(row[at].Text, " ") == want }
	case "!=":
		return func(row []sih.Raw) bool { return strings.TrimRight(row[at].Text, " ") != want }
	}
	return nil
}

// nativeIn tells whether a column's text is one of a list's. The library has
// made a set of the list where all of it are texts.
func nativeIn(at int, list ast.Node) test {
	set := map[string]struct{}{}
	switch l := list.(type) {
	case *ast.ConstantNode:
		texts, ok := l.Value.(map[string]struct{})
		if !ok {
			return nil
		}
		set = texts
	case *ast.ArrayNode:
		for _, n := range l.Nodes {
			s, ok := n.(*ast.StringNode)
			if !ok {
				return nil
			}
			set[s.Value] = struct{}{}
		}
	default:
		return nil
	}
	return func(row []sih.Raw) bool {
		_, ok := set[strings.TrimRight(row[at].Text, " ")]
		return ok
	}
}
