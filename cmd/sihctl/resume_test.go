//go:build unix

package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
	"github.com/sihctl/sih/extract/snapshot"
)

// ward is a hospital's database, and projects that extract it with the real
// program.
type ward struct {
	t      *testing.T
	server *mariadbtest.Server
	name   string
	db     *sql.DB
	keys   string // fields of sihctl.yaml for recipients and keys, or nothing
	source string // fields of the source beside its address, or nothing
}

// newWard fills a database with tables of every kind of key: rows are long, so
// that few of them make a chunk.
func newWard(t *testing.T, server *mariadbtest.Server) *ward {
	t.Helper()
	w := &ward{t: t, server: server}
	w.name, w.db = server.Create(t)
	mariadbtest.Exec(t, w.db,
		"CREATE TABLE digit (n INT PRIMARY KEY)", "INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)",
		"CREATE VIEW nombre AS SELECT a.n+10*b.n+100*c.n+1000*d.n n FROM digit a, digit b, digit c, digit d",
		"CREATE TABLE compose (site CHAR(3) CHARACTER SET latin1 NOT NULL, id INT NOT NULL, v VARBINARY(900), PRIMARY KEY (site, id))",
		"INSERT INTO compose SELECT IF(n<4000,'CHR','chp'), n, REPEAT(CHAR(n%251), 800) FROM nombre WHERE n < 8000",
		"CREATE TABLE resultat (id INT PRIMARY KEY, texte TEXT, jour DATE, n DECIMAL(9,2))",
		"INSERT INTO resultat SELECT 10*n, REPEAT(SHA1(n), 95), '1934-00-00', n/3 FROM nombre WHERE n BETWEEN 1 AND 6000",
		"CREATE TABLE sans_cle (n INT, v VARCHAR(3000))",
		"INSERT INTO sans_cle SELECT n, REPEAT(SHA1(n), 70) FROM nombre WHERE n < 2500",
		"CREATE TABLE vide (id INT PRIMARY KEY)")
	return w
}

// project makes a project of its own that extracts the ward.
func (w *ward) project(dsn string) string {
	w.t.Helper()
	dir := w.t.TempDir()
	for name, text := range map[string]string{
		"sihctl.yaml": "project: p\n" + w.keys + "sources:\n  enova: {system: enova, driver: mysql, dsn_file: dsn" + w.source + "}\n",
		"dsn":         dsn,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return dir
}

// extract runs the program to its end.
func (w *ward) extract(dir string, want int, args ...string) (said string) {
	w.t.Helper()
	out, _, code := runExtraction(dir, args...)
	if code != want {
		w.t.Fatalf("got exit code %d, want %d:\n%s", code, want, out)
	}
	return out
}

func runExtraction(dir string, args ...string) (out string, took time.Duration, code int) {
	begin := time.Now()
	cmd := exec.Command("sihctl", append([]string{"extract", "--project", dir}, args...)...)
	text, _ := cmd.CombinedOutput()
	return string(text), time.Since(begin), cmd.ProcessState.ExitCode()
}

// killWhen extracts, slowly enough to be seen, and kills the program once the
// journal holds a text that many times.
func (w *ward) killWhen(dir, text string, times int) {
	w.t.Helper()
	if hit, e := killWhen(w.t, journal(dir, text, times), 0, "extract", "--project", dir, "--max-rate", "9000"); !hit {
		w.t.Fatalf("it was done before it could be killed; stderr:\n%s", e.stderr)
	}
}

// journal tells whether the journal holds a text that many times.
func journal(dir, text string, times int) func() bool {
	return func() bool {
		data, _ := os.ReadFile(filepath.Join(dir, "snapshots/enova/journal"))
		return bytes.Count(data, []byte(text)) >= times
	}
}

// open opens the snapshot, checks every file of it, and reads its rows by table.
func (w *ward) open(dir string) (*snapshot.Snapshot, map[string][]string) {
	w.t.Helper()
	p, err := project.Open(dir)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := p.OpenSnapshot(p.Config.Source("enova"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Verify(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, t := range s.Tables {
		rows[t.Name] = []string{}
		for _, c := range t.Chunks {
			for row, err := range s.Rows(t, c) {
				if err != nil {
					w.t.Fatal(err)
				}
				rows[t.Name] = append(rows[t.Name], line(row))
			}
		}
		if len(rows[t.Name]) != t.Rows {
			w.t.Errorf("%s: %d rows, the snapshot says %d", t.Name, len(rows[t.Name]), t.Rows)
		}
	}
	return s, rows
}

// line writes a row so that two of them differ just where the rows do.
func line(row extract.Row) string {
	text, err := json.Marshal(row)
	if err != nil {
		panic(err) // a Raw holds nothing that JSON lacks
	}
	return fmt.Sprintf("%s %x", text, row[len(row)-1].Text)
}

// sealed makes keys and names them in the projects to come.
func (w *ward) sealed() {
	w.t.Helper()
	dir := w.t.TempDir()
	if out, err := exec.Command("sihctl", "keygen", dir, "--output", "json").Output(); err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	} else {
		var made struct{ Recipient string }
		if err := json.Unmarshal(out, &made); err != nil || made.Recipient == "" {
			w.t.Fatalf("%v\n%s", err, out)
		}
		w.keys = fmt.Sprintf("recipients: [%s]\nidentity: %s/identity.txt\nsigning_key: %s/signing.key\n", made.Recipient, dir, dir)
	}
}

// Killed again and again at random moments, an extraction of an idle database
// comes to the snapshot of an undisturbed one: no row is there twice, none is
// missing, and all stand in one view.
func TestExtractKilled(t *testing.T) {
	unraced(t)
	server := sharedMaria(t)
	kills := 25
	if testing.Short() {
		kills = 5
	}
	for _, mode := range []string{"plain", "encrypted, by several connections"} {
		t.Run(mode, func(t *testing.T) {
			w := newWard(t, server)
			if mode != "plain" {
				w.sealed()
				w.source = ", connections: 3, allow_lock: ['*']"
			}
			whole := w.project(server.DSN(w.name))
			begin := time.Now()
			w.extract(whole, exitDone)
			usual := time.Since(begin)
			want, wantRows := w.open(whole)
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 3))
			done, snapshots := 0, 0
			check := func(dir string) {
				t.Helper()
				snapshots++
				got, gotRows := w.open(dir)
				if got.Content != want.Content {
					t.Errorf("seed %d: the content is another than that of an undisturbed run (-want +got):\n%.2000s", seed, cmp.Diff(wantRows, gotRows))
				}
				if len(got.Views) != 1 || !got.Consistent {
					t.Errorf("seed %d: it stands in views %v, and is consistent: %t", seed, got.Views, got.Consistent)
				}
				for _, name := range []string{"sihctl.db", "sihctl.db-wal"} {
					if text, _ := os.ReadFile(filepath.Join(dir, name)); bytes.Contains(text, []byte("CHR")) {
						t.Errorf("%s still holds a key", name)
					}
				}
			}
			for dir := w.project(server.DSN(w.name)); done < kills; {
				hit, e := killWhen(t, atOnce, time.Duration(random.Int64N(int64(usual))), "extract", "--project", dir)
				if hit {
					done++
					if done == kills {
						w.extract(dir, exitDone)
						check(dir)
					}
					continue
				}
				if e.code != exitDone {
					t.Fatalf("seed %d: after %d kills it ended with %d; stderr:\n%s", seed, done, e.code, e.stderr)
				}
				check(dir)
				dir = w.project(server.DSN(w.name))
			}
			t.Logf("%d kills, %d snapshots, an undisturbed run takes %v", done, snapshots, usual)
		})
	}
}

// Of a database that is written to between the views of an extraction, and is
// killed in both its phases, the snapshot holds what the last view holds.
func TestExtractSeams(t *testing.T) {
	server := sharedMaria(t)
	w := newWard(t, server)
	dir := w.project(server.DSN(w.name))
	w.killWhen(dir, `"chunk":{"table":"resultat"`, 3)
	mariadbtest.Exec(t, w.db,
		"UPDATE compose SET v = 'x' WHERE id IN (5, 4100)",
		"DELETE FROM compose WHERE site = 'chp' AND id = 4000", "INSERT INTO compose VALUES ('CHR', 100000, NULL), ('AAA', 1, NULL), ('zzz', 1, 'z')",
		"UPDATE resultat SET n = n + 1 WHERE id BETWEEN 500 AND 690", // 20 of them
		"DELETE FROM resultat WHERE id BETWEEN 10 AND 50",            // 5, at the very start
		"INSERT INTO resultat VALUES (1, 'first', NULL, 0), (505, 'amid', NULL, 0), (999999, 'last', NULL, 0)",
		"INSERT INTO vide VALUES (7)", "DELETE FROM sans_cle WHERE n = 3")
	w.killWhen(dir, `"replace":{`, 2)
	// A range whose rows have all gone, and one that has grown beyond a chunk.
	mariadbtest.Exec(t, w.db, "DELETE FROM resultat WHERE id BETWEEN 2000 AND 21000", "UPDATE resultat SET n = -1 WHERE id = 600",
		"INSERT INTO resultat SELECT 30001 + 10*n, REPEAT(SHA1(n), 95), NULL, 1 FROM nombre WHERE n < 2500")
	said := w.extract(dir, exitDone)
	if !strings.Contains(said, "three views, ") || !strings.Contains(said, "read again in the last one") {
		t.Errorf("it does not tell of its views:\n%s", said)
	}
	whole := w.project(server.DSN(w.name))
	w.extract(whole, exitDone)
	_, want := w.open(whole)
	s, got := w.open(dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the last view holds (-want +got):\n%.4000s", diff)
	}
	if len(s.Views) != 1 || !s.Consistent || len(s.Notes) > 0 {
		t.Errorf("it stands in views %v, is consistent: %t, with notes %v", s.Views, s.Consistent, s.Notes)
	}
	if len(s.Remarks) == 0 {
		t.Error("it does not remark what had changed between the views")
	}
	// A snapshot that was mended is as good as any other.
	if out, err := exec.Command("sihctl", "snapshot", "verify", "--project", dir, "enova").CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// What is changed between two views is counted by kind, and a table too large
// to be read again ends with exit code 3 until its seam is accepted.
func TestExtractAcceptsSeams(t *testing.T) {
	server := sharedMaria(t)
	w := newWard(t, server)
	cut := func() string {
		dir := w.project(server.DSN(w.name))
		w.killWhen(dir, `"complete":{"table":"resultat"`, 1)
		return dir
	}
	counted, seamed := cut(), cut()
	mariadbtest.Exec(t, w.db, "UPDATE resultat SET n = n + 1 WHERE id BETWEEN 500 AND 690",
		"DELETE FROM resultat WHERE id BETWEEN 10 AND 50", "INSERT INTO resultat VALUES (1, 'first', NULL, 0), (505, 'amid', NULL, 0), (999999, 'last', NULL, 0)")
	const changes = "resultat: between the views 20 rows had changed, 3 were new, 5 were gone"
	if said := w.extract(counted, exitDone); !strings.Contains(said, changes) {
		t.Errorf("want %q:\n%s", changes, said)
	}
	if s, _ := w.open(counted); !slices.Contains(s.Remarks, changes) || !s.Consistent {
		t.Errorf("consistent: %t, remarks %q", s.Consistent, s.Remarks)
	}
	said := w.extract(seamed, exitDiffers, "--reread", "100")
	for _, words := range []string{"compose, resultat", "two views, ", "--accept-seams", "--reread 8000"} {
		if !strings.Contains(said, words) {
			t.Errorf("want %q:\n%s", words, said)
		}
	}
	w.extract(seamed, exitDone, "--reread", "100", "--accept-seams")
	s, rows := w.open(seamed)
	if s.Consistent || len(s.Views) < 2 || len(s.Notes) < 2 {
		t.Errorf("consistent: %t, views %v, notes %q", s.Consistent, s.Views, s.Notes)
	}
	if got := len(rows["resultat"]); got != 6000 {
		t.Errorf("got %d rows, want the 6000 of the first view", got)
	}
}
