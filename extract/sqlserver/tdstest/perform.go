package tdstest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"
)

// perform carries out a statement.
func (c *connection) perform(text string, args []any) (out outcome, err error) {
	h := c.server.store
	if c.session == nil {
		if c.session, err = h.open(); err != nil {
			return out, err
		}
	}
	if err := c.strike(text); err != nil {
		return out, err
	}
	h.mu.Lock()
	pages := h.pages
	h.mu.Unlock()
	if pages == 0 {
		pages = 1 << 30
	}
	s := c.session
	if err := sqlitex.ExecuteTransient(s.conn, fmt.Sprint("PRAGMA max_page_count = ", pages), nil); err != nil {
		return out, err
	}
	switch {
	case strings.Contains(text, "sp_getapplock"):
		return c.appLock(args)
	case strings.Contains(text, "SERVERPROPERTY"):
		return c.property()
	case text == "SET FMTONLY ON":
		s.describe = true
		return out, nil
	case strings.HasPrefix(text, "SET "):
		return out, s.set(text)
	case strings.HasPrefix(text, "INSERT BULK "):
		s.bulk, err = s.expect(text)
		return out, err
	case strings.HasSuffix(text, " SET FMTONLY OFF"):
		s.describe = false
		return s.shape(strings.TrimSuffix(strings.TrimPrefix(text, "select * from "), " SET FMTONLY OFF"))
	case strings.Contains(text, "sp_addextendedproperty"):
		return out, s.comment(text)
	}
	if out.env, err = s.transaction(text); err != nil || out.env != 0 || strings.Contains(text, " TRANSACTION") {
		return out, err
	}
	if done, err := h.define(s, text); err != nil || done {
		return out, err
	}
	return s.execute(text, args)
}

// appLock takes a lock for as long as the connection lasts.
func (c *connection) appLock(args []any) (outcome, error) {
	h := c.server.store
	h.mu.Lock()
	defer h.mu.Unlock()
	name, got := fmt.Sprint(args...), "0"
	if owner := h.locks[name]; owner != nil && owner != c {
		got = "-1"
	} else {
		h.locks[name] = c
	}
	return table([]string{"int"}, []string{got}), nil
}

// property answers what the server is.
func (c *connection) property() (outcome, error) {
	version := c.server.db.Version
	if version == "" {
		version = "16.0.4165.4"
	}
	return table([]string{"nvarchar(128)", "int"}, []string{version, "3"}), nil
}

// table is an outcome of one row.
func table(types, row []string) (out outcome) {
	var values []Value
	for i, name := range types {
		t, _ := parseType(name, 0)
		out.columns = append(out.columns, result{typ: t, nullable: true})
		values = append(values, textValue(row[i]))
	}
	out.rows = [][]Value{values}
	return out
}

// set carries out SET statements.
func (s *session) set(text string) error {
	for part := range strings.SplitSeq(text, "; ") {
		what, ok := strings.CutPrefix(part, "SET ")
		if limit, is := strings.CutPrefix(what, "LOCK_TIMEOUT "); is {
			n, err := strconv.Atoi(limit)
			if err != nil {
				return err
			}
			s.conn.SetBusyTimeout(time.Duration(n) * time.Millisecond)
		} else if !ok || !slices.Contains(settings, what) {
			return &refusal{102, "a setting that is not known here: " + part}
		}
	}
	return nil
}

// transaction carries out what begins and ends one.
func (s *session) transaction(text string) (env byte, err error) {
	open := !s.conn.AutocommitEnabled()
	run := func(statement string) error { return sqlitex.ExecuteTransient(s.conn, statement, nil) }
	name, save := strings.CutPrefix(text, "SAVE TRANSACTION ")
	back, toSave := strings.CutPrefix(text, "ROLLBACK TRANSACTION ")
	switch {
	case text == "BEGIN TRANSACTION":
		return envBegin, run("BEGIN IMMEDIATE")
	case text == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION" && !open:
		return 0, nil
	case text == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION":
		return envRollback, run("ROLLBACK")
	case text == "COMMIT TRANSACTION" && open:
		return envCommit, run("COMMIT")
	case save && open:
		return 0, run("SAVEPOINT " + name)
	case toSave && open:
		return 0, run("ROLLBACK TO " + back)
	case strings.Contains(text, " TRANSACTION"):
		return 0, &refusal{3902, "there is no transaction, or none like this: " + text}
	}
	return 0, nil
}
