package batch_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/batch"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/mysql/mariadbtest"
)

// put writes a batch into a folder.
func put(t *testing.T, b *batch.Batch, dir string) {
	t.Helper()
	for _, f := range b.Files {
		mode := os.FileMode(0o600)
		if f.Runs {
			mode = 0o700
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Text, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// rows returns all rows of a source by table, each as its texts.
func rows(t *testing.T, src extract.Source, drop int) map[string][]extract.Row {
	t.Helper()
	tables, err := src.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]extract.Row{}
	for _, table := range tables {
		out[table.Name] = []extract.Row{}
		for row, err := range src.Rows(t.Context(), table.Name, func(r extract.Rejected) error {
			return fmt.Errorf("%s: %s", r.Where, r.Detail)
		}) {
			if err != nil {
				t.Fatalf("%s: %v", table.Name, err)
			}
			out[table.Name] = append(out[table.Name], slices.Clone(row[:len(row)-drop]))
		}
		slices.SortFunc(out[table.Name], func(a, b extract.Row) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return out
}

// TestMySQL holds that what the batch writes reads back as the very rows that
// package mysql reads from the server.
func TestMySQL(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the test runs export.sh")
	}
	if _, err := exec.LookPath("mariadb"); err != nil {
		t.Fatal("install mariadb-client: ", err)
	}
	server, err := mariadbtest.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	name, db := server.Create(t)
	fill(t, db)

	src, err := mysql.New(mysql.Config{DSN: server.DSN(name)})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	want := rows(t, src, 0)
	delete(want, "secrets")
	want[fmt.Sprintf("table-%X", "les été")] = want["les été"] // a name that is no file's everywhere
	delete(want, "les été")
	for _, r := range want["notes"] { // without the column that is left out
		copy(r[2:], r[3:])
	}
	for i, r := range want["notes"] {
		want["notes"][i] = r[:len(r)-1]
	}

	dir := t.TempDir()
	b, err := batch.New(&project.Source{ID: "enova", System: "enova", Driver: project.MySQL, LeaveOut: map[string]project.LeaveOut{
		"secrets": {All: true}, "notes": {Columns: []string{"photo"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, b, dir)
	_, socket, _ := strings.Cut(strings.TrimSuffix(server.Socket(), ")"), "(")
	login := "[client]\nuser=root\nsocket=" + socket + "\n"
	if err := os.WriteFile(filepath.Join(dir, "login.cnf"), []byte(login), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "export.sh"), name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := rows(t, read(t, b, filepath.Join(dir, "out")), 2)
	for _, list := range []map[string][]extract.Row{want, got} {
		numbers(list["kinds"], 3, 32)
		numbers(list["kinds"], 4, 64)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-server +batch):\n%s", diff)
	}
}

// numbers rewrites the floating numbers of a column in the one way that Go has:
// the server writes the same numbers with another number of digits.
func numbers(rows []extract.Row, column, bits int) {
	for _, r := range rows {
		if f, err := strconv.ParseFloat(r[column].Text, bits); err == nil {
			r[column].Text = strconv.FormatFloat(f, 'g', -1, bits)
		}
	}
}

func read(t *testing.T, b *batch.Batch, dir string) extract.Source {
	t.Helper()
	src, err := csvfile.New(csvfile.Config{Dir: dir, Files: b.Source.Files, Separator: b.Source.Separator, Escaped: b.Source.Escaped, Encoding: b.Source.Encoding})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func fill(t *testing.T, db *sql.DB) {
	t.Helper()
	mariadbtest.Exec(t, db,
		`CREATE TABLE kinds (id INT PRIMARY KEY, big BIGINT UNSIGNED ZEROFILL, money DECIMAL(30,10) ZEROFILL, f FLOAT, d DOUBLE, bits BIT(64), y YEAR,
			born DATE, at DATETIME(6), stamp TIMESTAMP NULL, dur TIME(3), e ENUM('a','b\tc'), s SET('x','y'), j JSON, u UUID, p POINT, raw VARBINARY(20), blobs LONGBLOB) CHARSET utf8mb4`,
		`SET time_zone='+05:00'`,
		`INSERT INTO kinds VALUES (1, 18446744073709551615, 1234.5, 0.1, 1e-7, b'1000000000000000000000000000000000000000000000000000000000000000', 2024,
			'1934-00-00', '2024-02-29 23:59:59.000001', '2024-02-29 23:59:59', '-838:59:59.5', 'b\tc', 'x,y', '{"a": "\\n"}', '6ccd780c-baba-1026-9564-5b8c656024db', ST_GeomFromText('POINT(1 2)'), X'00090A5C0D1AFF', X'')`,
		`INSERT INTO kinds (id) VALUES (2)`,
		`INSERT INTO kinds (id, big, money, f, d, bits, y, born, dur) VALUES (-3, 0, -0.0000000001+0, 3.4e38, 1.7976931348623157e308, b'0', 0, '0000-00-00', '00:00:00')`,
		"CREATE TABLE notes (id INT, latin TEXT CHARSET latin1, photo BLOB, arabic VARCHAR(200) CHARSET cp1256, wide TEXT CHARSET utf8mb4, `odd ``na\\me%` CHAR(10) CHARSET utf8mb3) ENGINE=MyISAM",
		"CREATE TABLE empty (a INT, `b c` TEXT)",
		"CREATE TABLE one (only TEXT)",
		"INSERT INTO one VALUES (''), (NULL), ('N'), ('\\\\N')",
		"CREATE TABLE secrets (a INT)",
		"CREATE TABLE `les été` (é INT)",
		"INSERT INTO `les été` VALUES (1)",
	)
	texts := []string{"", `\N`, `\`, "a\tb", "a\nb\r\nc\r", `"quoted";,|`, "\x00\x1a\b", `\X00`, "é", "NULL", " blanks ", "%PATH% & | > ^"}
	for i, s := range texts {
		arabic, wide := s, s+"محمد \U0001F600 \uFDD0"
		if i > 2 && i < 6 {
			arabic = "محمد" + s
		}
		if _, err := db.Exec("INSERT INTO notes VALUES (?, ?, 'photo', ?, ?, ?)", i, s, strings.ReplaceAll(arabic, "é", "e"), wide, strings.TrimRight(s, " \x00")[:min(4, len(strings.TrimRight(s, " \x00")))]); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	}
	// A byte that cp1256 of the server does not have.
	mariadbtest.Exec(t, db, "INSERT INTO notes (id, arabic) VALUES (100, CAST(X'C7FF09' AS CHAR CHARSET cp1256))", "INSERT INTO notes (id) VALUES (101)")
}

// TestSQLServer holds that what the T-SQL of the batch makes of a row, and bcp
// of that, reads back. No server is at hand: bcp is a UTF-16 text whose lines
// end in CRLF, and the statement is followed step by step.
func TestSQLServer(t *testing.T) {
	b, err := batch.New(&project.Source{ID: "hosix", System: "hosix", Driver: project.SQLServer})
	if err != nil {
		t.Fatal(err)
	}
	bytes := func(s string) sih.Raw { return sih.Raw{Text: s, Bytes: true} }
	want := []extract.Row{
		{sih.Null, sih.Text(""), bytes("")},
		{sih.Text("a\tb\r\nc\\N\x00"), sih.Text("محمد \U0001F600"), bytes("\x00\xff")},
		{sih.Text("\uFDD0\uFDD1"), sih.Text(`\X00`), sih.Null},
		{sih.Text("\uFEFF"), sih.Text("\x1a"), sih.Null},
	}
	const sep, null, raw = "\uFDD0\uFDE3\uFDD7", "\uFDD1\uFDEA\uFDDC", "\uFDD2\uFDDE\uFDEE"
	// The statement is the one that is followed here: its sequences, and what it
	// replaces in which order.
	script := string(b.Files[1].Text)
	for _, sequence := range []string{sep, null, raw} {
		var calls []string
		for _, r := range sequence {
			calls = append(calls, fmt.Sprintf("NCHAR(%d)", r))
		}
		if want := strings.Join(calls, "+"); !strings.Contains(script, want) {
			t.Errorf("the script has no %s", want)
		}
	}
	if want := `N''\'',N''\\''),NCHAR(9),N''\t''),NCHAR(10),N''\n''),NCHAR(13),N''\r''),NCHAR(0),N''\0''),z.s,NCHAR(9)),z.n,N''\N''),z.b,N''\X'')`; !strings.Contains(script, want) {
		t.Errorf("the script does not replace by %s", want)
	}
	statement := func(r extract.Row) string {
		var fields []string
		for _, v := range r {
			switch {
			case v.Null:
				fields = append(fields, null)
			case v.Bytes:
				fields = append(fields, raw+fmt.Sprintf("%X", v.Text))
			default:
				fields = append(fields, v.Text)
			}
		}
		s := strings.Join(fields, sep)
		for _, pair := range [][2]string{{`\`, `\\`}, {"\t", `\t`}, {"\n", `\n`}, {"\r", `\r`}, {"\x00", `\0`}, {sep, "\t"}, {null, `\N`}, {raw, `\X`}} {
			s = strings.ReplaceAll(s, pair[0], pair[1])
		}
		return s
	}
	text := "NHC\tNOMBRE\tFOTO\r\n"
	for _, r := range want {
		text += statement(r) + "\r\n"
	}
	for _, mark := range []string{"", "\uFEFF"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "dbo.PACIENTES.txt"), wide(mark+text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := []extract.Row{}
		for row, err := range read(t, b, dir).Rows(context.Background(), "dbo.PACIENTES", func(r extract.Rejected) error { return fmt.Errorf("%s: %s", r.Where, r.Detail) }) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, slices.Clone(row[:3]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	}
}

// TestLeaveOut holds that what is left out stands in the scripts as a literal,
// whatever its name.
func TestLeaveOut(t *testing.T) {
	out := map[string]project.LeaveOut{"dbo.O'BRIEN": {All: true}, "dbo.X": {Columns: []string{"FOTO'"}}}
	for driver, want := range map[project.Driver][]string{
		project.SQLServer: {"<> N'dbo.O''BRIEN'", "= N'dbo.X' AND c.name = N'FOTO'''"},
		project.MySQL:     {"<> _utf8 0x64626F2E4F27425249454E", "= _utf8 0x64626F2E58 AND COLUMN_NAME = _utf8 0x464F544F27"},
	} {
		b, err := batch.New(&project.Source{ID: "a", Driver: driver, LeaveOut: out})
		if err != nil {
			t.Fatal(err)
		}
		var all strings.Builder
		for _, f := range b.Files {
			all.Write(f.Text)
			if strings.HasSuffix(f.Name, ".cmd") && strings.Count(string(f.Text), "\n") != strings.Count(string(f.Text), "\r\n") {
				t.Errorf("%s: its lines do not end in CRLF", f.Name)
			}
		}
		for _, s := range want {
			if !strings.Contains(all.String(), s) {
				t.Errorf("%s: nowhere %s", driver, s)
			}
		}
	}
	if _, err := batch.New(&project.Source{Driver: project.Postgres}); err == nil {
		t.Error("postgres: got no error")
	}
}
