package csvfile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

// TestDialects reads one row of one file each.
func TestDialects(t *testing.T) {
	opaque := func(s string) sih.Raw { return sih.Raw{Text: s, Bytes: true} }
	for _, test := range []struct {
		name string
		cfg  csvfile.Config
		file string
		want []sih.Raw // the first row without the reader's columns
	}{
		{"semicolon", csvfile.Config{}, "A;B,C\n1;2,5\n", row("1", "2,5")},
		{"comma", csvfile.Config{}, "A,B\n1,2;5\n", row("1", "2;5")},
		{"tab", csvfile.Config{}, "A\tB\n1\t2\n", row("1", "2")},
		{"bar", csvfile.Config{}, "A|B\n1|2\n", row("1", "2")},
		{"separators in quotes", csvfile.Config{}, "\"A,B,C\";D\n1;2\n", row("1", "2")},
		{"one column", csvfile.Config{}, "A\n1;2,3\n", row("1;2,3")},
		{"empty line in one column", csvfile.Config{}, "A\n\n1\n", row("")},
		{"said by the file", csvfile.Config{}, "sep=^\r\nA^B\r\n1^2;3\r\n", row("1", "2;3")},
		{"said by the config", csvfile.Config{Separator: '~'}, "A;A~B\n1~2\n", row("1", "2")},
		{"unit separator", csvfile.Config{Separator: 0x1F}, "A\x1fB\n1\x1f2\n", row("1", "2")},
		{"separator of a code page", csvfile.Config{Separator: '¦', Encoding: "cp1252"}, "A\xa6B\n1\xa62\n", row("1", "2")},
		{"other quote", csvfile.Config{Quote: '\''}, "A;B\n'1;''';\"2\n", row("1;'", "\"2")},
		{"no quote", csvfile.Config{Quote: csvfile.NoQuote}, "A;B\n\"1;2\"\n", row("\"1", "2\"")},
		{"blank lines and blanks in names", csvfile.Config{}, "\r\n A ; \"B\" \r\n1;2\r\n", row("1", "2")},
		{"blanks are kept in values", csvfile.Config{}, "A;B\n 1 ;\" 2\"\n", row(" 1 ", " 2")},
		{"separator at each end", csvfile.Config{}, "A;B;\n1;2;\n", row("1", "2", "")},
		{"BOM", csvfile.Config{Encoding: "windows-1252"}, "\xEF\xBB\xBFA;B\né;2\n", row("é", "2")},
		{"UTF-16 little endian", csvfile.Config{}, "\xFF\xFEA\x00;\x00B\x00\n\x00\x42\x06;\x00\x3d\xd8\x00\xde\n\x00", row("ق", "😀")},
		{"UTF-16 big endian", csvfile.Config{}, "\xFE\xFF\x00A\x00;\x00B\x00\n\x06\x42\x00;\x002", row("ق", "2")},
		{"UTF-16 declared", csvfile.Config{Encoding: "UTF-16LE"}, "A\x00;\x00B\x00\n\x001\x00;\x002\x00", row("1", "2")},
		{"UTF-16, half a pair", csvfile.Config{}, "\xFF\xFEA\x00;\x00B\x00\n\x00x\x00\x3d\xd8;\x002\x00", []sih.Raw{opaque("x\x00\x3d\xd8"), sih.Text("2")}},
		{"not UTF-8", csvfile.Config{}, "A;B\ncaf\xe9;\"\xe9\"\"\"\n", []sih.Raw{opaque("caf\xe9"), opaque("\xe9\"")}},
		{"windows-1252", csvfile.Config{Encoding: "windows-1252"}, "A;B\n\x80;\"\xe9\"\"\"\n", row("€", "é\"")},
		{"windows-1254", csvfile.Config{Encoding: "Windows_1254"}, "A;B\n\xfd;\xfe\n", row("ı", "ş")},
		{"windows-1256", csvfile.Config{Encoding: "cp1256"}, "A;B\n\xc7\xe1\xde\xd8\xc7\xda;\xc8\n", row("القطاع", "ب")},
		{"iso-8859-1 is not windows-1252", csvfile.Config{Encoding: "latin1"}, "A;B\n\xe9;\x80\n", row("é", "\u0080")},
		{"a byte that the page lacks", csvfile.Config{Encoding: "iso-8859-6"}, "A;B\n\xe2;\xe2\xa1\n", []sih.Raw{sih.Text("ق"), opaque("\xe2\xa1")}},
		{"ibm850", csvfile.Config{Encoding: "IBM850"}, "A;B\n\x82;2\n", row("é", "2")},
	} {
		t.Run(test.name, func(t *testing.T) {
			items := read(t, test.cfg, []byte(test.file))
			if len(items) == 0 || items[0].Row == nil {
				t.Fatalf("got %v, want a row first", items)
			}
			got := items[0].Row[:len(items[0].Row)-2]
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("row (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamelessColumn(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"2023/a.csv": "A;;\n"})
	got, err := open(t, csvfile.Config{Dir: dir, Files: "*/*.csv"}).Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]extract.Table{declare("2023/a", "A", "_2", "_3")}, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

// TestLarge reads what does not fit the reader's buffer, against the
// reference.
func TestLarge(t *testing.T) {
	var b strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&b, "%d;", i)
		switch i % 7 {
		case 0:
			fmt.Fprintf(&b, "\"%s\r\n\"\"%d\"\"\";x\r\n", strings.Repeat("y;", i%90), i)
		case 3:
			fmt.Fprintf(&b, "\"%s;x\n", strings.Repeat("é", i%50))
		case 4:
			fmt.Fprintf(&b, "ragged\n\n")
		default:
			fmt.Fprintf(&b, "%s;%d\n", strings.Repeat("z", i%300), i)
		}
	}
	want, seen := reference(b.String())
	// Each ragged line is part of the open quote before it.
	if seen != b.Len() || len(want) != 60000-60000/7 {
		t.Fatalf("the reference has %d items over %d of %d bytes", len(want), seen, b.Len())
	}
	got := read(t, csvfile.Config{}, []byte(refHeader+b.String()))
	if !slices.EqualFunc(got, want, func(a, b item) bool { return cmp.Equal(a, b) }) {
		t.Error("items differ from the reference's")
	}
}

// TestLimits gives a quote that stays open over 9 MiB without a row, and a
// line of 9 MiB: they are rejected in pieces, and what follows is read.
func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, bad string }{
		{"open quote", "1;\"open\n" + strings.Repeat("some words\n", 9<<20/11)},
		{"long line", strings.Repeat("é", 9<<19) + "\n"},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s wide=%v", test.name, wide), func(t *testing.T) {
				text := refHeader + "1;2;3\n" + test.bad + "4;5;6\n"
				file := []byte(text)
				if wide {
					file = append([]byte("\xFF\xFE"), encode16(text)...)
				}
				items := read(t, csvfile.Config{}, file)
				first, last := items[0], items[len(items)-1]
				if first.Row == nil || first.Row[0].Text != "1" || last.Row == nil || last.Row[0].Text != "4" {
					t.Fatal("the rows around it are not read")
				}
				if want := fmt.Sprint(strings.Count(text, "\n")); last.Row[4].Text != want {
					t.Errorf("last row: got line %s, want %s", last.Row[4].Text, want)
				}
				var raw []byte
				at := items[1].Reject.Offset
				for _, it := range items[1 : len(items)-1] {
					if it.Row != nil {
						t.Fatal("a row amid what is none")
					}
					if it.Reject.Offset != at+int64(len(raw)) {
						t.Fatalf("a reject at %d, want %d: they must follow each other", it.Reject.Offset, at+int64(len(raw)))
					}
					raw = append(raw, it.Reject.Raw...)
				}
				want := []byte(test.bad)
				if wide {
					want = encode16(test.bad)
				}
				if !bytes.Equal(raw, want) {
					t.Errorf("the rejects hold %d bytes, which are not the %d that are no row", len(raw), len(want))
				}
			})
		}
	}
}
