package snapshot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

var (
	table = extract.Table{Name: "dbo.Été", Key: []string{"N"}, Columns: []extract.Column{
		{Name: "N", Type: "int"}, {Name: "NOM", Type: "varchar(20)", Nullable: true}, {Name: "PHOTO", Type: "image", Nullable: true},
	}}
	info = snapshot.Info{Source: "s", System: "hosix", Driver: "sqlserver", Taken: time.Date(2026, 1, 31, 2, 0, 0, 0, time.UTC)}
)

func row(n int) extract.Row {
	r := extract.Row{sih.Text(fmt.Sprint(n)), sih.Text("محمد \"\\\x01\n\u2028"), {Text: "\xff\x00" + fmt.Sprint(n), Bytes: true}}
	switch n % 4 {
	case 1:
		r[1] = sih.Null
	case 2:
		r[1] = sih.Text("")
	case 3:
		r[1] = sih.Text("null")
	}
	return r
}

func write(t *testing.T, dir string, from, to int, finish bool) {
	t.Helper()
	w, err := snapshot.Create(dir, info)
	if err != nil {
		t.Fatal(err)
	}
	tw, err := w.Table(table)
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, complete := tw.Done(); rows != from || complete {
		t.Fatalf("resumed at row %d (complete: %v), want %d", rows, complete, from)
	}
	for n := from; n < to; n++ {
		if err := tw.Append(row(n)); err != nil {
			t.Fatal(err)
		}
	}
	if !finish {
		w.Abandon()
		return
	}
	if err := tw.Reject(extract.Rejected{Where: "line 7", Offset: 99, Detail: "ragged", Raw: []byte("a;\xe9")}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tw.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir string) (rows []extract.Row) {
	t.Helper()
	s, err := snapshot.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	info, ok := s.Table(table.Name)
	if diff := cmp.Diff(table, info.Table); !ok || diff != "" {
		t.Errorf("table: %s", diff)
	}
	for _, c := range info.Chunks {
		for r, err := range s.Rows(info, c) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, slices.Clone(r))
		}
	}
	return rows
}

func TestRoundTripAndResume(t *testing.T) {
	const n = 70000
	whole, resumed := t.TempDir(), t.TempDir()
	write(t, whole, 0, n, true)
	// The first run is stopped after one chunk and half of another, and
	// leaves a torn line and a temporary file.
	write(t, resumed, 0, 69000, false)
	j, _ := os.OpenFile(filepath.Join(resumed, "journal"), os.O_APPEND|os.O_WRONLY, 0)
	j.WriteString(`{"chunk":{"ta`)
	j.Close()
	if err := os.WriteFile(filepath.Join(resumed, "data", ".tmp-1"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(resumed)
	if !errors.Is(err, snapshot.ErrIncomplete) {
		t.Fatalf("Open of an unfinished snapshot = %v, %v", s, err)
	}
	write(t, resumed, firstChunk(t, resumed), n, true)
	got, want := read(t, resumed), read(t, whole)
	sameRows(t, "resumed", want, got)
	for i, r := range want {
		if !slices.Equal(r, row(i)) {
			t.Fatalf("row %d came back as %v", i, r)
		}
	}
	if _, err := snapshot.Create(whole, info); !errors.Is(err, snapshot.ErrExists) {
		t.Errorf("Create over a finished snapshot = %v", err)
	}
}

func firstChunk(t *testing.T, dir string) int {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	for d := json.NewDecoder(f); ; {
		var e struct{ Chunk *snapshot.Chunk }
		if d.Decode(&e) != nil {
			return rows
		}
		if e.Chunk != nil {
			rows += e.Chunk.Rows
		}
	}
}

func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 0, 3000, true)
	var names []string
	filepath.WalkDir(dir, func(p string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			names = append(names, p)
		}
		return nil
	})
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 1000 {
		name := names[r.IntN(len(names))]
		old, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		switch i % 4 {
		case 0: // a flipped bit
			data := slices.Clone(old)
			data[r.IntN(len(data))] ^= 1 << r.IntN(8)
			os.WriteFile(name, data, 0o600)
		case 1: // cut short
			os.WriteFile(name, old[:r.IntN(len(old))], 0o600)
		case 2: // missing
			os.Remove(name)
		case 3: // a foreign file
			os.WriteFile(name+"x", old, 0o600)
		}
		s, err := snapshot.Open(dir)
		if err == nil {
			err = s.Verify(context.Background(), nil)
		}
		if err == nil {
			t.Fatalf("damage %d to %s was not found", i%4, name)
		}
		var d *snapshot.DamagedError
		if filepath.Base(name) != "manifest.json" && !errors.As(err, &d) {
			t.Fatalf("damage %d to %s: %v is no DamagedError", i%4, name, err)
		}
		os.Remove(name + "x")
		os.WriteFile(name, old, 0o600)
	}
	read(t, dir)
}

func FuzzRow(f *testing.F) {
	f.Add("a", "b\"\\\n\x00\x1f", "\xff", true)
	f.Add("", "null", "ÿ", false)
	f.Fuzz(func(t *testing.T, a, b, c string, null bool) {
		row := extract.Row{sih.Text(a), sih.Text(b), {Text: c, Bytes: true}}
		if null {
			row[0] = sih.Null
		}
		line := snapshot.AppendRow(nil, row)
		var any []any
		if err := json.Unmarshal(line, &any); err != nil || len(any) != 3 {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		got, rest, err := snapshot.ParseRow(string(line)+"x", nil)
		if err != nil || rest != "x" || len(got) != 3 {
			t.Fatalf("%q came back as %v, %q, %v", line, got, rest, err)
		}
		for i := range row {
			if got[i].Text != row[i].Text || got[i].Null != row[i].Null {
				t.Fatalf("field %d of %q came back as %v", i, line, got[i])
			}
		}
	})
}

func FuzzParseRow(f *testing.F) {
	f.Add("[\"a\",null,{\"b64\":\"/w==\"}]\n")
	f.Add("[]\n")
	f.Fuzz(func(t *testing.T, s string) {
		row, rest, err := snapshot.ParseRow(s, nil)
		if err == nil && (len(row) == 0 || len(rest) >= len(s)) {
			t.Fatalf("%q: %v, %q", s, row, rest)
		}
	})
}

func BenchmarkParseRow(b *testing.B) {
	var r extract.Row
	for i := range 20 {
		r = append(r, sih.Text(fmt.Sprintf("value %d", i)))
	}
	line := string(snapshot.AppendRow(nil, r))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := snapshot.ParseRow(line, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendRow(b *testing.B) {
	row := extract.Row{
		sih.Text("299999"), sih.Text("فاطمة الزهراء"), sih.Text("Bénani"), sih.Text("شارع 37 rue de la Liberté 1"), sih.Text("1951-03-04"),
		sih.Text("758291"), sih.Null, sih.Text("2015-01-01 00:00:00"), sih.Text("a94a8fe5ccb1"), sih.Text("1"),
	}
	line := snapshot.AppendRow(nil, row)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		line = snapshot.AppendRow(line[:0], row)
	}
}
