package postgres_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/postgres/postgrestest"
)

func TestSource(t *testing.T) {
	name, db := server.Create(t)
	postgrestest.Exec(t, db,
		"CREATE TABLE patient (id integer PRIMARY KEY, nom varchar(40), naissance date)",
		"INSERT INTO patient VALUES (3,'Alami','0044-03-15 BC'),(1,'بنعلي','infinity'),(2,NULL,'2001-02-03'),(4,'',NULL)",
		"CREATE SCHEMA urgences",
		"CREATE TABLE urgences.lit (code char(3) NOT NULL, n smallint NOT NULL, PRIMARY KEY (code, n))",
		"INSERT INTO urgences.lit VALUES ('H02',1),('H01',32767),('H01',2)",
		"CREATE TABLE constante (id_patient integer NOT NULL, valeur numeric(8,2))",
		"INSERT INTO constante VALUES (7,1.50),(7,1.50),(6,NULL)",
		"CREATE TABLE vide (id integer NOT NULL)",
		"CREATE VIEW vue AS SELECT id FROM patient",
	)
	want := []extracttest.Content{
		{
			Table: extract.Table{Name: "public.constante", Columns: []extract.Column{{Name: "id_patient", Type: "integer"}, {Name: "valeur", Type: "numeric(8,2)", Nullable: true}}},
			Rows:  []extract.Row{{text("7"), text("1.50")}, {text("7"), text("1.50")}, {text("6"), sih.Null}},
		},
		{
			Table: extract.Table{Name: "public.patient", Key: []string{"id"}, Order: []string{"id"}, Columns: []extract.Column{{Name: "id", Type: "integer"}, {Name: "nom", Type: "character varying(40)", Nullable: true}, {Name: "naissance", Type: "date", Nullable: true}}},
			Rows:  []extract.Row{{text("1"), text("بنعلي"), text("infinity")}, {text("2"), sih.Null, text("2001-02-03")}, {text("3"), text("Alami"), text("0044-03-15 BC")}, {text("4"), text(""), sih.Null}},
		},
		{Table: extract.Table{Name: "public.vide", Columns: []extract.Column{{Name: "id", Type: "integer"}}}},
		{
			Table: extract.Table{Name: "urgences.lit", Key: []string{"code", "n"}, Order: []string{"code", "n"}, Columns: []extract.Column{{Name: "code", Type: "character(3)"}, {Name: "n", Type: "smallint"}}},
			Rows:  []extract.Row{{text("H01"), text("2")}, {text("H01"), text("32767")}, {text("H02"), text("1")}},
		},
	}
	for connections, says := range map[int]string{1: "one connection", 3: "three connections"} {
		t.Run(says, func(t *testing.T) {
			extracttest.Run(t, func(t *testing.T, _ string) extract.Source {
				return with(t, postgres.Config{DSN: server.DSN(name), Connections: connections})
			}, want)
			extracttest.RunDatabase(t, func(t *testing.T) extract.Database {
				return with(t, postgres.Config{DSN: server.DSN(name), Connections: connections})
			}, want)
			extracttest.RunDatabase(t, func(t *testing.T) extract.Database {
				return with(t, postgres.Config{DSN: server.DSN(name), Connections: connections})
			}, want)
		})
	}
}
