package sqlserver

import "strings"

// readerName is the login that is proposed where that of the address may do
// too much.
const readerName = "sihctl_read"

// reader returns the examination with a login of its own in the place of one
// that may do too much.
func (x *examination) reader() *examination {
	out := *x
	if out.cfg.User = readerName; strings.EqualFold(x.cfg.User, readerName) {
		out.cfg.User += "2"
	}
	return &out
}

// script returns what an administrator can run to make the login, and let it
// read the database and nothing else: T-SQL of 2008 R2, where a role's members
// are added by a procedure.
func (x *examination) script() string {
	user, db := x.cfg.User, x.cfg.Database
	how := "WITH PASSWORD = N'<write a long password here>', CHECK_POLICY = ON"
	if strings.Contains(user, `\`) {
		how = "FROM WINDOWS"
	}
	lines := []string{
		"-- To be run by a member of sysadmin. It makes a login that may read the database and nothing else.",
		"USE [master];",
		"IF SUSER_ID(" + literal(user) + ") IS NULL",
		"    CREATE LOGIN " + quote(user) + " " + how + ";",
		"USE " + quote(db) + ";",
		"IF USER_ID(" + literal(user) + ") IS NULL",
		"    CREATE USER " + quote(user) + " FOR LOGIN " + quote(user) + ";",
		"EXEC sp_addrolemember N'db_datareader', " + literal(user) + ";",
		"EXEC sp_addrolemember N'db_denydatawriter', " + literal(user) + ";",
		"GRANT SELECT TO " + quote(user) + ";",
		"GRANT VIEW DEFINITION TO " + quote(user) + "; -- so that it sees which tables it may not read",
		"DENY INSERT, UPDATE, DELETE, ALTER TO " + quote(user) + ";",
	}
	return strings.Join(lines, "\n") + "\n"
}

// literal makes of a text a constant; a quote in it is doubled.
func literal(s string) string { return "N'" + strings.ReplaceAll(s, "'", "''") + "'" }
