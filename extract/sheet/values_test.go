package sheet_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sheet"
)

// rows reads a table's rows and rejects, without the reader's own columns.
func rows(t testing.TB, cfg sheet.Config, table string) (got []extract.Row, rejects []extract.Rejected) {
	t.Helper()
	src, err := sheet.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range src.Rows(t.Context(), table, func(r extract.Rejected) error {
		rejects = append(rejects, r)
		return nil
	}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, append(extract.Row(nil), row[:len(row)-5]...))
	}
	return got, rejects
}

// TestStoredValues reads cells as programs write them.
func TestStoredValues(t *testing.T) {
	for _, test := range []struct {
		name, cell string
		want       sih.Raw
	}{
		{"number", `<c r="B2"><v>1.10</v></c>`, sih.Text("1.10")},
		{"number with type", `<c r="B2" t="n" s="4"><v>4.3831E4</v></c>`, sih.Text("4.3831E4")},
		{"shared string", `<c r="B2" t="s"><v>0</v></c>`, sih.Text("A")},
		{"true", `<c r="B2" t="b"><v>1</v></c>`, sih.Text("TRUE")},
		{"false", `<c r="B2" t="b"><v>0</v></c>`, sih.Text("FALSE")},
		{"error", `<c r="B2" t="e"><f>A1/0</f><v>#DIV/0!</v></c>`, sih.Text("#DIV/0!")},
		{"formula, text", `<c r="B2" t="str"><f>A1&amp;"&lt;v&gt;"</f><v> a&#233;_x000D_&#xA;</v></c>`, sih.Text(" aé\r\n")},
		{"formula, number", `<c r="B2"><f>1+1</f><v>2</v></c>`, sih.Text("2")},
		{"formula never computed", `<c r="B2"><f>1+1</f></c>`, sih.Null},
		{"ISO date", `<c r="B2" t="d"><v>2021-03-04</v></c>`, sih.Text("2021-03-04")},
		{"inline", `<c r="B2" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>`, sih.Text(" a ")},
		{"inline, rich", `<c r="B2" t="inlineStr"><is><r><rPr><b/></rPr><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>`, sih.Text("ab")},
		{"inline, empty", `<c r="B2" t="inlineStr"><is><t/></is></c>`, sih.Text("")},
		{"CDATA", `<c r="B2" t="str"><v><![CDATA[<&amp;>]]></v></c>`, sih.Text("<&amp;>")},
		{"escaped escape", `<c r="B2" t="str"><v>_x005F_x000D_ _x00e9_ _x12_ _xD83D__xDE00_ _xD83D_</v></c>`, sih.Text("_x000D_ é _x12_ 😀 _xD83D_")},
		{"styled only", `<c r="B2" s="7"/>`, sih.Null},
		{"no digits", `<c r="B2"><v></v></c>`, sih.Null},
		{"without place", `<c/><c t="str"><v>x</v></c>`, sih.Text("x")},
		{"with prefix", `<x:c r="B2" t='str'><x:v>x</x:v></x:c>`, sih.Text("x")},
		{"greater than in an attribute", `<c r="B2" t="str" x="a>b"><v>x</v></c>`, sih.Text("x")},
		{"apostrophe in an attribute", `<c r="B2" t="str" x="l'a" y='"'><v>x</v></c>`, sih.Text("x")},
		{"not UTF-8", "<c r=\"B2\" t=\"str\"><v>\xe9</v></c>", sih.Raw{Text: "\xe9", Bytes: true}},
		{"comment", `<c r="B2" t="str"><v>a<!-- <v>b</v> -->c</v></c>`, sih.Text("ac")},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			pack(t, filepath.Join(dir, "a.xlsx"), minimal(`<worksheet><sheetData>`+
				`<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="str"><v>C</v></c><c t="str"><v>D</v></c></row>`+
				`<row r="2">`+test.cell+`<c r="C2"><v>3</v></c><c><v>4</v></c></row></sheetData></worksheet>`))
			got, rejects := rows(t, sheet.Config{Dir: dir}, "S")
			want := []extract.Row{{sih.Null, test.want, sih.Text("3"), sih.Text("4")}}
			if diff := cmp.Diff(want, got); diff != "" || len(rejects) > 0 {
				t.Errorf("%d rejects; rows (-want +got):\n%s", len(rejects), diff)
			}
		})
	}
}

// TestLikeExcelize reads workbooks of random cells, written in excelize's two
// ways, and compares with its own raw reading.
func TestLikeExcelize(t *testing.T) {
	words := []string{"ALAMI", "", " ", "قطاع", "a&b<c>", "_x000D_", "line\nbreak", "é\u00a0è", "0612", "=1+1", "'x", "]]>", "😀"}
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		file := filepath.Join(dir, "a.xlsx")
		f := excelize.NewFile()
		var sw *excelize.StreamWriter
		var err error
		if seed%2 == 0 {
			if sw, err = f.NewStreamWriter("Sheet1"); err != nil {
				t.Fatal(err)
			}
		}
		for r := range 200 {
			cells := []any{fmt.Sprint("k", r), "fixed"}
			for range 8 {
				var v any
				switch rng.IntN(6) {
				case 0:
					v = rng.IntN(1e6)
				case 1:
					v = math.Round(rng.Float64()*1e6) / 1e3
				case 2:
					v = time.Date(1950+rng.IntN(70), 3, 4, 0, 0, 0, 0, time.UTC)
				case 3:
					v = rng.IntN(2) == 0
				default:
					v = words[rng.IntN(len(words))]
				}
				cells = append(cells, v)
			}
			if r == 0 {
				for i := range cells {
					cells[i] = fmt.Sprint("col", i)
				}
			}
			place, _ := excelize.CoordinatesToCellName(1, r+1)
			if sw != nil {
				err = sw.SetRow(place, cells)
			} else {
				err = f.SetSheetRow("Sheet1", place, &cells)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if sw != nil {
			if err := sw.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SaveAs(file); err != nil {
			t.Fatal(err)
		}
		f.Close()

		f, err = excelize.OpenFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		got, _ := rows(t, sheet.Config{Dir: dir}, "Sheet1")
		if len(got) != len(want)-1 {
			t.Fatalf("seed %d: got %d rows, want %d", seed, len(got), len(want)-1)
		}
		for i, row := range got {
			for k := range row {
				text := ""
				if k < len(want[i+1]) {
					text = want[i+1][k]
				}
				// excelize gives booleans as stored.
				if b := row[k].Text; b == "TRUE" && text == "1" || b == "FALSE" && text == "0" {
					continue
				}
				if row[k].Text != text {
					t.Errorf("seed %d, row %d, column %d: got %q, want %q", seed, i, k, row[k].Text, text)
				}
			}
		}
	}
}

// TestSharedStrings reads more strings than are kept unpacked, some of them
// again and again.
func TestSharedStrings(t *testing.T) {
	const n, width = 70000, 4
	var sst, body strings.Builder
	text := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat(string(rune('a'+i%26)), 150)) }
	for i := range n * width {
		fmt.Fprintf(&sst, "<si><t>%s</t></si>", text(i))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var want [][width]int
	for r := range n {
		w := [width]int{r * width, rng.IntN(n * width), rng.IntN(n * width / 8), n*width - 1 - r}
		fmt.Fprintf(&body, `<row r="%d">`, r+1)
		for _, i := range w {
			fmt.Fprintf(&body, `<c t="s"><v>%d</v></c>`, i)
		}
		body.WriteString("</row>")
		want = append(want, w)
	}
	dir := t.TempDir()
	z := minimal("<worksheet><sheetData>" + body.String() + "</sheetData></worksheet>")
	z["xl/sharedStrings.xml"] = "<sst>" + sst.String() + "</sst>"
	pack(t, filepath.Join(dir, "a.xlsx"), z)
	got, _ := rows(t, sheet.Config{Dir: dir}, "S")
	if len(got) != n-1 {
		t.Fatalf("got %d rows, want %d", len(got), n-1)
	}
	for r, row := range got {
		for c, i := range want[r+1] {
			if row[c].Text != text(i) {
				t.Fatalf("row %d, column %d: got another string than %d", r, c, i)
			}
		}
	}
}

// numbers returns the row numbers of a table's rows, and what is said of the
// rejects.
func numbers(t *testing.T, src *sheet.Source, table string) (got, rejects []string) {
	t.Helper()
	for row, err := range src.Rows(t.Context(), table, func(r extract.Rejected) error {
		rejects = append(rejects, r.Detail)
		return nil
	}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row[len(row)-3].Text)
	}
	return got, rejects
}

func texts(rows []extract.Row) [][]string {
	var out [][]string
	for _, row := range rows {
		var line []string
		for _, f := range row {
			line = append(line, f.Text)
		}
		out = append(out, line)
	}
	return out
}
