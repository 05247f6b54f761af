package reconcile

import "slices"

// ScopeRule says of a unified table whether it was to be migrated. The table
// "*" is every table that no rule names.
type ScopeRule struct {
	Table    string `json:"table"`
	Migrated bool   `json:"migrated"`
	Why      string `json:"why"`
	// Accepted is who accepted it, and On when, as they wrote it.
	Accepted string `json:"accepted"`
	On       string `json:"on"`
}

// ScopeLine holds a rule against what was made and loaded.
type ScopeLine struct {
	ScopeRule
	Made   int64 `json:"made"`   // produced and created
	Loaded int64 `json:"loaded"` // inserted, updated and unchanged
	// Silent is set for a table with entities of which the scope says nothing.
	Silent bool `json:"silent"`
}

// Off counts the entities that are in the store against the scope, or without
// its saying anything of their table.
func (l ScopeLine) Off() int64 {
	if l.Migrated {
		return 0
	}
	return l.Loaded
}

// JudgeScope holds the rules, in their order, against what was loaded; tables
// of which they say nothing follow. Without any rule there is no scope.
func (r *Report) JudgeScope(rules []ScopeRule) {
	r.Scope = nil
	if len(rules) == 0 {
		return
	}
	at := func(table string) int {
		return slices.IndexFunc(r.Scope, func(l ScopeLine) bool { return l.Table == table })
	}
	for _, rule := range rules {
		r.Scope = append(r.Scope, ScopeLine{ScopeRule: rule})
	}
	for _, e := range r.Entities {
		i := at(e.Table)
		if i < 0 {
			i = at("*")
		}
		if i < 0 {
			i = len(r.Scope)
			r.Scope = append(r.Scope, ScopeLine{ScopeRule: ScopeRule{Table: e.Table}, Silent: true})
		}
		r.Scope[i].Made += e.Made()
		r.Scope[i].Loaded += e.Inserted + e.Updated + e.Unchanged
	}
}
