// Package mariadbtest gives tests a MariaDB of their own: in a private folder,
// behind a socket, without a network. A test that needs one and finds none
// fails, it is not skipped.
package mariadbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Env names the environment variable that holds the DSN of a server to be used
// instead, with the right to create databases and users.
const Env = "SIH_TEST_MYSQL"

// owner is the user that a server runs under where the tests run as root.
const owner = "mysql"

// Server is a running server.
type Server struct {
	login *mysql.Config
	dir   string
	cmd   *exec.Cmd
	done  chan struct{} // closed when the process has ended
	names atomic.Int64
}

// Start starts a server, or takes the one that the environment names. Stop
// must be called.
func Start() (*Server, error) {
	if dsn := os.Getenv(Env); dsn != "" {
		login, err := mysql.ParseDSN(dsn)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Env, err)
		}
		return &Server{login: login}, nil
	}
	return Private()
}

// Private starts a server whatever the environment says, for tests that kill
// it, or that want options of their own for it.
func Private(options ...string) (*Server, error) {
	daemon, err := find("mariadbd", "mysqld")
	if err != nil {
		return nil, err
	}
	install, err := find("mariadb-install-db", "mysql_install_db")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "mariadb")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, done: make(chan struct{})}
	if err := s.start(daemon, install, options); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// find looks where Debian keeps daemons, too.
func find(names ...string) (string, error) {
	for _, name := range names {
		for _, path := range []string{name, "/usr/sbin/" + name} {
			if found, err := exec.LookPath(path); err == nil {
				return found, nil
			}
		}
	}
	return "", fmt.Errorf("there is no %s: install mariadb-server (Debian's name), or set %s to the DSN of a server for tests", names[0], Env)
}

func (s *Server) start(daemon, install string, options []string) error {
	data, socket := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "s")
	// A server that starts removes the temporary tables of any other that it
	// shares a folder with.
	common := []string{"--no-defaults", "--datadir=" + data, "--tmpdir=" + s.dir}
	if os.Getuid() == 0 { // the server refuses root
		if err := giveAway(s.dir, owner); err != nil {
			return err
		}
		common = append(common, "--user="+owner)
	}
	out, err := exec.Command(install, append(common, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", install, err, out)
	}
	s.cmd = exec.Command(daemon, append(common,
		"--socket="+socket, "--pid-file="+filepath.Join(s.dir, "pid"), "--log-error="+filepath.Join(s.dir, "log"), "--skip-networking",
		// A test's data need not outlive a power cut.
		"--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--sync-binlog=0", "--sync-frm=0",
		"--innodb-buffer-pool-size=64M", "--max-allowed-packet=64M", "--performance-schema=OFF")...)
	s.cmd.Args = append(s.cmd.Args, options...)
	if err := bind(s.cmd); err != nil {
		return err
	}
	s.login = mysql.NewConfig()
	s.login.User, s.login.Net, s.login.Addr, s.login.Logger = "root", "unix", socket, &mysql.NopLogger{}
	return s.run()
}

// run starts the daemon and waits until it answers.
func (s *Server) run() error {
	cmd, done, started := s.cmd, make(chan struct{}), make(chan error)
	s.done = done
	go func() {
		// To the system a server's parent is a thread. It is given back in the
		// end: a thread that ended would take other servers along that it began.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(done)
	}()
	if err := <-started; err != nil {
		return err
	}
	if err := s.wait(60 * time.Second); err != nil {
		text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("%s: %w\n%s", s.cmd.Path, err, text)
	}
	return nil
}

// Restart starts a private server again that was killed, over what it holds.
// What was written in the last second before may be lost.
func (s *Server) Restart() error {
	old := s.cmd
	s.cmd = exec.Command(old.Path, old.Args[1:]...)
	s.cmd.SysProcAttr = old.SysProcAttr
	return s.run()
}

// wait waits until the server answers.
func (s *Server) wait(limit time.Duration) error {
	db, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-s.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func giveAway(dir, name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// DSN is the address of a database of the server, or of the server where
// database is empty.
func (s *Server) DSN(database string) string {
	login := s.login.Clone()
	login.DBName = database
	return login.FormatDSN()
}

// Socket is the address of the server, as it stands in a DSN.
func (s *Server) Socket() string { return s.login.Net + "(" + s.login.Addr + ")" }

// Create makes an empty database that lives as long as the test, and returns
// its name and a connection to it.
func (s *Server) Create(t testing.TB) (name string, db *sql.DB) {
	t.Helper()
	name = fmt.Sprintf("sih_test_%d_%d", os.Getpid(), s.names.Add(1))
	db = s.open(t, "")
	Exec(t, db, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4")
	db.Close()
	db = s.open(t, name)
	t.Cleanup(func() {
		db.Exec("DROP DATABASE " + name) // the server may be gone
		db.Close()
	})
	return name, db
}

// open connects so that zero and impossible dates can be written.
func (s *Server) open(t testing.TB, database string) *sql.DB {
	t.Helper()
	login := s.login.Clone()
	login.DBName, login.Logger = database, &mysql.NopLogger{}
	login.Params = map[string]string{"sql_mode": "'ALLOW_INVALID_DATES'"}
	if err := login.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		t.Fatal(err)
	}
	connector, err := mysql.NewConnector(login)
	if err != nil {
		t.Fatal(err)
	}
	return sql.OpenDB(connector)
}

// Conn opens a connection of its own to a database, which the test closes.
func (s *Server) Conn(t testing.TB, database string) *sql.Conn {
	t.Helper()
	db := s.open(t, database)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// Exec runs statements.
func Exec(t testing.TB, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
}

// Run runs statements on one connection.
func Run(t testing.TB, conn *sql.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
}

// Kill ends the server at once, as a power cut does. It must be a private one.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.done
}

// Stop ends the server and removes all of it. One that the environment named
// is left alone.
func (s *Server) Stop() {
	if s.dir == "" {
		return
	}
	if s.cmd != nil && s.cmd.Process != nil {
		s.Kill()
	}
	os.RemoveAll(s.dir)
}
