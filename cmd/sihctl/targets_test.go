package main

import (
	"testing"

	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/storetest"
)

// A target is where a site's store lies.
type target struct {
	name   string
	config string // in sihctl.yaml
	dsn    string
	engine func(s *site) (store.Engine, error)
}

// embedded is the file that every site has.
var embedded = target{
	name: "SQLite", config: "{driver: sqlite, path: unified.db}",
	engine: func(s *site) (store.Engine, error) { return sqlite.At(s.path("unified.db")), nil },
}

// postgresTarget starts a PostgreSQL.
func postgresTarget(t *testing.T) target {
	t.Helper()
	server, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	database, _ := server.Create(t)
	return target{"PostgreSQL", "{driver: postgres, dsn_file: target.dsn}", server.DSN(database),
		func(*site) (store.Engine, error) { return postgres.At(server.DSN(database), "unified") }}
}

// servers starts one of each kind that a store can lie on.
func servers(t *testing.T) []target {
	t.Helper()
	maria, err := mariadbtest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(maria.Stop)
	return []target{
		postgresTarget(t),
		{"MariaDB", "{driver: mysql, dsn_file: target.dsn}", maria.DSN(""),
			func(*site) (store.Engine, error) { return mysql.At(maria.DSN(""), "unified") }},
	}
}

// into has the site load into a target, in mode final. Nothing is loaded yet.
func (s *site) into(at target) {
	s.t.Helper()
	s.remove("unified.db", "reconciliation.xlsx", "load", "runs")
	if at.dsn != "" {
		s.write("target.dsn", at.dsn+"\n")
		s.edit("sihctl.yaml", "target: "+embedded.config, "target: "+at.config)
	}
	s.edit("sihctl.yaml", "project:", "mode: final\nproject:")
}

// live opens the site's live store for reading.
func (s *site) live(at target) store.Store {
	s.t.Helper()
	engine, err := at.engine(s)
	s.check(err)
	opened, err := engine.Open(s.t.Context(), store.Live, store.Options{ReadOnly: true})
	s.check(err)
	s.t.Cleanup(func() { opened.Close(); engine.Close() })
	return opened
}

// reading opens the site's live store as long as it takes to read it.
func (s *site) reading(at target, read func(store.Store)) {
	s.t.Helper()
	engine, err := at.engine(s)
	s.check(err)
	defer engine.Close()
	opened, err := engine.Open(s.t.Context(), store.Live, store.Options{ReadOnly: true})
	s.check(err)
	defer opened.Close()
	read(opened)
}

// contents reads all that the live store holds, without clocks.
func (s *site) contents(at target) (all map[string][][]string) {
	s.t.Helper()
	s.reading(at, func(live store.Store) { all = storetest.Contents(s.t, live) })
	return all
}

// stages brings the store up to what the snapshots and the decisions say.
func (s *site) stages() {
	s.t.Helper()
	for _, stage := range []string{"transform", "match", "load"} {
		s.must(exitDone, stage)
	}
}
