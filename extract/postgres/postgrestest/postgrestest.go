// Package postgrestest gives tests a PostgreSQL of their own: in a private
// folder, behind a socket, without a network. A test that needs one and finds
// none fails, it is not skipped.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Env names the environment variable that holds the URL of a server to be used
// instead, with the rights of a superuser: postgres://user:password@host:5432/postgres.
const Env = "SIH_TEST_POSTGRES"

// Superuser is the name of a private server's owner, who needs no password.
// Everybody else does.
const Superuser = "owner"

// Server is a running server.
type Server struct {
	url   *url.URL // of its database postgres
	dir   string   // empty where the environment named the server
	bin   string
	more  []string
	cmd   *exec.Cmd
	done  chan struct{} // closed when the process has ended
	names atomic.Int64
}

// Start starts a server, or takes the one that the environment names. Stop
// must be called.
func Start() (*Server, error) {
	if address := os.Getenv(Env); address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("%s is not of the form postgres://user:password@host:5432/postgres", Env)
		}
		return &Server{url: u}, nil
	}
	return Private()
}

// Private starts a server whatever the environment says, for tests that kill
// it or set it up: name=value of postgresql.conf.
func Private(settings ...string) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, more: settings}
	if err := s.create(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// find returns the folder of the server's programs. Debian keeps them by
// version, and none of them on the path.
func find() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		path, err = filepath.EvalSymlinks(path) // the others lie beside the program itself
		return filepath.Dir(path), err
	}
	list, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("there is no postgres: install postgresql (Debian's name), or set %s to the URL of a server for tests", Env)
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4])
		return n
	}
	return filepath.Dir(slices.MaxFunc(list, func(a, b string) int { return version(a) - version(b) })), nil
}

// access lets the owner in, and others with their passwords.
const access = "local all " + Superuser + " trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\nlocal replication " + Superuser + " trust\n"

func (s *Server) create() error {
	if err := giveAway(s.dir); err != nil {
		return err
	}
	init := s.program("initdb", "--pgdata="+s.Data(), "--username="+Superuser, "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync", "--no-instructions")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", init.Path, err, out)
	}
	if err := s.Write("pg_hba.conf", []byte(access)); err != nil {
		return err
	}
	s.url = &url.URL{Scheme: "postgres", User: url.User(Superuser), Path: "/postgres", RawQuery: url.Values{"host": {s.dir}}.Encode()}
	more := s.more
	s.more = nil
	return s.Begin(more...)
}

// Standby starts a server that follows a private one.
func (s *Server) Standby(settings ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		return nil, err
	}
	other := &Server{dir: dir, bin: s.bin}
	fail := func(err error) (*Server, error) {
		other.Stop()
		return nil, err
	}
	if err := giveAway(dir); err != nil {
		return fail(err)
	}
	backup := other.program("pg_basebackup", "--host="+s.dir, "--username="+Superuser, "--pgdata="+other.Data(), "--checkpoint=fast", "--write-recovery-conf", "--no-sync")
	if out, err := backup.CombinedOutput(); err != nil {
		return fail(fmt.Errorf("%s: %w\n%s", backup.Path, err, out))
	}
	other.url = &url.URL{Scheme: "postgres", User: url.User(Superuser), Path: "/postgres", RawQuery: url.Values{"host": {dir}}.Encode()}
	if err := other.Begin(settings...); err != nil {
		return fail(err)
	}
	return other, nil
}

// Data is the folder of a private server's files.
func (s *Server) Data() string { return filepath.Join(s.dir, "data") }

// Begin starts a private server that was killed, with settings beside those
// that it has.
func (s *Server) Begin(settings ...string) error {
	s.more = append(s.more, settings...)
	for _, setting := range settings {
		if port, is := strings.CutPrefix(setting, "port="); is {
			s.url.RawQuery = url.Values{"host": {s.dir}, "port": {port}}.Encode()
		}
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", s.Data(), "-k", s.dir}
	for _, setting := range append([]string{
		"listen_addresses=", "max_connections=50", "shared_buffers=32MB",
		// A test's data need not outlive a power cut.
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=256MB",
	}, s.more...) {
		args = append(args, "-c", setting)
	}
	s.cmd = s.program("postgres", args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		cmd.Wait()
		close(done)
	}(s.cmd, s.done)
	if err := s.wait(time.Minute); err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w\n%s", s.cmd.Path, err, text)
	}
	return nil
}

// wait waits until the server answers.
func (s *Server) wait(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		conn, err := pgconn.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.done:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// program is one of the server's programs, as it is run: never by root, whom
// the server refuses, and not beyond the end of the test.
func (s *Server) program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGTZ=UTC")
	if u := servant(); u != nil {
		become(cmd, u)
	}
	dieWithParent(cmd)
	return cmd
}

// Write writes a file into a private server's folder, which it alone can read.
func (s *Server) Write(name string, data []byte) error {
	path := filepath.Join(s.Data(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return err
	}
	return giveAway(path)
}

// giveAway makes a file or folder the server's own.
func giveAway(path string) error {
	u := servant()
	if u == nil {
		return nil
	}
	uid, gid := ids(u)
	return os.Chown(path, uid, gid)
}

// servant is the user under whom root runs the server, and nobody else does.
func servant() *user.User {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return u
		}
	}
	return nil
}

func ids(u *user.User) (uid, gid int) {
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid
}

// DSN is the address of a database of the server, with the login of its owner.
func (s *Server) DSN(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}

// Login is the address of a database of the server, with another login.
func (s *Server) Login(database, user, password string) string {
	u := *s.url
	u.Path, u.User = "/"+database, url.UserPassword(user, password)
	return u.String()
}

// Name returns a name for a database or a user that no other test has.
func (s *Server) Name() string {
	return fmt.Sprintf("sih_test_%d_%d", os.Getpid(), s.names.Add(1))
}

// Create makes an empty database that lives as long as the test, and returns
// its name and a connection to it. Options are those of CREATE DATABASE, such
// as ENCODING 'LATIN1'.
func (s *Server) Create(t testing.TB, options ...string) (name string, conn *pgconn.PgConn) {
	t.Helper()
	name = s.Name()
	main := s.Connect(t, "postgres")
	if len(options) > 0 {
		options = append([]string{"TEMPLATE template0"}, options...)
	}
	Exec(t, main, "CREATE DATABASE "+name+" "+strings.Join(options, " "))
	t.Cleanup(func() {
		if conn, err := pgconn.Connect(context.Background(), s.DSN("postgres")); err == nil { // the server may be gone
			defer conn.Close(context.Background())
			conn.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)").Close()
		}
	})
	return name, s.Connect(t, name)
}

// Connect opens a connection that lives as long as the test.
func (s *Server) Connect(t testing.TB, database string) *pgconn.PgConn {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), s.DSN(database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Exec runs statements.
func Exec(t testing.TB, conn *pgconn.PgConn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := conn.Exec(t.Context(), statement).Close(); err != nil {
			t.Fatalf("%.200s: %v", statement, err)
		}
	}
}

// Kill ends a private server at once, as a power cut does.
func (s *Server) Kill() {
	end(s.cmd)
	<-s.done
}

// Stop ends the server and removes all of it. One that the environment named
// is left alone.
func (s *Server) Stop() {
	if s.dir == "" {
		return
	}
	if s.done != nil {
		s.Kill()
	}
	os.RemoveAll(s.dir)
}
