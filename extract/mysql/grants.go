package mysql

import (
	"slices"
	"strings"
)

// grant is a line of SHOW GRANTS: what a login may do, or the roles that it
// has.
type grant struct {
	privileges []string // such as SELECT, without the columns that it is for
	on         string   // such as *.* or `base`.*; empty for roles
	option     bool     // may be handed on
	roles      []string
}

// parseGrant reads a line of SHOW GRANTS. The rest of the line, which can hold
// the password's hash, is not kept.
func parseGrant(line string) (g grant, ok bool) {
	rest, ok := strings.CutPrefix(line, "GRANT ")
	if !ok {
		return g, false
	}
	parts := splitOutside(rest, " TO ")
	if len(parts) < 2 {
		return g, false
	}
	what := splitOutside(parts[0], " ON ")
	list := splitOutside(what[0], ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	if len(what) < 2 {
		return grant{roles: list}, true
	}
	for _, p := range list {
		// The columns that a privilege is limited to.
		if at := strings.IndexByte(p, '('); at > 0 {
			p = strings.TrimSpace(p[:at])
		}
		g.privileges = append(g.privileges, p)
	}
	g.on = what[1]
	g.option = strings.Contains(parts[len(parts)-1], "GRANT OPTION")
	return g, true
}

// splitOutside cuts a text at each separator that stands outside of quotes and
// parentheses.
func splitOutside(text, separator string) (parts []string) {
	quote, depth, from := byte(0), 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '`' || c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], separator):
			parts = append(parts, text[from:i])
			i += len(separator) - 1
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// harmless are the privileges by which nothing can be changed.
var harmless = []string{
	"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "LOCK TABLES", "RELOAD", "FLUSH_TABLES", "PROCESS",
	"REPLICATION CLIENT", "BINLOG MONITOR", "SLAVE MONITOR", "REPLICA MONITOR",
}

// beyond lists what lets the login do more than read, as it was granted.
func (g grant) beyond() (list []string) {
	for _, p := range g.privileges {
		if !slices.Contains(harmless, p) {
			list = append(list, p+" on "+g.on)
		}
	}
	if g.option && !slices.Contains(g.privileges, "PROXY") {
		list = append(list, "GRANT OPTION on "+g.on)
	}
	return list
}

// allows tells whether the grant has one of the privileges everywhere.
func (g grant) allows(privileges ...string) bool {
	return g.on == "*.*" && slices.ContainsFunc(g.privileges, func(p string) bool {
		return strings.HasPrefix(p, "ALL") || slices.Contains(privileges, p)
	})
}

// script makes a login that can read the databases and do nothing else. Locks
// says whether it may hold writers for a moment, and lock tables.
func script(databases []string, host string, moment, tables bool) string {
	if len(databases) == 0 {
		databases = []string{"database"}
	}
	user := "'sihctl'@'" + strings.ReplaceAll(host, "'", "") + "'"
	b := []string{"CREATE USER " + user + " IDENTIFIED BY 'choose-a-password';"}
	rights := "SELECT"
	if tables {
		rights += ", LOCK TABLES"
	}
	for _, name := range databases {
		b = append(b, "GRANT "+rights+" ON "+quoteName(wildcards.Replace(name))+".* TO "+user+";")
	}
	if moment {
		b = append(b, "GRANT RELOAD ON *.* TO "+user+";")
	}
	return strings.Join(b, "\n") + "\n"
}

// wildcards escapes what stands for other letters in the name of a database
// that rights are granted on.
var wildcards = strings.NewReplacer("_", `\_`, "%", `\%`, `\`, `\\`)
