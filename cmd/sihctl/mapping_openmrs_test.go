package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

const openmrs = "../../testdata/openmrs"

// copyOpenMRS makes a project of the example, and a database for it.
func copyOpenMRS(t *testing.T) (string, *sql.DB) {
	t.Helper()
	server, err := mariadbtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	script, err := os.ReadFile(filepath.Join(openmrs, "openmrs.sql"))
	if err != nil {
		t.Fatal(err)
	}
	name, db := server.Create(t)
	for statement := range strings.SplitSeq(string(script), ";\n") {
		if strings.TrimSpace(statement) != "" {
			mariadbtest.Exec(t, db, statement)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(openmrs)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(server.DSN(name)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, db
}

// sihctl runs the program in a project, and gives what it prints.
func sihctl(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command("sihctl", append(args, "--project", dir)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.Run()
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// correct gives a project a list of corrections.
func correct(t *testing.T, dir, list string) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(openmrs, "sihctl.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"corrections.csv": list, "sihctl.yaml": string(config) + "corrections: corrections.csv\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenMRS maps a system that nobody here wrote, with its attributes in rows
// of their own, in YAML alone: from a server to a reconciled store.
func TestOpenMRS(t *testing.T) {
	dir, db := copyOpenMRS(t)
	list := "source,table,key,column,old,new,who,why\nkhemisset,person,2,birthdate,1985-03-12,1985-03-21,dr.b,card seen\nkhemisset,obs,3,value_numeric,7.5,71.5,dr.b,typing error\n"
	correct(t, dir, list)
	// A correction of what the source does not have stops before the store.
	if _, said, code := sihctl(t, dir, "migrate"); code != exitUsage || !strings.Contains(said, "corrections.csv: 1 corrections changed nothing, the first in line 3") {
		t.Fatalf("got exit code %d:\n%s", code, said)
	}
	correct(t, dir, strings.Replace(list, "7.5,71.5", "71.5,75.1", 1))
	out, said, code := sihctl(t, dir, "migrate", "--output", "json")
	if code != exitDone {
		t.Fatalf("got exit code %d:\n%s\n%s", code, out, said)
	}
	var r pipeline.MigrateReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Reconcile.Balanced {
		t.Error("the equations do not balance")
	}
	s := r.Transform.Sources[0]
	got := map[string]int64{"extracted": s.Extracted, "accepted": s.Accepted, "rejected": s.Rejected, "excluded": s.Excluded, "joined": s.Joined}
	want := map[string]int64{"extracted": 204, "accepted": 33, "rejected": 0, "excluded": 131, "joined": 40}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	conn, err := sqlite.OpenConn(filepath.Join(dir, "unified.db"), sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, tt := range []struct{ name, query, want string }{
		{"a patient of five tables", "SELECT local_id, family_name, given_name, given_name_ar, cin, phone, mother_name, amo_no, address FROM source_person WHERE source_key = '2'",
			"100GEJ|EL ALAMI|Mohamed|محمد|AB123456|+212661234567|Zineb Fassi|123456789|12 rue des Orangers, Hay Salam"},
		{"a birth that was estimated", "SELECT birth_date_prec FROM source_person WHERE source_key = '3'", "year"},
		{"a birth that was corrected, in a joined table", "SELECT birth_date FROM source_person WHERE source_key = '2'", "1985-03-21"},
		{"a value that was corrected", "SELECT value_num FROM observation WHERE source_key = '3'", "75.1"},
		{"who corrected it", "SELECT source_table, detail, value_text FROM reject WHERE source_key = '3'", "obs|corrected value_numeric: typing error (dr.b)|71.5"},
		{"a parent's card", "SELECT cin, guardian_cin FROM source_person WHERE source_key = '4'", "|BK654321"},
		{"the name before", "SELECT full_text FROM person_name WHERE name_use = 'old'", "Mohammed ALAMI"},
		{"a coded diagnosis", "SELECT dx_code, code_system, label FROM diagnosis WHERE source_key = '5'", "I10|icd10|Hypertension artérielle"},
		{"one in words", "SELECT dx_code, code_system, label FROM diagnosis WHERE source_key = '6'", "|local:openmrs|lombalgie banale"},
		{"a sign", "SELECT category, obs_code, code_system, label, value_num, unit FROM observation WHERE source_key = '1'", "vital|8480-6|loinc|Pression artérielle systolique|135|mm[Hg]"},
		{"a result and its range", "SELECT category, obs_code, label, value_num, ref_low, ref_high, interpretation FROM observation WHERE source_key = '7'", "laboratory|887|Glycémie|182|70|110|HIGH"},
		{"a coded result", "SELECT value_text, value_code FROM observation WHERE source_key = '8'", "A POSITIF|690"},
		{"of a visit", "SELECT e.class FROM observation o JOIN encounter e ON e.id = o.encounter_id WHERE o.source_key = '7'", "IMP"},
		{"of an encounter without a visit", "SELECT e.source_table FROM observation o JOIN encounter e ON e.id = o.encounter_id WHERE o.source_key = '13'", "encounter"},
		{"a prescription", "SELECT drug_text, dose, dose_unit, route, frequency, days, status FROM medication_request WHERE source_key = '1'", "Doliprane 500 mg cp|500|mg|Voie orale|Deux fois par jour|5|completed"},
		{"a physician named elsewhere", "SELECT s.family FROM medication_request m JOIN staff s ON s.id = m.staff_id WHERE m.source_key = '1'", "BENNANI"},
		{"an allergy and one that was taken back", "SELECT group_concat(verification, ' ') FROM (SELECT verification FROM allergy WHERE source_table = 'allergy' ORDER BY source_key)", "confirmed entered-in-error"},
		{"a relative who is no patient", "SELECT relation, related_name, related_id FROM person_relation", "mother|Zineb FASSI|"},
	} {
		got := ""
		err := sqlitex.Execute(conn, tt.query, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
			for i := range s.ColumnCount() {
				if i > 0 {
					got += "|"
				}
				got += s.ColumnText(i)
			}
			return nil
		}})
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, want %q (%v)", tt.name, got, tt.want, err)
		}
	}
	totals(t, dir, db, conn)
	if out, _, code := sihctl(t, dir, "mapping", "test"); code != exitDone || !strings.Contains(out, "openmrs: 6 cases, 6 hold") {
		t.Errorf("the cases end with code %d:\n%s", code, out)
	}
	// The codes that its lists have not are kept on purpose.
	if out, _, code := sihctl(t, dir, "mapping", "lint"); code != exitDone || !strings.Contains(out, "0 errors, 1 warnings") {
		t.Errorf("lint ends with code %d:\n%s", code, out)
	}
	if strings.Contains(said, "neither mapped nor ignored") {
		t.Errorf("columns are left over:\n%s", said)
	}
}

// totals runs totals.sql on the hospital's server: it must come to what was
// counted on the snapshot.
func totals(t *testing.T, dir string, db *sql.DB, conn *sqlite.Conn) {
	t.Helper()
	text, said, code := sihctl(t, dir, "mapping", "totals", "khemisset")
	if code != exitDone || strings.Contains(text, "not counted here") {
		t.Fatalf("got exit code %d:\n%s\n%s", code, text, said)
	}
	got, want := map[string]int64{}, map[string]int64{}
	for statement := range strings.SplitSeq(text, ";\n") {
		if !strings.Contains(statement, "SELECT") {
			continue
		}
		rows, err := db.Query(statement)
		if err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
		for rows.Next() {
			var measure, facility, payer string
			var year, month int
			var amount int64
			if err := rows.Scan(&measure, &facility, &year, &month, &payer, &amount); err != nil {
				t.Fatal(err)
			}
			got[fmt.Sprint(measure, " ", year)] += amount
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	err := sqlitex.Execute(conn, "SELECT measure, report_year, sum(expected) FROM count_check WHERE expected > 0 GROUP BY 1, 2", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		want[fmt.Sprint(s.ColumnText(0), " ", s.ColumnInt(1))] = s.ColumnInt64(2)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 5 {
		t.Errorf("totals (-snapshot +server):\n%s", diff)
	}
}
