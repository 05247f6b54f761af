package main

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// startMaria starts the MariaDB that tests share: those that do not kill it.
var startMaria = sync.OnceValues(mariadbtest.Start)

// mariaStarted is set once startMaria was called.
var mariaStarted atomic.Bool

func sharedMaria(t testing.TB) *mariadbtest.Server {
	t.Helper()
	mariaStarted.Store(true)
	server, err := startMaria()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// stopMaria ends it, if it was started.
func stopMaria() {
	if !mariaStarted.Load() {
		return
	}
	if server, err := startMaria(); err == nil {
		server.Stop()
	}
}
