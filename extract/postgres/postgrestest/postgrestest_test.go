package postgrestest_test

import (
	"os"
	"testing"

	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

// A private server is killed and begun again with what it held, and leaves
// nothing behind.
func TestPrivate(t *testing.T) {
	s, err := postgrestest.Private("work_mem=5MB")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	name, conn := s.Create(t)
	postgrestest.Exec(t, conn, "CREATE TABLE t AS SELECT current_setting('work_mem') AS v", "CHECKPOINT")
	s.Kill()
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	result := s.Connect(t, name).ExecParams(t.Context(), "SELECT v FROM t", nil, nil, nil, nil).Read()
	if result.Err != nil || len(result.Rows) != 1 || string(result.Rows[0][0]) != "5MB" {
		t.Errorf("after it was begun again: got %q, error %v", result.Rows, result.Err)
	}
	s.Stop()
	if _, err := os.Stat(s.Data()); !os.IsNotExist(err) {
		t.Errorf("its folder after Stop: got %v", err)
	}
}
