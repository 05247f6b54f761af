package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// examine examines a server, and fails where a finding shows the password or
// says what is wrong without what to do.
func examine(t *testing.T, cfg mysql.Config) map[string][]extract.Finding {
	t.Helper()
	src, err := mysql.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	list, err := src.Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]extract.Finding{}
	for _, f := range list {
		if said := f.Text + f.Advice + f.Script; strings.Contains(said, password) || strings.Contains(said, "s3cr3t") {
			t.Errorf("the password shows: %s", said)
		}
		if f.Text == "" || f.Level != extract.Fine && f.Advice == "" {
			t.Errorf("a finding without advice: %+v", f)
		}
		found[f.Check] = append(found[f.Check], f)
	}
	return found
}

// level is the gravest of some findings, -1 where there are none.
func level(list []extract.Finding) extract.Level {
	worst := extract.Level(-1)
	for _, f := range list {
		worst = max(worst, f.Level)
	}
	return worst
}

// The script that an examination prints makes a login with which nothing is
// wrong any more.
func TestExamineRights(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db,
		"CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(100))",
		"CREATE TABLE old (id INT, v VARCHAR(9) CHARACTER SET latin1) ENGINE=MyISAM")
	fill(t, db, "a", 5000, func(i int) string { return fmt.Sprintf("(%d,'x')", i) })
	user := "r_" + name[len(name)-12:]
	mariadbtest.Exec(t, db, "CREATE USER "+user+" IDENTIFIED BY '"+password+"'", "GRANT INSERT (id) ON a TO "+user, "GRANT SELECT, DROP ON `"+strings.ReplaceAll(name, "_", `\_`)+"`.* TO "+user+" WITH GRANT OPTION")
	t.Cleanup(func() { db.Exec("DROP USER " + user) })
	login := func(user, database string) string {
		return user + ":" + password + "@" + server.Socket() + "/" + database
	}
	locks := mysql.Config{DSN: login(user, name), Connections: 2, AllowLock: []string{"*", "old", "a", "none"}}
	found := examine(t, locks)
	for check, want := range map[string]extract.Level{
		"kindest-way": extract.Notable, "reach": extract.Fine, "login": extract.Fine, "version": extract.Fine,
		"rights": extract.Notable, "view": extract.Notable, "keys": extract.Notable, "lock": extract.Notable,
		"character-sets": extract.Notable, "pace": extract.Fine,
	} {
		if got := level(found[check]); got != want {
			t.Errorf("%s: got level %d, want %d: %+v", check, got, want, found[check])
		}
	}
	if got := len(found["lock"]); got != 2 {
		t.Errorf("got %d findings about locks, want one on a table that needs none and one on a table that is not there", got)
	}
	if len(found["rights"]) == 0 {
		t.FailNow()
	}
	wide := found["rights"][0]
	for _, want := range []string{"DROP", "GRANT OPTION", "INSERT"} {
		if !strings.Contains(wide.Text, want) {
			t.Errorf("%s is not told of: %s", want, wide.Text)
		}
	}
	// What the administrator would run.
	narrow := "n_" + name[len(name)-12:]
	text := strings.NewReplacer("'sihctl'@", "'"+narrow+"'@", "choose-a-password", password).Replace(wide.Script)
	t.Cleanup(func() { db.Exec("DROP USER '" + narrow + "'@'localhost'") })
	for statement := range strings.SplitSeq(text, "\n") {
		if statement != "" {
			mariadbtest.Exec(t, db, statement)
		}
	}
	locks.DSN = login(narrow, name)
	found = examine(t, locks)
	if got := level(found["rights"]); got != extract.Fine {
		t.Errorf("after the script: got %+v", found["rights"])
	}
	src, err := mysql.New(locks)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if rows := read(t, src, "a"); len(rows) != 5000 {
		t.Errorf("after the script: got %d rows", len(rows))
	}
	if ids, err := src.Connections(t.Context()); err != nil || len(ids) != 2 {
		t.Errorf("after the script: got connections %v, error %v; want two", ids, err)
	}
}

func TestExamineFaults(t *testing.T) {
	name, db := server.Create(t)
	user := "f_" + name[len(name)-12:]
	mariadbtest.Exec(t, db, "CREATE USER "+user+" IDENTIFIED BY '"+password+"'", "CREATE TABLE t (id INT)")
	t.Cleanup(func() { db.Exec("DROP USER " + user) })
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	babble, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer babble.Close()
	go func() {
		for {
			c, err := babble.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"))
			c.Close()
		}
	}()
	at := server.Socket()
	tests := []struct{ name, dsn, check, text string }{
		{"nobody listens", "u:" + password + "@tcp(127.0.0.1:1)/x", "reach", "nothing listens at that port"},
		{"no such host", "u:" + password + "@tcp(no-such-host.invalid:3306)/x?timeout=5s", "reach", "the name of the machine|no machine of that name|does not answer"},
		{"no such socket", "u:" + password + "@unix(/nowhere/at/all)/x", "reach", "no such socket"},
		{"silence", "u:" + password + "@tcp(" + mute.Addr().String() + ")/x?timeout=300ms&readTimeout=300ms", "reach", "does not answer|hung up"},
		{"another protocol", "u:" + password + "@tcp(" + babble.Addr().String() + ")/x", "reach", "does not speak MySQL|hung up"},
		{"wrong password", user + ":" + password + "x@" + at + "/" + name, "login", "Access denied"},
		{"no right to the database", user + ":" + password + "@" + at + "/" + name, "login", "no right to it"},
		{"no right to any table", user + ":" + password + "@" + at + "/", "tables", "sees no table"},
	}
	for _, test := range tests {
		found := examine(t, mysql.Config{DSN: test.dsn})
		ok := false
		for _, f := range found[test.check] {
			for part := range strings.SplitSeq(test.text, "|") {
				ok = ok || f.Level == extract.Faulty && strings.Contains(f.Text, part)
			}
		}
		if !ok {
			t.Errorf("%s: got %+v, want %s", test.name, found, test.text)
		}
		if test.check != "reach" && !strings.Contains(found[test.check][0].Script, "GRANT SELECT ON ") {
			t.Errorf("%s: got script %q", test.name, found[test.check][0].Script)
		}
	}
}

// An examination ends with its context.
func TestExamineCancelled(t *testing.T) {
	name, _ := server.Create(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, err := open(t, name).Examine(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, error %v", list, err)
	}
}

func TestGrants(t *testing.T) {
	tests := []struct {
		line   string
		beyond []string
		roles  []string
	}{
		{"GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*0123456789'", nil, nil},
		{"GRANT SELECT, SHOW VIEW, LOCK TABLES ON `ba\\_se`.* TO 'u'@'h'", nil, nil},
		{"GRANT SELECT (`a`, `INSERT`), INSERT (`b, c`) ON `x ON y`.`t TO u` TO 'u'@'h'", []string{"INSERT on `x ON y`.`t TO u`"}, nil},
		{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", []string{"ALL PRIVILEGES on *.*", "GRANT OPTION on *.*"}, nil},
		{"GRANT APPLICATION_PASSWORD_ADMIN,BINLOG_ADMIN ON *.* TO `root`@`localhost`", []string{"APPLICATION_PASSWORD_ADMIN on *.*", "BINLOG_ADMIN on *.*"}, nil},
		{"GRANT `reader`@`%`,`o, TO x`@`%` TO `u`@`%`", nil, []string{"`reader`@`%`", "`o, TO x`@`%`"}},
		{"GRANT EXECUTE ON PROCEDURE `b`.`p` TO `u`@`%`", []string{"EXECUTE on PROCEDURE `b`.`p`"}, nil},
	}
	for _, test := range tests {
		beyond, roles, ok := mysql.Grant(test.line)
		if !ok || !cmp.Equal(test.beyond, beyond) || !cmp.Equal(test.roles, roles) {
			t.Errorf("%s: got %q, roles %q", test.line, beyond, roles)
		}
	}
	for _, line := range []string{"", "REVOKE SELECT ON `mysql`.* FROM `u`@`%`", "GRANT", "GRANT SELECT ON *.*"} {
		if _, _, ok := mysql.Grant(line); ok {
			t.Errorf("%q was taken for a grant", line)
		}
	}
}

func FuzzGrant(f *testing.F) {
	f.Add("GRANT SELECT (`a`, `b`), INSERT ON `x`.* TO `u`@`%` WITH GRANT OPTION")
	f.Add("GRANT `r`@`%` TO `u`@`%`")
	f.Fuzz(func(t *testing.T, line string) {
		beyond, roles, ok := mysql.Grant(line)
		if ok && !strings.HasPrefix(line, "GRANT ") || !ok && len(beyond)+len(roles) > 0 {
			t.Errorf("%q: got %q, %q, %v", line, beyond, roles, ok)
		}
	})
}
