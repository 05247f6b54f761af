package tdstest

import (
	"slices"
	"strconv"
	"strings"
)

// examined answers what an examination asks of the server and of the login's
// rights; nil where it is another question.
func (c *connection) examined(text string) *answer {
	db := &c.server.db
	yes := func(b bool) string {
		if b {
			return "1"
		}
		return "0"
	}
	switch {
	case strings.HasPrefix(text, "SELECT name, state_desc"):
		rows := [][]string{{db.Name, db.state(), yes(db.state() == "ONLINE" && !db.NoUser)}, {"master", "ONLINE", "1"}}
		return catalogue([]string{name, name, "int"}, rows)
	case strings.HasPrefix(text, "SELECT CONVERT(int, snapshot_isolation_state)"):
		return catalogue([]string{"int", "int", name}, [][]string{{yes(db.Snapshot), yes(db.ReadOnly), db.version()}})
	case strings.Contains(text, "d.compatibility_level"):
		updates := "READ_WRITE"
		if db.ReadOnly || db.Replica {
			updates = "READ_ONLY"
		}
		row := []string{db.version(), "Standard Edition", "100", yes(db.ReadOnly), yes(db.AutoClose), yes(db.Snapshot), updates}
		return catalogue([]string{name, name, "int", "int", "int", "int", name}, [][]string{row})
	case strings.Contains(text, "IS_SRVROLEMEMBER("):
		var rows [][]string
		for _, right := range []string{"sysadmin", "CONTROL SERVER", "db_owner", "db_ddladmin", "db_securityadmin", "db_datawriter", "CONTROL", "ALTER", "INSERT", "UPDATE", "DELETE", "EXECUTE"} {
			rows = append(rows, []string{right, yes(slices.Contains(db.Rights, right))})
		}
		return catalogue([]string{name, "int"}, rows)
	case strings.Contains(text, "N'OBJECT', N'SELECT', c.name, N'COLUMN'"):
		var rows [][]string
		for _, t := range c.tables {
			for _, col := range t.Columns {
				if col.Denied {
					rows = append(rows, []string{t.Schema, t.Name, col.Name})
				}
			}
		}
		return catalogue([]string{name, name, name}, rows)
	case strings.Contains(text, "N'OBJECT', N'SELECT'"):
		var rows [][]string
		for _, t := range c.tables {
			row := []string{t.Schema, t.Name, yes(!slices.Contains(t.Rights, "-SELECT"))}
			for _, right := range []string{"INSERT", "UPDATE", "DELETE", "ALTER"} {
				row = append(row, yes(slices.Contains(t.Rights, right)))
			}
			rows = append(rows, row)
		}
		return catalogue([]string{name, name, "int", "int", "int", "int", "int"}, rows)
	case strings.Contains(text, "c.encryption_type IS NOT NULL"):
		var rows [][]string
		for _, t := range c.tables {
			for _, col := range t.Columns {
				if col.Sealed {
					rows = append(rows, []string{t.Schema, t.Name, col.Name})
				}
			}
		}
		return catalogue([]string{name, name, name}, rows)
	case strings.Contains(text, "t.is_memory_optimized = 1"):
		var rows [][]string
		for _, t := range c.tables {
			if t.InMemory {
				rows = append(rows, []string{t.Schema, t.Name})
			}
		}
		return catalogue([]string{name, name}, rows)
	case text == "SELECT CONVERT(int, XACT_STATE())":
		return catalogue([]string{"int"}, [][]string{{yes(c.inTransaction)}})
	}
	return nil
}

func (db *Database) state() string {
	if db.State == "" {
		return "ONLINE"
	}
	return db.State
}

// version returns the version, 2008 R2 where none is set.
func (db *Database) version() string {
	if db.Version == "" {
		return "10.50.6000.34"
	}
	return db.Version
}

// release returns the first two numbers of the version.
func (db *Database) release() [2]byte {
	words := strings.Split(db.version(), ".")
	major, _ := strconv.Atoi(words[0])
	minor, _ := strconv.Atoi(words[1])
	return [2]byte{byte(major), byte(minor)}
}
