package sqlserver

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// What an examination asks, in the T-SQL of 2008 R2. None of it needs more
// than a login that may use the database.
const (
	databasesQuery = `SELECT name, state_desc, CONVERT(int, COALESCE(HAS_DBACCESS(name), 0)) FROM sys.databases ORDER BY name`

	serverQuery = `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(128), SERVERPROPERTY('Edition')),
 CONVERT(int, d.compatibility_level), CONVERT(int, d.is_read_only), CONVERT(int, d.is_auto_close_on), CONVERT(int, d.snapshot_isolation_state),
 COALESCE(CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')), N'')
 FROM sys.databases AS d WHERE d.database_id = DB_ID()`

	// rightsQuery asks for what lets a login write, or do more.
	rightsQuery = `SELECT N'sysadmin', COALESCE(IS_SRVROLEMEMBER('sysadmin'), 0)
 UNION ALL SELECT N'CONTROL SERVER', COALESCE(HAS_PERMS_BY_NAME(NULL, NULL, N'CONTROL SERVER'), 0)
 UNION ALL SELECT N'db_owner', COALESCE(IS_MEMBER('db_owner'), 0)
 UNION ALL SELECT N'db_ddladmin', COALESCE(IS_MEMBER('db_ddladmin'), 0)
 UNION ALL SELECT N'db_securityadmin', COALESCE(IS_MEMBER('db_securityadmin'), 0)
 UNION ALL SELECT N'db_datawriter', COALESCE(IS_MEMBER('db_datawriter'), 0)
 UNION ALL SELECT N'CONTROL', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CONTROL'), 0)
 UNION ALL SELECT N'ALTER', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'ALTER'), 0)
 UNION ALL SELECT N'INSERT', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'INSERT'), 0)
 UNION ALL SELECT N'UPDATE', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'UPDATE'), 0)
 UNION ALL SELECT N'DELETE', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'DELETE'), 0)
 UNION ALL SELECT N'EXECUTE', COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'EXECUTE'), 0)`

	// tableRightsQuery asks for the same by table, and whether it may be read.
	tableRightsQuery = `SELECT s.name, t.name,
 COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'SELECT'), 0),
 COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'INSERT'), 0),
 COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'UPDATE'), 0),
 COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'DELETE'), 0),
 COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'ALTER'), 0)
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 WHERE t.is_ms_shipped = 0
 ORDER BY s.name, t.name`

	// inMemoryQuery is for servers from 2014 on.
	inMemoryQuery = `SELECT s.name, t.name
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 WHERE t.is_memory_optimized = 1
 ORDER BY s.name, t.name`

	// columnRightsQuery asks for columns that may not be read.
	columnRightsQuery = `SELECT s.name, t.name, c.name
 FROM sys.tables AS t
 JOIN sys.schemas AS s ON s.schema_id = t.schema_id
 JOIN sys.columns AS c ON c.object_id = t.object_id
 WHERE t.is_ms_shipped = 0 AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'SELECT', c.name, N'COLUMN') = 0
 ORDER BY s.name, t.name, c.column_id`
)

// database is one of a server's.
type database struct {
	name, state string
	access      int
}

// databases calls each for every database that the login may know of.
func (s *session) databases(ctx context.Context, each func(database)) error {
	return s.query(ctx, databasesQuery, nil, func(rows *sql.Rows) error {
		var d database
		err := rows.Scan(&d.name, &d.state, &d.access)
		each(d)
		return err
	})
}

// server looks at the server and at the state of the database.
func (x *examination) server(ctx context.Context, c *session) error {
	var version, edition, updates string
	var level, readOnly, autoClose, snapshot int
	err := c.query(ctx, serverQuery, nil, func(rows *sql.Rows) error {
		return rows.Scan(&version, &edition, &level, &readOnly, &autoClose, &snapshot, &updates)
	})
	if err != nil {
		return err
	}
	x.fine("server", "SQL Server %s, %s; the database has compatibility level %d", version, edition, level)
	major, minor := versionOf(version)
	if c.major = major; major < 10 || major == 10 && minor < 50 {
		x.notable("server", "try it on a copy first", "", "the server is older than SQL Server 2008 R2, with which this program was not tried")
	}
	if autoClose != 0 {
		x.notable("server", "have the administrator set AUTO_CLOSE off", "ALTER DATABASE "+quote(x.cfg.Database)+" SET AUTO_CLOSE OFF;\n",
			"the database closes whenever nobody uses it, and takes its time to open again")
	}
	if updates == "READ_ONLY" && readOnly == 0 {
		x.fine("replica", "the database is a readable replica: what is read there keeps nobody waiting on the primary")
	}
	c.readOnly, c.snapshot = readOnly != 0, snapshot == 1
	return nil
}

// versionOf returns the first two numbers of a version.
func versionOf(version string) (major, minor int) {
	words := strings.SplitN(version, ".", 3)
	major, _ = strconv.Atoi(words[0])
	if len(words) > 1 {
		minor, _ = strconv.Atoi(words[1])
	}
	return major, minor
}

// rights looks for rights that are too wide, and too narrow.
func (x *examination) rights(ctx context.Context, c *session) error {
	var wide []string
	err := c.query(ctx, rightsQuery, nil, func(rows *sql.Rows) error {
		var name string
		var has int
		err := rows.Scan(&name, &has)
		if has == 1 {
			wide = append(wide, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	var closed, open []string
	err = c.query(ctx, tableRightsQuery, nil, func(rows *sql.Rows) error {
		var schema, name string
		var read int
		var more [4]int // INSERT, UPDATE, DELETE, ALTER
		err := rows.Scan(&schema, &name, &read, &more[0], &more[1], &more[2], &more[3])
		if read == 0 && !x.cfg.leavesOut(schema+"."+name, "") {
			closed = append(closed, schema+"."+name)
		}
		if more != [4]int{} {
			open = append(open, schema+"."+name)
		}
		return err
	})
	if err != nil {
		return err
	}
	var columns []string
	err = c.query(ctx, columnRightsQuery, nil, func(rows *sql.Rows) error {
		var schema, name, column string
		err := rows.Scan(&schema, &name, &column)
		if full := schema + "." + name; !slices.Contains(closed, full) && !x.cfg.leavesOut(full, column) {
			columns = append(columns, full+"."+column)
		}
		return err
	})
	if err != nil {
		return err
	}
	before := len(x.found)
	const least = "a program that only reads is to have no right but that: have the administrator make a login of its own by the script, and write it in the address file"
	switch {
	case len(wide) > 0:
		x.notable("rights", least, x.reader().script(), "the login %s may do more than read: it has %s", x.cfg.User, strings.Join(wide, ", "))
	case len(open) > 0:
		x.notable("rights", least, x.reader().script(), "the login %s may write to %s", x.cfg.User, some(open))
	}
	if len(closed) > 0 {
		x.faulty("rights", "have the administrator run the script, or name the tables in leave_out of the source", x.script(), "the login %s may not read %s", x.cfg.User, some(closed))
	}
	if len(columns) > 0 {
		x.faulty("rights", "have the administrator grant SELECT on them, or name them in leave_out of the source", x.script(), "the login %s may not read every column: %s", x.cfg.User, some(columns))
	}
	if len(x.found) == before {
		x.fine("rights", "the login %s may read, and has no right to write", x.cfg.User)
	}
	return nil
}

// some lists the first of many names.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
}

// view looks at what a reading can hold on to.
func (x *examination) view(_ context.Context, c *session) error {
	switch {
	case c.snapshot:
		x.fine("view", "the database allows snapshot isolation: all tables are read as they stood at one moment, without locks, and until the reading ends tempdb keeps what is changed meanwhile")
	case c.readOnly:
		x.fine("view", "the database is read-only: all tables are read as they stand")
	default:
		x.notable("view", "if the administrator wishes, the script allows it: nobody waits for anything, and from then on the server keeps what is changed or deleted for a while in tempdb, which takes room there and 14 bytes in each such row; otherwise nothing is to be done",
			"-- Takes effect when the transactions that run have ended.\nALTER DATABASE "+quote(x.cfg.Database)+" SET ALLOW_SNAPSHOT_ISOLATION ON;\n-- To undo it: ALTER DATABASE "+quote(x.cfg.Database)+" SET ALLOW_SNAPSHOT_ISOLATION OFF;\n",
			"the database does not allow snapshot isolation: its tables are read one after the other while others write, and may not agree with each other")
	}
	return nil
}

// tables looks at the tables.
func (x *examination) tables(ctx context.Context, c *session) error {
	tables, err := c.catalogue(ctx)
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		x.faulty("tables", "have the administrator run the script", x.script(), "the login %s sees no table in the database %s", x.cfg.User, x.cfg.Database)
		return nil
	}
	x.fine("tables", "the login sees %d tables; compare it with what the hospital knows of", len(tables))
	var heaps, sealed []string
	for _, t := range tables {
		if x.cfg.leavesOut(t.full(), "") {
			continue
		}
		if t.order == nil {
			heaps = append(heaps, t.full())
		}
		for _, col := range t.columns {
			if col.sealed && !col.out {
				sealed = append(sealed, t.full()+"."+col.name)
			}
		}
	}
	if len(heaps) > 0 {
		x.notable("keys", "nothing is to be done; but an interrupted reading of such a table begins again, and one that is large is best read from a restored backup", "", "tables without a key that they can be read by, which are each sorted and read in one pass: %s", some(heaps))
	}
	if err := x.inMemory(ctx, c); err != nil {
		return err
	}
	if len(sealed) > 0 {
		x.notable("tables", "have the hospital decrypt them (Always Encrypted), or leave them out", "", "these columns are encrypted by their application, and will be kept as they are: %s", some(sealed))
	}
	return nil
}

// inMemory looks for tables that a view of snapshot isolation does not take.
func (x *examination) inMemory(ctx context.Context, c *session) error {
	const since = 12 // 2014
	if c.major < since || !c.snapshot {
		return nil
	}
	var names []string
	err := c.query(ctx, inMemoryQuery, nil, func(rows *sql.Rows) error {
		var schema, name string
		err := rows.Scan(&schema, &name)
		if full := schema + "." + name; !x.cfg.leavesOut(full, "") {
			names = append(names, full)
		}
		return err
	})
	if len(names) > 0 {
		x.faulty("tables", "name them in leave_out of the source, and have them exported to files", "", "tables that lie in memory (In-Memory OLTP) cannot be read in a view of snapshot isolation: %s", some(names))
	}
	return err
}
