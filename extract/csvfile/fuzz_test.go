package csvfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

const refHeader = "a;b;c\n"

// item is a row or a reject, in the order of the file.
type item struct {
	Row    extract.Row
	Reject extract.Rejected
}

// reference reads what follows refHeader by the rules of the package's
// comment, as plainly as it can be written. It returns the items and the
// number of bytes that belong to one of them or to an empty line.
func reference(data string) (items []item, seen int) {
	lines := strings.SplitAfter(data, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	offset := len(refHeader)
	for k := 0; k < len(lines); {
		if chomp(lines[k]) == "" || lines[k] == "\x1a" && k == len(lines)-1 {
			seen += len(lines[k])
			offset += len(lines[k])
			k++
			continue
		}
		end := k + 1
		fields, fault := strict(chomp(lines[k]))
		for fault == "a quote stays open" && end < len(lines) {
			end++
			fields, fault = strict(chomp(strings.Join(lines[k:end], "")))
		}
		if fault == "" && len(fields) != 3 {
			fault = fmt.Sprintf("%d fields where the header has 3", len(fields))
		} else if fault != "" {
			end = len(lines)
		}
		if fault != "" {
			for j := k + 1; j < end; j++ {
				if f, bad := strict(chomp(lines[j])); bad == "" && len(f) == 3 {
					end = j
				}
			}
		}
		raw := strings.Join(lines[k:end], "")
		switch {
		case fault != "":
		case strings.Contains(raw, "\x00"):
			fault = "it holds a NUL"
		case strings.Contains(raw, "\x1a"):
			fault = "it holds a 0x1A"
		}
		if fault != "" {
			items = append(items, item{Reject: extract.Rejected{
				Where: fmt.Sprintf("t.csv line %d", k+2), Offset: int64(offset), Detail: fault, Raw: []byte(raw),
			}})
		} else {
			var row extract.Row
			for _, f := range fields {
				row = append(row, sih.Raw{Text: f, Bytes: !utf8.ValidString(f)})
			}
			items = append(items, item{Row: append(row, sih.Text("t.csv"), sih.Text(strconv.Itoa(k+2)))})
		}
		seen += len(raw)
		offset += len(raw)
		k = end
	}
	return items, seen
}

func chomp(line string) string {
	if l, ok := strings.CutSuffix(line, "\r\n"); ok {
		return l
	}
	return strings.TrimSuffix(line, "\n")
}

// strict reads one record letter by letter.
func strict(s string) (fields []string, fault string) {
	var field []byte
	const (
		start = iota
		bare
		quoted
		closed
	)
	state := start
	for i := range len(s) {
		ch := s[i]
		switch {
		case state == quoted && ch == '"':
			state = closed
		case state == quoted:
			field = append(field, ch)
		case state == start && ch == '"':
			state = quoted
		case state == closed && ch == '"':
			field = append(field, ch)
			state = quoted
		case ch == ';':
			fields = append(fields, string(field))
			field, state = nil, start
		case state == closed:
			return nil, "text follows a closing quote"
		default:
			field = append(field, ch)
			state = bare
		}
	}
	if state == quoted {
		return nil, "a quote stays open"
	}
	return append(fields, string(field)), ""
}

// read reads the only table of a file, in order.
func read(t *testing.T, cfg csvfile.Config, data []byte) []item {
	t.Helper()
	cfg.Dir, cfg.Tables = t.TempDir(), map[string][]string{"t": {"t.csv"}}
	if err := os.WriteFile(filepath.Join(cfg.Dir, "t.csv"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	var items []item
	for row, err := range open(t, cfg).Rows(t.Context(), "t", func(r extract.Rejected) error {
		items = append(items, item{Reject: r})
		return nil
	}) {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item{Row: append(extract.Row(nil), row...)})
	}
	return items
}

var seeds = []string{
	"",
	"1;2;3\n",
	"1;2;3\r\n4;5;6",
	"1;2\n3;4;5\n1;2;3;4\n",
	"\"a;b\";\"c\"\"d\";e\n\n\r\n",
	"1;\"two\nlines\r\nand three\";3\n",
	"1;\"open;x\n2;b;c\n3;d;e\n",
	"1;\"open\nno row\n\"\";x;\n3;d;e\n",
	"1;\"a\"b;3\n4;5;6\n",
	"1;\"a\n7;8;9\n\";2;3\n4;5;6\n",
	"1;a \"quote\" in it;3\n",
	"1;\x00;3\n4;\x1a;6\n7;8;9\n\x1a",
	"1;caf\xe9;\"\xff\"\"\"\n",
	"1;\r;3\n;;\n\"\";\"\";\"\"\n\"",
	"1;2;3\r",
}

func FuzzAgainstReference(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		want, seen := reference(data)
		if seen != len(data) {
			t.Fatalf("the reference accounts for %d of %d bytes", seen, len(data))
		}
		got := read(t, csvfile.Config{Separator: ';'}, []byte(refHeader+data))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	})
}

// FuzzUTF16 reads any bytes as UTF-16: every reject is what the file has at
// its offset, and what is valid text reads like the same text in UTF-8.
func FuzzUTF16(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), true)
		f.Add(encode16(s), false)
	}
	f.Add([]byte("a\x00;\x00\x00\xd8;\x00b\x00\n\x00\x01"), false)
	f.Fuzz(func(t *testing.T, data []byte, asText bool) {
		if asText && !utf8.Valid(data) {
			return
		}
		file := append([]byte("\xFF\xFE"), encode16(refHeader)...)
		if asText {
			file = append(file, encode16(string(data))...)
		} else {
			file = append(file, data...)
		}
		got := read(t, csvfile.Config{Separator: ';'}, file)
		for i, it := range got {
			raw := it.Reject.Raw
			if it.Row == nil && !bytes.HasPrefix(file[it.Reject.Offset:], raw) {
				t.Fatalf("item %d: the reject is not what the file has at its offset", i)
			}
		}
		if !asText {
			return
		}
		want, _ := reference(string(data))
		for i := range want {
			want[i].Reject.Raw, want[i].Reject.Offset = nil, 0
		}
		for i := range got {
			got[i].Reject.Raw, got[i].Reject.Offset = nil, 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	})
}

func encode16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}
