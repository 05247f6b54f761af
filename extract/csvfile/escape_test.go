package csvfile_test

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

// read returns the rows of a file of that content, without the reader's own
// columns, and what was rejected.
func readEscaped(t testing.TB, content, encoding string) (rows []extract.Row, rejects []extract.Rejected) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"t.txt": content})
	src := open(t, csvfile.Config{Dir: dir, Separator: '\t', Escaped: true, Encoding: encoding})
	for r, err := range src.Rows(context.Background(), "t", func(r extract.Rejected) error { rejects = append(rejects, r); return nil }) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, append(extract.Row{}, r[:len(r)-2]...))
	}
	return rows, rejects
}

func TestEscapes(t *testing.T) {
	bytes := func(s string) sih.Raw { return sih.Raw{Text: s, Bytes: true} }
	tests := []struct {
		name, content string
		want          []extract.Row
		rejects       []string
	}{
		{"plain", "a\tb\n1\tx\n", []extract.Row{row("1", "x")}, nil},
		{"NULL is not empty, nor the text", "a\tb\n\\N\t\nN\t\\\\N\n", []extract.Row{{sih.Null, sih.Text("")}, row("N", `\N`)}, nil},
		{"letters", "a\tb\n\\t\\n\\r\t\\0\\Z\\b\n", []extract.Row{row("\t\n\r", "\x00\x1a\b")}, nil},
		{"the characters themselves, as MySQL writes them", "a\tb\nx\\\ty\tl\\\nm\\\\\n", []extract.Row{row("x\ty", "l\nm\\")}, nil},
		{"bytes", "a\tb\n\\X00ff\t\\X\n", []extract.Row{{bytes("\x00\xff"), bytes("")}}, nil},
		{"no digits", "a\tb\n\\Xyz\t\\X0\n", []extract.Row{row("Xyz", "X0")}, nil},
		{"bytes as they are", "a\tb\n\xc9t\xe9\t\\\\\xff\n", []extract.Row{{bytes("\xc9t\xe9"), bytes("\\\xff")}}, nil},
		{"quotes are content", "a\tb\n\"x\ty\"\n", []extract.Row{row(`"x`, `y"`)}, nil},
		{"a CR at the end is content", "a\tb\n1\tx\r\n", []extract.Row{row("1", "x\r")}, nil},
		{"unless all lines end so", "a\tb\r\n1\tx\r\n2\t\\r\r\n", []extract.Row{row("1", "x"), row("2", "\r")}, nil},
		{"an escaped end of a Windows line", "a\tb\r\n1\tx\\\r\ny\r\n", []extract.Row{row("1", "x\r\ny")}, nil},
		{"0x1A is content", "a\tb\n1\t\x1a\n", []extract.Row{row("1", "\x1a")}, nil},
		{"one column, an empty value", "a\n\nx\n", []extract.Row{row(""), row("x")}, nil},
		{"ragged, open", "a\tb\n1\n2\tx\n3\ty\\", []extract.Row{row("2", "x")}, []string{"1 fields where the header has 2", "a backslash stands at its end"}},
		{"NUL", "a\tb\n1\t\x00\n", nil, []string{"it holds a NUL"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, rejects := readEscaped(t, test.content, "")
			if diff := cmp.Diff(test.want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			var why []string
			for _, r := range rejects {
				why = append(why, r.Detail)
			}
			if diff := cmp.Diff(test.rejects, why); diff != "" {
				t.Errorf("rejects (-want +got):\n%s", diff)
			}
		})
	}
	for _, cfg := range []csvfile.Config{{Escaped: true, Quote: '"'}, {Escaped: true, Separator: '\\'}} {
		if _, err := csvfile.New(cfg); err == nil {
			t.Errorf("%+v: got no error", cfg)
		}
	}
}

// written is a field as sihctl extract script has a server write it.
func written(r sih.Raw) string {
	switch {
	case r.Null:
		return `\N`
	case r.Bytes:
		return `\X` + hex.EncodeToString([]byte(r.Text))
	}
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(r.Text)
}

// asWide is a text in UTF-16, as bcp -w writes it.
func asWide(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// FuzzEscapes holds that every row comes back as it was written, in both
// encodings.
func FuzzEscapes(f *testing.F) {
	f.Add("a\tb", "\\N", true, "\r\n")
	f.Add("\"x", "محمد\x00", false, "\xff\\")
	f.Fuzz(func(t *testing.T, a, b string, null bool, c string) {
		want := extract.Row{sih.Text(a), sih.Text(b), {Text: c, Bytes: true}, sih.Null}
		if !null {
			want[3] = sih.Text("")
		}
		for i, r := range want {
			want[i].Bytes = r.Bytes || !utf8.ValidString(r.Text)
		}
		line := "a\tb\tc\td\r\n"
		for i, r := range want {
			if i > 0 {
				line += "\t"
			}
			line += written(r)
		}
		line += "\r\n"
		for encoding, content := range map[string]string{"": line, "utf-16le": asWide(line)} {
			rows, rejects := readEscaped(t, content, encoding)
			if diff := cmp.Diff([]extract.Row{want}, rows); diff != "" || rejects != nil {
				t.Errorf("%s: rows (-want +got), %d rejects:\n%s", encoding, len(rejects), diff)
			}
		}
	})
}
