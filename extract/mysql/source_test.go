package mysql_test

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/extracttest"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

func TestSource(t *testing.T) {
	name, db := server.Create(t)
	mariadbtest.Exec(t, db,
		"CREATE TABLE patient (id INT(11) PRIMARY KEY, nom VARCHAR(40), naissance DATE)",
		"INSERT INTO patient VALUES (3,'Alami','1934-00-00'),(1,'بنعلي','0000-00-00'),(2,NULL,'2001-02-03'),(4,'',NULL)",
		"CREATE TABLE lit (code CHAR(3) CHARACTER SET latin1 NOT NULL, n SMALLINT UNSIGNED NOT NULL, PRIMARY KEY (code, n)) ENGINE=MyISAM",
		"INSERT INTO lit VALUES ('H02',1),('H01',65535),('H01',2)",
		"CREATE TABLE constante (id_patient INT(11) NOT NULL, valeur DECIMAL(8,2)) ENGINE=MyISAM",
		"INSERT INTO constante VALUES (7,1.50),(7,1.50),(6,NULL)",
		"CREATE TABLE vide (id INT(11) NOT NULL)",
		"CREATE VIEW vue AS SELECT id FROM patient",
	)
	want := []extracttest.Content{
		{
			Table: extract.Table{Name: "constante", Columns: []extract.Column{{Name: "id_patient", Type: "int(11)"}, {Name: "valeur", Type: "decimal(8,2)", Nullable: true}}},
			Rows:  []extract.Row{{text("7"), text("1.50")}, {text("7"), text("1.50")}, {text("6"), sih.Null}},
		},
		{
			Table: extract.Table{Name: "lit", Key: []string{"code", "n"}, Order: []string{"code", "n"}, Columns: []extract.Column{{Name: "code", Type: "char(3) CHARACTER SET latin1"}, {Name: "n", Type: "smallint(5) unsigned"}}},
			Rows:  []extract.Row{{text("H01"), text("2")}, {text("H01"), text("65535")}, {text("H02"), text("1")}},
		},
		{
			Table: extract.Table{Name: "patient", Key: []string{"id"}, Order: []string{"id"}, Columns: []extract.Column{{Name: "id", Type: "int(11)"}, {Name: "nom", Type: "varchar(40)", Nullable: true}, {Name: "naissance", Type: "date", Nullable: true}}},
			Rows:  []extract.Row{{text("1"), text("بنعلي"), text("0000-00-00")}, {text("2"), sih.Null, text("2001-02-03")}, {text("3"), text("Alami"), text("1934-00-00")}, {text("4"), text(""), sih.Null}},
		},
		{Table: extract.Table{Name: "vide", Columns: []extract.Column{{Name: "id", Type: "int(11)"}}}},
	}
	extracttest.Run(t, func(t *testing.T, _ string) extract.Source { return open(t, name) }, want)
	extracttest.RunDatabase(t, func(t *testing.T) extract.Database { return open(t, name) }, want)
}
