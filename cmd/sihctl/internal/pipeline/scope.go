package pipeline

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/reconcile"
)

// scopeColumns are the columns of the list that declares the scope.
var scopeColumns = []string{"table", "migrated", "why", "accepted_by", "accepted_on"}

// checkAgreed reads what was agreed beforehand, scope and the hospitals' own
// figures, for faults: they are needed last, and are to be mended first.
func checkAgreed(p *project.Project) error {
	if _, _, err := readScope(p); err != nil {
		return err
	}
	return checkHands(p)
}

// readScope reads what was to be migrated and what not, and hashes its file. A
// project that declares no scope has no rules.
func readScope(p *project.Project) (rules []reconcile.ScopeRule, hash string, err error) {
	if p.Config.Scope == "" {
		return nil, "", nil
	}
	name := p.Path(p.Config.Scope)
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, "", &ConfigError{Err: fmt.Errorf("read scope: %w", err), Advice: "see scope in sihctl.yaml"}
	}
	h := newHash()
	h.Write(data)
	fault := func(line int, format string, args ...any) error {
		return &ConfigError{Err: fmt.Errorf("%s:%d: %s", filepath.Base(name), line, fmt.Sprintf(format, args...)), Advice: "its columns are " + strings.Join(scopeColumns, ",") + "; the table * stands for all others"}
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	head, err := r.Read()
	if err != nil || !slices.Equal(head, scopeColumns) {
		return nil, "", fault(1, "the first line is not what it must be")
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rules, sum(h), nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, "", fault(bad.Line, "%v", bad.Err)
		}
		if err != nil {
			return nil, "", fmt.Errorf("read scope: %w", err)
		}
		line, _ := r.FieldPos(0)
		rule := reconcile.ScopeRule{Table: row[0], Migrated: row[1] == "yes", Why: row[2], Accepted: row[3], On: row[4]}
		switch {
		case rule.Table != "*" && sih.TableByName(rule.Table) == nil:
			return nil, "", fault(line, "%q is no unified table", rule.Table)
		case row[1] != "yes" && row[1] != "no":
			return nil, "", fault(line, "migrated is yes or no")
		case !rule.Migrated && strings.TrimSpace(rule.Why) == "":
			return nil, "", fault(line, "why is %s not migrated?", rule.Table)
		case strings.TrimSpace(rule.Accepted) == "":
			return nil, "", fault(line, "who accepted it?")
		case slices.ContainsFunc(rules, func(x reconcile.ScopeRule) bool { return x.Table == rule.Table }):
			return nil, "", fault(line, "%s stands here twice", rule.Table)
		}
		rules = append(rules, rule)
	}
}
