package term_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func TestTable(t *testing.T) {
	table := term.Table{Titles: []string{"source", "rows", "share", "time", "note"}}
	table.Row("hosix", 1234567, term.Percent(0.5), 90*time.Second, "")
	table.Row("مستشفى", int64(-12), term.Percent(0.999999), time.Duration(0), term.Toned{Cell: "complet, vérifié", Tone: term.Good})
	table.Row("e\u0301te\u0301", 1000)
	tests := []struct {
		name   string
		width  int
		colour bool
		want   string
	}{
		{"file", 0, false, `
source     rows    share    time  note
hosix   1234567  50.00 %  90.0 s
مستشفى      -12  99.99 %  0.00 s  complet, vérifié
été        1000
`},
		{"wide", 80, false, `
source       rows    share    time  note
hosix   1~234~567  50.00 %  90.0 s
مستشفى        -12  99.99 %  0.00 s  complet, vérifié
été         1~000
`},
		{"narrow", 30, false, `
source  hosix
rows    1~234~567
share   50.00 %
time    90.0 s

source  مستشفى
rows    -12
share   99.99 %
time    0.00 s
note    complet, vérifié

source  été
rows    1~000
`},
		{"colour", 30, true, `
[1msource[0m  hosix
[1mrows[0m    1~234~567
[1mshare[0m   50.00 %
[1mtime[0m    90.0 s

[1msource[0m  مستشفى
[1mrows[0m    -12
[1mshare[0m   99.99 %
[1mtime[0m    0.00 s
[1mnote[0m    [32mcomplet, vérifié[0m

[1msource[0m  été
[1mrows[0m    1~000
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if err := term.Fake(&out, nil, test.width, test.colour, false, nil).Table(&table); err != nil {
				t.Fatal(err)
			}
			got := strings.NewReplacer("\u202f", "~", "\x1b", "", "e\u0301", "é").Replace(out.String())
			if want := test.want[1:]; got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestTableWithoutRows(t *testing.T) {
	var out strings.Builder
	if err := term.Fake(&out, nil, 0, false, false, nil).Table(&term.Table{Titles: []string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "a  b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGroup(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", -1000: "-1~000", 1234567: "1~234~567", -9223372036854775808: "-9~223~372~036~854~775~808"} {
		if got := strings.ReplaceAll(term.Group(n), "\u202f", "~"); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
