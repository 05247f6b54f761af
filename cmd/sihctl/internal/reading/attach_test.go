package reading

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

// TestReadingAttaches breaks off the reading of a table whose rows name files,
// changes a row and goes on: each row of the last view has the file that it then
// names, and what has not changed is not copied again.
func TestReadingAttaches(t *testing.T) {
	w := newWard(t)
	folder := filepath.Join(w.o.Project.Dir, "scans")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	named := func(n int) sih.Raw { return sih.Text(fmt.Sprintf("%d.tif", n)) }
	big := w.db.Content[0].Rows
	for i := range big {
		big[i][2] = named(i)
		if err := os.WriteFile(filepath.Join(folder, named(i).Text), []byte(fmt.Sprint("scan ", i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.s.Attachments = map[string]project.Attachment{"BIG": {Column: "FOTO", Folder: folder}}
	w.breakAt(5) // each row of BIG is a chunk
	if _, err := w.read(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	w.db.Row = nil
	big[1] = extract.Row{big[1][0], big[1][1], named(7)}
	big[2] = extract.Row{big[2][0], big[2][1], sih.Text("nobody.tif")}
	s, rows := w.must()
	w.compare("gone on with", s, rows)
	if _, err := s.VerifyContent(t.Context(), nil); err != nil {
		t.Error(err)
	}

	got := map[string]string{}
	again := 0
	table, _ := s.Table("BIG")
	for i, c := range table.Chunks {
		if c.Attached == nil {
			t.Fatalf("chunk %d has no files", i)
		}
		if strings.HasSuffix(c.Attached.Index.Path, "-2.json.zst") {
			again++
		}
		for a, err := range s.Attached(t.Context(), c) {
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprint("row ", i+a.Row)
			got[name] = string(a.Fault)
			if a.Content != nil {
				data, err := io.ReadAll(a.Content)
				if err != nil {
					t.Fatal(err)
				}
				got[name] = string(data)
			}
		}
	}
	want := map[string]string{}
	for i := range big {
		want[fmt.Sprint("row ", i)] = fmt.Sprint("scan ", i)
	}
	want["row 1"], want["row 2"] = "scan 7", "missing"
	if diff := cmp.Diff(want, got); diff != "" || again != 2 {
		t.Errorf("%d chunks were copied again, want 2 (-want +got):\n%s", again, diff)
	}
}
