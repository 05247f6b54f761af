package csvfile_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sihctl/sih/extract/csvfile"
)

func TestNewErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  csvfile.Config
		want string // in the message
		hint string
	}{
		{"encoding", csvfile.Config{Encoding: "klingon"}, `unknown encoding "klingon"`, "windows-1252"},
		{"not over ASCII", csvfile.Config{Encoding: "ibm037"}, `unknown encoding "ibm037"`, ""},
		{"separator", csvfile.Config{Separator: '\n'}, "separator cannot be the character U+000A", ""},
		{"wide separator", csvfile.Config{Separator: '§'}, "U+00A7: it is not one byte in utf-8", ""},
		{"quote", csvfile.Config{Quote: '«', Encoding: "windows-1256", Separator: '«'}, "the same character", ""},
		{"pattern", csvfile.Config{Files: "[.csv"}, `pattern "[.csv"`, ""},
		{"no pattern", csvfile.Config{Tables: map[string][]string{"T": nil}}, `table "T"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := csvfile.New(test.cfg)
			expect(t, err, test.want, test.hint)
		})
	}
}

func TestTablesErrors(t *testing.T) {
	const secret = "ALAMI"
	for _, test := range []struct {
		name  string
		files map[string]string
		cfg   csvfile.Config
		want  string
		hint  string
	}{
		{"no file", map[string]string{"a.dat": "x"}, csvfile.Config{}, "matches *.csv, *.txt", ""},
		{"a database instead", map[string]string{"a.mdb": "x"}, csvfile.Config{}, "there is a.mdb", "mdb-export a.mdb"},
		{"dBase", map[string]string{"a.DBF": "\x03"}, csvfile.Config{Files: "*"}, "read a.DBF: it is a dBase table", "soffice --headless"},
		{"workbook", map[string]string{"a.csv": "PK\x03\x04"}, csvfile.Config{}, "read a.csv: it is a workbook", "driver: xlsx"},
		{"old workbook", map[string]string{"a.csv": "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"}, csvfile.Config{}, "old Excel", "--convert-to xlsx a.csv"},
		{"empty", map[string]string{"a.csv": ""}, csvfile.Config{}, "there is no header", ""},
		{"only empty lines", map[string]string{"a.csv": "\n\r\n"}, csvfile.Config{}, "there is no header", ""},
		{"nameless", map[string]string{"a.csv": ";;\n1;2;3\n"}, csvfile.Config{}, "no column has a name", ""},
		{"same name", map[string]string{"a.csv": "A;ALAMI;B; ALAMI\n"}, csvfile.Config{}, "line 1, the header: columns 2 and 4 have the same name", ""},
		{"reserved name", map[string]string{"a.csv": "A;_line\n"}, csvfile.Config{}, "column 2 is called _line", ""},
		{"open header", map[string]string{"a.csv": "A;\"ALAMI\n1;2\n"}, csvfile.Config{}, "the header: a quote stays open", ""},
		{"wrong encoding", map[string]string{"a.csv": "A;PR\xc9NOM\n"}, csvfile.Config{}, "column 2 is not utf-8", "windows-1252"},
		{"UTF-16 unmarked", map[string]string{"a.csv": "A\x00;\x00B\x00\n\x00"}, csvfile.Config{}, "a NUL", "utf-16le"},
		{"Macintosh", map[string]string{"a.csv": "A;B\r1;ALAMI\r"}, csvfile.Config{}, "lines end in CR alone", "mac2unix"},
		{"lacking column", map[string]string{"a1.csv": "A;B\n", "a2.csv": "A;ALAMI\n"}, csvfile.Config{Tables: map[string][]string{"a": {"a*"}}}, `read a2.csv: it lacks the column "B" that a1.csv has`, ""},
		{"more columns", map[string]string{"a1.csv": "A;B\n", "a2.csv": "B;A;ALAMI\n"}, csvfile.Config{Tables: map[string][]string{"a": {"a*"}}}, "read a2.csv: its column 3 is none of a1.csv", ""},
		{"expected column", map[string]string{"a.csv": "A;B\n"}, csvfile.Config{Expect: map[string][]string{"a": {"B", "C"}}}, `read a.csv: it lacks the expected column "C"`, ""},
		{"expected table", map[string]string{"a.csv": "A;B\n"}, csvfile.Config{Expect: map[string][]string{"b": {"B"}}}, `expected table "b"`, ""},
		{"two tables", map[string]string{"a.csv": "A;B\n"}, csvfile.Config{Tables: map[string][]string{"x": {"a*"}, "y": {"*.csv"}}}, `for the tables "x" and "y"`, ""},
		{"one name", map[string]string{"a.csv": "A;B\n", "a.txt": "A;B\n"}, csvfile.Config{}, `another file makes the table "a"`, "tables:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := test.cfg
			cfg.Dir = t.TempDir()
			write(t, cfg.Dir, test.files)
			src := open(t, cfg)
			_, err := src.Tables(t.Context())
			expect(t, err, test.want, test.hint)
			if strings.Contains(err.Error(), secret) {
				t.Error("the error shows what the file holds")
			}
			n := 0
			for _, rowsErr := range src.Rows(t.Context(), "a", nil) {
				n++
				if rowsErr == nil {
					t.Error("Rows: got a row, want the error of Tables")
				}
			}
			if n != 1 {
				t.Errorf("Rows: got %d values, want one error", n)
			}
		})
	}
}

func TestNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	_, err := open(t, csvfile.Config{Dir: dir}).Tables(t.Context())
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist within", err)
	}
}

// expect fails unless err is an Error that says want and advises hint.
func expect(t *testing.T, err error, want, hint string) {
	t.Helper()
	var e *csvfile.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want a *csvfile.Error", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("got error %q, want it to say %q", err, want)
	}
	if !strings.Contains(e.Hint(), hint) {
		t.Errorf("got hint %q, want it to say %q", e.Hint(), hint)
	}
}
