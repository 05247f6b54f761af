package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/reconcile"
)

const whole = `
project: rabat-wave-1
country: ma
sources:
  khemisset-hosix:
    system: hosix
    driver: snapshot
    path: snapshots/khemisset-hosix
    facility: CHP-KHEMISSET
    leave_out: {dbo.USUARIOS: "*", dbo.PACIENTES: [FOTO]}
  enova:
    system: enova
    driver: mysql
    dsn_file: secrets/enova.dsn
    window: 22:00-06:00
    max_rate: 20000
    allow_lock: [journal]
    connections: 3
    attachments: {documents: {column: chemin, folder: 'D:\scans'}}
  dedalus:
    system: dedalus
    driver: csv
    path: incoming/dedalus
    separator: ";"
    quote: none
    encoding: windows-1252
    encodings: [utf-8, windows-1256]
    files: "*.csv"
    tables: {patients: [pat1.csv, pat2.csv], sejours: "sej*.csv"}
    facility: {column: SITE}
target: {driver: sqlite, path: out/unified.db}
tolerances: {source_person: {rejected: 0.1%}, "*": {rejected: "2%"}}
facilities: /srv/facilities.csv
wave: "1"
mode: final
`

func TestParseConfig(t *testing.T) {
	got, err := project.ParseConfig("sihctl.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &project.Config{
		Project: "rabat-wave-1",
		Country: "ma",
		Sources: []project.Source{{
			ID: "dedalus", System: "dedalus", Driver: project.CSV, Path: "incoming/dedalus",
			Separator: ';', Unquoted: true, Encoding: "windows-1252", Encodings: []string{"utf-8", "windows-1256"},
			Files:    "*.csv",
			Tables:   map[string][]string{"patients": {"pat1.csv", "pat2.csv"}, "sejours": {"sej*.csv"}},
			Facility: project.Facility{Column: "SITE"},
		}, {
			ID: "enova", System: "enova", Driver: project.MySQL, DSNFile: "secrets/enova.dsn",
			Window: project.Window{From: 22 * 60, To: 6 * 60}, MaxRate: 20000, AllowLock: []string{"journal"}, Connections: 3,
			Attachments: map[string]project.Attachment{"documents": {Column: "chemin", Folder: `D:\scans`}},
		}, {
			ID: "khemisset-hosix", System: "hosix", Driver: project.Snapshot, Path: "snapshots/khemisset-hosix",
			Facility: project.Facility{Code: "CHP-KHEMISSET"},
			LeaveOut: map[string]project.LeaveOut{"dbo.USUARIOS": {All: true}, "dbo.PACIENTES": {Columns: []string{"FOTO"}}},
		}},
		Facilities: "/srv/facilities.csv",
		Target:     project.Target{Driver: project.SQLite, Path: "out/unified.db"}, Sample: project.Sample{Confidence: 0.95, Tolerable: 0.01},
		Tolerances: reconcile.Limits{"source_person": 1000, "*": 20000},
		Mappings:   "mappings",
		Snapshots:  "snapshots",
		Wave:       "1",
		Mode:       project.Final,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestParseConfigDefaults(t *testing.T) {
	got, err := project.ParseConfig("sihctl.yaml", []byte("project: p\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := &project.Config{
		Project: "p", Country: "ma", Mode: project.Rehearsal,
		Target: project.Target{Driver: project.SQLite, Path: "unified.db"}, Sample: project.Sample{Confidence: 0.95, Tolerable: 0.01},
		Mappings: "mappings", Snapshots: "snapshots",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestParseConfigFaults(t *testing.T) {
	// source is a config with one source, whose fields are given.
	source := func(fields string) string {
		return "project: p\nsources:\n  a:\n    " + strings.ReplaceAll(fields, "; ", "\n    ") + "\n"
	}
	tests := []struct{ name, text, want string }{
		{"empty", "", "sihctl.yaml: holds nothing; sihctl init writes one to begin with"},
		{"syntax", "project: p\n\tx: 1\n", "sihctl.yaml:2:1: found a tab character that violates indentation; YAML wants spaces, not tabs, and a blank after each colon"},
		{"list", "- a\n", "sihctl.yaml:1:1: the config is not a mapping; write its fields below it, each as name: value"},
		{"no name", "country: ma\n", "sihctl.yaml:1:1: the project has no name; write project: a-name-of-yours"},
		{"near name", "project: p\ntolerence: {}\n", `sihctl.yaml:2:1: unknown field "tolerence" in the config; did you mean "tolerances"?`},
		{"far name", "project: p\ntarget: {zzz: 1}\n", `sihctl.yaml:2:10: unknown field "zzz" in target; known are driver, dsn_file, path, schema`},
		{"target without a dsn_file", "project: p\ntarget: {driver: postgres}\n", "sihctl.yaml:2:9: target has no dsn_file; write dsn_file: with the file that holds its address and login"},
		{"target with file and server", "project: p\ntarget: {driver: postgres, dsn_file: d, path: x.db}\n", "sihctl.yaml:2:9: target: path belongs to files and not to driver postgres; remove it"},
		{"target in a file with a schema", "project: p\ntarget: {driver: sqlite, schema: x}\n", "sihctl.yaml:2:9: target: dsn_file and schema belong to servers and not to driver sqlite; remove them"},
		{"target's schema", "project: p\ntarget: {driver: postgres, dsn_file: d, schema: A-b}\n", `sihctl.yaml:2:9: target: schema "A-b" has an unfit name; use 1 to 50 of a-z, 0-9 and _, a letter first`},
		{"twice", "project: p\nproject: q\n", `sihctl.yaml:2:1: "project" stands in the config twice, first at line 1; keep one of them`},
		{"country", "project: p\ncountry: fr\n", `sihctl.yaml:2:10: country "fr" is not known; use ma or dz`},
		{"mode", "project: p\nmode: finale\n", `sihctl.yaml:2:7: mode "finale" is not known; did you mean "final"?`},
		{"no scalar", "project: [p]\n", "sihctl.yaml:1:1: the project has no name; write project: a-name-of-yours\nsihctl.yaml:1:10: project is not a single value; write one value"},
		{"source name", "project: p\nsources:\n  Rabat_1: {}\n", `sihctl.yaml:3:3: source "Rabat_1" has an unfit name; use 1 to 40 of a-z, 0-9 and -`},
		{"driver", source("system: s; driver: cvs; path: x"), `sihctl.yaml:5:13: driver "cvs" is not known; did you mean "csv"?`},
		{"no driver", source("system: s; path: x"), "sihctl.yaml:3:3: source a has no driver; write driver: csv, xlsx, snapshot, sqlserver, mysql or postgres"},
		{"no system", source("driver: csv; path: x"), "sihctl.yaml:3:3: source a has no system; name its mapping: system: hosix"},
		{"no path", source("system: s; driver: xlsx"), "sihctl.yaml:3:3: source a has no path; write path: with the folder of its files"},
		{"database without address", source("system: s; driver: mysql"), "sihctl.yaml:3:3: source a has no dsn_file; write dsn_file: with the file that holds its address and login"},
		{"database with files", source("system: s; driver: mysql; dsn_file: x; path: y"), "sihctl.yaml:3:3: source a: path, files and tables belong to files and not to driver mysql; remove them"},
		{"dsn of files", source("system: s; driver: csv; path: x; dsn_file: y"), "sihctl.yaml:3:3: source a: dsn_file belongs to databases and not to driver csv; remove it"},
		{"separator of sheet", source("system: s; driver: xlsx; path: x; separator: ','"), "sihctl.yaml:3:3: source a: separator, quote, escape and encoding belong to driver csv; remove them"},
		{"separator", source("system: s; driver: csv; path: x; separator: ';;'"), `sihctl.yaml:7:16: separator is not one character; write one ASCII character in quotes, such as ";", or tab`},
		{"quote", source("system: s; driver: csv; path: x; quote: «"), `sihctl.yaml:7:12: quote is not one character; write one ASCII character in quotes, such as "'", or none`},
		{"escape", source("system: s; driver: csv; path: x; escape: slash"), `sihctl.yaml:7:13: escape "slash" is not known; use backslash`},
		{"escape and quote", source("system: s; driver: csv; path: x; escape: backslash; quote: \"'\""), "sihctl.yaml:3:3: source a: a file has either quotes or escapes; remove one of them"},
		{"outside", source("system: s; driver: csv; path: a/../../b"), "sihctl.yaml:6:11: path leads out of the project; write an absolute path for what lies elsewhere"},
		{"outside on Windows", "project: p\nmappings: ..\\m\n", "sihctl.yaml:2:11: mappings leads out of the project; write an absolute path for what lies elsewhere"},
		{"pattern", source("system: s; driver: csv; path: x; files: '[a'"), `sihctl.yaml:7:12: pattern "[a" cannot be read; use * and ? for letters, [a-z] for one of several`},
		{"no files", source("system: s; driver: csv; path: x; tables: {t: []}"), `sihctl.yaml:7:17: table "t" has no files; write the pattern of its files`},
		{"leave out", source("system: s; driver: csv; path: x; leave_out: {t: []}"), `sihctl.yaml:7:20: leave_out says nothing of "t"; write "*" for the whole table, or its columns`},
		{"window", source("system: s; driver: csv; path: x; window: 22-6"), `sihctl.yaml:7:13: window "22-6" is no time of day; write when reading may begin and when it must end, as in 22:00-06:00; leave it out where any time will do`},
		{"rate", source("system: s; driver: csv; path: x; max_rate: fast"), "sihctl.yaml:7:15: max_rate is not a number from 1 to 1000000000; write rows a second, such as 20000"},
		{"connections", source("system: s; driver: mysql; dsn_file: x; connections: 65"), "sihctl.yaml:7:18: connections is not a number from 1 to 64; write 1 to 64"},
		{"lock of files", source("system: s; driver: csv; path: x; allow_lock: [t]"), "sihctl.yaml:3:3: source a: allow_lock and connections belong to databases and not to driver csv; remove them"},
		{"window of snapshot", source("system: s; driver: snapshot; path: x; window: 22:00-06:00"), "sihctl.yaml:3:3: source a: window, max_rate and attachments belong to what is still to be read, and a snapshot has been; write them where the source is extracted"},
		{"attachments", source("system: s; driver: csv; path: x; attachments: {t: {column: c}}"), `sihctl.yaml:7:19: attachments of "t" lack a column or a folder; write {column: the column that names its file, folder: where the files lie}`},
		{"recipients", "project: p\nrecipients: [age1]\n", "sihctl.yaml:2:14: a recipient is not an age recipient, which begins with age1; ask the one who is to read the snapshots for the line that sihctl keygen printed"},
		{"private recipient", "project: p\nrecipients: AGE-SECRET-KEY-1\n", "sihctl.yaml:2:13: a recipient is not an age recipient, which begins with age1; ask the one who is to read the snapshots for the line that sihctl keygen printed"},
		{"sender", source("system: s; driver: snapshot; path: x; sender: RW"), "sihctl.yaml:7:13: sender is not a minisign public key, which begins with RW; write the line that sihctl keygen printed at the sender's"},
		{"sample", "project: p\nsample: {confidence: 100%}\n", "sihctl.yaml:2:22: confidence is not between 0% and 100%; write a share such as 95% or 1%"},
		{"tolerance table", "project: p\ntolerances: {source_persons: {rejected: 1%}}\n", `sihctl.yaml:2:14: tolerances: "source_persons" is no unified table; did you mean "source_person"?`},
		{"tolerance share", "project: p\ntolerances: {person: {rejected: 120%}}\n", `sihctl.yaml:2:33: person: read share "120%": not between 0% and 100% with at most four decimals; write a share such as 0.1%`},
		{"several, in order", "project: p\nwavve: 1\ncountry: xx\n", "sihctl.yaml:2:1: unknown field \"wavve\" in the config; did you mean \"wave\"?\nsihctl.yaml:3:10: country \"xx\" is not known; use ma or dz"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := project.ParseConfig("sihctl.yaml", []byte(test.text))
			var faults project.ConfigErrors
			if !errors.As(err, &faults) {
				t.Fatalf("got %v, want ConfigErrors", err)
			}
			if got := err.Error(); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("a: &a {b: *a}\n<<: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := project.ParseConfig("sihctl.yaml", text)
		if (c == nil) == (err == nil) {
			t.Errorf("got config %v and error %v", c, err)
		}
	})
}

func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, project.File), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	below := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	var missing *project.NotFoundError
	if _, err := project.Find(below); !errors.As(err, &missing) || !missing.Upward {
		t.Errorf("without a project: got %v, want *NotFoundError", err)
	}
	write(t, dir, "project: above\n")
	p, err := project.Find(below)
	if err != nil {
		t.Fatal(err)
	}
	if p.Dir != dir || p.Config.Project != "above" {
		t.Errorf("got project %q in %s, want above in %s", p.Config.Project, p.Dir, dir)
	}
	// sha256sum of "project: above\n"
	if want := "50c1254195caa3635e046a78f5a5a5c66d9b0c118a35dc92db0f4207a32afcd4"; p.ConfigHash != want {
		t.Errorf("got hash %s, want %s", p.ConfigHash, want)
	}
	if got, want := p.Path("x/y"), filepath.Join(dir, "x", "y"); got != want {
		t.Errorf("got path %s, want %s", got, want)
	}
	if _, err := project.Open(below); !errors.As(err, &missing) || missing.Upward {
		t.Errorf("open below: got %v, want *NotFoundError", err)
	}
}

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project: p\nwave: one\ntarget: {path: a.db}\n")
	t.Setenv("SIHCTL_TARGET", "b.db")
	t.Setenv("SIHCTL_WAVE", "two")
	t.Setenv("SIHCTL_MODE", "delta")
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Config; got.Target.Path != "b.db" || got.Wave != "two" || got.Mode != project.Delta {
		t.Errorf("got target %s, wave %s, mode %s", got.Target.Path, got.Wave, got.Mode)
	}
	t.Setenv("SIHCTL_MODE", "test")
	var bad *project.EnvError
	if _, err := project.Open(dir); !errors.As(err, &bad) {
		t.Errorf("got %v, want *EnvError", err)
	}
}

// A target that is a server has a schema of its own where none is named, and no
// file, whatever the environment says of one.
func TestServerTarget(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "project: p\ntarget: {driver: postgres, dsn_file: secrets/target.dsn}\n")
	t.Setenv("SIHCTL_TARGET", "b.db")
	p, err := project.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := project.Target{Driver: project.PostgresStore, DSNFile: "secrets/target.dsn", Schema: "unified"}
	if diff := cmp.Diff(want, p.Config.Target); diff != "" {
		t.Errorf("target (-want +got):\n%s", diff)
	}
	if _, err := p.TargetSecret(); err == nil || !strings.Contains(err.Error(), "target.dsn") {
		t.Errorf("without the file: got %v", err)
	}
	t.Setenv(project.TargetVariable, "postgres://u:p@h/d")
	if secret, err := p.TargetSecret(); err != nil || secret.Reveal() != "postgres://u:p@h/d" {
		t.Errorf("from the environment: got error %v", err)
	}
}
