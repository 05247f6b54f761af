package french_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/french"
)

// sources are the packages, and the files of the command, whose sentences come
// onto a hospital's screen.
var sources = []string{
	"cmd/sihctl/internal/batch", "cmd/sihctl/internal/checkup", "cmd/sihctl/internal/disk",
	"cmd/sihctl/internal/project/config.go", "cmd/sihctl/internal/project/error.go", "cmd/sihctl/internal/project/fields.go",
	"cmd/sihctl/internal/project/keys.go", "cmd/sihctl/internal/project/ledger.go", "cmd/sihctl/internal/project/lock.go",
	"cmd/sihctl/internal/project/mission.go", "cmd/sihctl/internal/project/parse.go", "cmd/sihctl/internal/project/extraction.go",
	"cmd/sihctl/internal/project/project.go", "cmd/sihctl/internal/project/run.go", "cmd/sihctl/internal/project/secret.go",
	"cmd/sihctl/internal/project/window.go", "cmd/sihctl/internal/project/write.go",
	"extract", "extract/csvfile", "extract/mysql", "extract/postgres", "extract/sheet", "extract/snapshot", "extract/sqlserver",
	"cmd/sihctl/doctor.go", "cmd/sihctl/estimate.go", "cmd/sihctl/exit.go", "cmd/sihctl/extract.go", "cmd/sihctl/globals.go", "cmd/sihctl/keygen.go",
	"cmd/sihctl/mission.go", "cmd/sihctl/pack.go", "cmd/sihctl/schedule.go", "cmd/sihctl/script.go", "cmd/sihctl/snapshot.go",
	"cmd/sihctl/internal/pipeline/extract.go", "cmd/sihctl/internal/reading",
}

// TestSources holds that the catalogue knows every sentence that these can say:
// each text in them that reads like one is in it, as a whole or as a part of a
// format, or stands in testdata/unspoken.txt, which says why it is never shown.
func TestSources(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	if err := french.Check(); err != nil {
		t.Fatal(err)
	}
	known := french.Formats()
	for i, k := range known {
		known[i] = bare(k)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "unspoken.txt"))
	if err != nil {
		t.Fatal(err)
	}
	unspoken := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			unspoken[line] = false
		}
	}
	for _, source := range sources {
		names := []string{filepath.Join(root, filepath.FromSlash(source))}
		if !strings.HasSuffix(source, ".go") {
			if names, err = filepath.Glob(filepath.Join(names[0], "*.go")); err != nil || len(names) == 0 {
				t.Fatalf("%s: %d files, %v", source, len(names), err)
			}
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, s := range sentences(t, name) {
				if _, ok := unspoken[strings.TrimSpace(s.text)]; ok {
					unspoken[strings.TrimSpace(s.text)] = true
					continue
				}
				if _, ok := unspoken[strconv.Quote(s.text)]; ok {
					unspoken[strconv.Quote(s.text)] = true
					continue
				}
				if !spoken(known, s.text) {
					t.Errorf("%s:%d: no French for %q", source, s.line, s.text)
				}
			}
		}
	}
	for line, met := range unspoken {
		if !met {
			t.Errorf("testdata/unspoken.txt: %s stands nowhere", line)
		}
	}
}

// spoken tells whether the catalogue has a text, whole, as a part of a format,
// or in the parts that an error is put together of.
func spoken(known []string, text string) bool {
	b := bare(text)
	if !prose.MatchString(text) || slices.ContainsFunc(known, func(k string) bool { return strings.Contains(k, b) }) {
		return true
	}
	for _, cut := range []string{"\n", "; ", ": "} {
		if before, after, ok := strings.Cut(text, cut); ok {
			return spoken(known, before) && spoken(known, after)
		}
	}
	return false
}

var (
	verbs = regexp.MustCompile(`%(\[\d+\])?[-+#0]*[\d.]*[a-zA-Z]`)
	// prose is what reads like words one after the other.
	prose = regexp.MustCompile(`[a-z]{2,}[,;:]? ([a-z(%]|[A-Z])|%[a-z] [a-z]{2,}`)
	// statement is what is said to a server.
	statement = regexp.MustCompile(`^\s*;?\s*(--|SELECT|FROM|WHERE|UPDATE|INSERT|CREATE|SET|GRANT|DECLARE|WITH|DROP|ALTER|AND|OR|JOIN|LEFT|ORDER|UNION|START|LOCK|FLUSH|HANDLER|ROLLBACK|SAVEPOINT|BEGIN|IF|DELETE|USE|EXEC|COPY|SHOW|DENY)\b|SELECT |pg_catalog|CONVERT\(`)
)

// bare is a text whose verbs are all alike.
func bare(s string) string { return verbs.ReplaceAllString(strings.Trim(s, " \n:;,"), "%") }

type sentence struct {
	line int
	text string
}

// sentences returns the texts of a file that read like sentences: neither
// statements, nor the help of commands and flags, which is English.
func sentences(t *testing.T, name string) (list []sentence) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.KeyValueExpr:
			if k, ok := n.Key.(*ast.Ident); ok && (k.Name == "Long" || k.Name == "Short" || k.Name == "Use") {
				return false
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && (strings.HasSuffix(f.Sel.Name, "Var") || f.Sel.Name == "MustCompile") {
				return false
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				break
			}
			if s, err := strconv.Unquote(n.Value); err == nil && prose.MatchString(s) && !statement.MatchString(s) {
				list = append(list, sentence{files.Position(n.Pos()).Line, s})
			}
		}
		return true
	})
	return list
}
