package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/seal"
)

// keptWorkbooks is how many of the last workbooks are kept as they were
// written, so that what comes back can be compared.
const keptWorkbooks = 5

func workbooksDir(o Options) string { return filepath.Join(o.Project.Dir, "workbooks") }

// keepWorkbook keeps a workbook as it was written, under its hash, and returns
// the hash. The oldest make room.
func keepWorkbook(o Options, path string) (hash string, err error) {
	if hash, err = fileHash(path); err != nil {
		return "", err
	}
	from, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer from.Close()
	dir := workbooksDir(o)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	kept := filepath.Join(dir, hash+".xlsx")
	if err := streamFile(kept, func(w io.Writer) error { _, err := io.Copy(w, from); return err }); err != nil {
		return "", err
	}
	list, err := keptFiles(o)
	if err != nil {
		return "", err
	}
	for _, old := range list[min(len(list), keptWorkbooks):] {
		if err := os.Remove(old); err != nil {
			return "", err
		}
	}
	return hash, nil
}

// keptFiles lists the kept workbooks, the newest first.
func keptFiles(o Options) ([]string, error) {
	entries, err := os.ReadDir(workbooksDir(o))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	type file struct {
		path string
		info fs.FileInfo
	}
	var files []file
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(e.Name(), ".xlsx") {
			files = append(files, file{filepath.Join(workbooksDir(o), e.Name()), info})
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(b.info.ModTime().Compare(a.info.ModTime()), cmp.Compare(a.path, b.path))
	})
	var out []string
	for _, f := range files {
		out = append(out, f.path)
	}
	return out, nil
}

// SealReport is what seal found.
type SealReport struct {
	File string `json:"file"`
	// SHA256 is the file's hash, for the minutes; Written that of the workbook
	// as it was written.
	SHA256  string `json:"sha256"`
	Written string `json:"written"`
	Filled  int    `json:"filled"` // cells that were filled in
}

// SealedError tells that a workbook that came back was changed where nobody
// was to change it.
type SealedError struct {
	File string
	*seal.Result
}

// mostCells is how many cells an error names.
const mostCells = 20

// Error names the cells.
func (e *SealedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is not sealed, for cells that were changed: %d", filepath.Base(e.File), len(e.Changes)+e.More)
	for i, c := range e.Changes {
		if i == mostCells {
			b.WriteString("\n  …")
			break
		}
		fmt.Fprintf(&b, "\n  sheet %q, cell %s: %s", c.Sheet, c.Cell, c.Why)
	}
	return b.String()
}

// Hint says what to do.
func (e *SealedError) Hint() string {
	return "only the yellow cells are to be filled in; fill them in again in the workbook as sihctl reconcile wrote it"
}

// Seal compares a workbook that came back with the one that the project wrote,
// by the copy that it keeps: one whose hash the audit log tells. A change is a
// [*SealedError].
func Seal(o Options, file string) (*SealReport, error) {
	back, hash, err := openPart(file)
	if err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("seal: %w", err), Advice: "name the workbook that came back"}
	}
	defer back.Close()
	logged, err := loggedWorkbooks(o.Project)
	if err != nil {
		return nil, err
	}
	list, err := keptFiles(o)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	best, fewest := "", 0
	for _, path := range list {
		written, hash, err := openPart(path)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		changes := 0
		if logged[hash] {
			changes, err = seal.Front(written.part(), back.part())
		}
		written.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		if logged[hash] && (best == "" || changes < fewest) {
			best, fewest = path, changes
		}
	}
	if best == "" {
		return nil, &ConfigError{Err: errors.New("the project keeps no workbook that its audit log tells of"), Advice: "seal a workbook in the project that wrote it; the last five are kept"}
	}
	written, from, err := openPart(best)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	defer written.Close()
	r, err := seal.Compare(written.part(), back.part())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	if len(r.Changes) > 0 {
		return nil, &SealedError{file, r}
	}
	return &SealReport{File: file, SHA256: hash, Written: from, Filled: r.Filled}, nil
}

// openedPart is a file to be compared.
type openedPart struct {
	*os.File
	size int64
}

func (p openedPart) part() seal.Part { return seal.Part{ReaderAt: p.File, Size: p.size} }

// openPart opens a file and hashes it.
func openPart(path string) (p openedPart, hash string, err error) {
	if p.File, err = os.Open(path); err != nil {
		return p, "", err
	}
	h := newHash()
	if p.size, err = io.Copy(h, p.File); err != nil {
		p.Close()
		return p, "", err
	}
	return p, sum(h), nil
}

// loggedWorkbooks returns the hashes of the workbooks that the audit log tells
// of, after a look at the log.
func loggedWorkbooks(p *project.Project) (map[string]bool, error) {
	l, err := p.OpenLedger()
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if _, err := l.CheckAudit(); err != nil {
		return nil, err
	}
	lines, err := l.AuditLines()
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, text := range lines {
		line, err := audit.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		for _, t := range line.Touched {
			if t.Verb == "wrote" && strings.HasSuffix(t.Kind, "workbook") {
				out[t.SHA256] = true
			}
		}
	}
	return out, nil
}
