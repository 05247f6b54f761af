package sqlserver_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
)

// TestRealView writes to a table behind a view, and asks for what else a
// database can tell.
func TestRealView(t *testing.T) {
	cfg := realServer(t)
	for _, snapshot := range []bool{true, false} {
		made, tables := create(t, cfg, snapshot, hospital())
		src := open(t, made)
		view, err := src.View(t.Context())
		if err != nil || view.Consistent != snapshot {
			t.Fatalf("snapshot=%v: got %+v, error %v", snapshot, view, err)
		}
		exec(t, made, "DELETE FROM dbo.PACIENTES WHERE NHC = 7", "INSERT INTO dbo.PACIENTES VALUES (2000, 'NEW', NULL), (2001, 'NEW', NULL)")
		want := 7
		if !snapshot {
			want = 8
		}
		got, err := collectIn(t, src, "dbo.PACIENTES", extract.Range{})
		if err != nil || len(got) != want {
			t.Errorf("snapshot=%v: got %d rows, error %v; want %d", snapshot, len(got), err, want)
		}
		if n, err := src.Count(t.Context(), "dbo.PACIENTES"); err != nil || n != int64(want) {
			t.Errorf("snapshot=%v: counted %d, error %v; want %d", snapshot, n, err, want)
		}
		sizes, err := src.Survey(t.Context())
		if err != nil || len(sizes) != len(tables) {
			t.Fatalf("got %d sizes, error %v", len(sizes), err)
		}
		for i, table := range tables {
			if (sizes[i].Rows == 0) != (len(table.Rows) == 0) || (sizes[i].Bytes == 0) != (len(table.Rows) == 0) {
				t.Errorf("%s: got %+v for %d rows", table.Name, sizes[i], len(table.Rows))
			}
		}
	}
}

// TestRealOptions reads with a lock, texts as bytes, and without what nobody
// wants.
func TestRealOptions(t *testing.T) {
	made, _ := create(t, realServer(t), false, hospital())
	made.AllowLock = []string{"*"}
	made.Bytes = []string{"dbo.PACIENTES.*"}
	made.LeaveOut = map[string][]string{"dbo.PACIENTES": {"APELLIDO_AR"}}
	src := open(t, made)
	if got := len(read(t, src, "dbo.LOG")); got != 4 {
		t.Errorf("got %d rows, want 4", got)
	}
	want := fields(row("7", []byte("B\xc9NANI"), nil))
	if got := read(t, src, "dbo.PACIENTES"); !cmp.Equal(got[1], want) {
		t.Errorf("row (-want +got):\n%s", cmp.Diff(want, got[1]))
	}
}
