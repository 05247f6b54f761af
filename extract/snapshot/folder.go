package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/sihctl/sih"
)

// Fault says why a file that a row names is not in the snapshot, or not as it
// should be.
type Fault string

// The faults.
const (
	Missing    Fault = "missing"    // no file of that name is there
	Unreadable Fault = "unreadable" // it is there and may not, or cannot, be read
	Outside    Fault = "outside"    // the name leads out of the folder
	BadName    Fault = "name"       // it can be no file's name: too long, or of signs that none has
	NoFile     Fault = "no-file"    // a folder or a device has that name
	Changed    Fault = "changed"    // it was written to while it was copied; what was read is kept
)

// Folder is where the files lie that a table names. Nothing outside of it is
// ever opened, whatever a name or a link says.
type Folder struct {
	dir  string
	root *os.Root
	// prefixes are what a full name of a file in the folder begins with, in
	// small letters and with slashes.
	prefixes []string
}

// FolderError tells that a folder of attachments cannot be read.
type FolderError struct {
	Dir string
	Err error
}

// Error names the folder.
func (e *FolderError) Error() string {
	err := e.Err
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // it would name the folder again
	}
	return fmt.Sprintf("the folder %s of attachments cannot be read: %v", e.Dir, err)
}

// Unwrap returns the system's own error.
func (e *FolderError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *FolderError) Hint() string {
	return "see whether it can be reached and read from here, and attachments of the source in sihctl.yaml; what was read so far is kept, the same command goes on from there"
}

// OpenFolder opens a folder for [TableWriter.Attach]. A name in a table may be
// relative to it, or begin with its name as dir has it. The error is a
// *FolderError.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &FolderError{dir, err}
	}
	f := &Folder{dir: dir, root: root}
	for _, name := range []string{dir, root.Name()} {
		if abs, err := filepath.Abs(name); err == nil {
			f.prefixes = append(f.prefixes, prefix(abs))
		}
		f.prefixes = append(f.prefixes, prefix(name))
	}
	return f, nil
}

// prefix writes a folder's name as names below it begin.
func prefix(dir string) string {
	return strings.TrimRight(strings.ToLower(slashed(dir)), "/") + "/"
}

func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// The greatest lengths of a name and of each of its parts, in bytes: what
// Windows and Linux take at least.
const (
	maxName = 4096
	maxPart = 255
)

// local returns the name below the folder that a value means, with slashes.
func (f *Folder) local(v sih.Raw) (string, Fault) {
	if v.Bytes || !utf8.ValidString(v.Text) || len(v.Text) > maxName || strings.ContainsFunc(v.Text, unicode.IsControl) {
		return "", BadName
	}
	name := slashed(strings.TrimSpace(v.Text))
	for _, p := range f.prefixes {
		if len(name) > len(p) && strings.EqualFold(name[:len(p)], p) {
			name = name[len(p):]
			break
		}
	}
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' {
		return "", Outside
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == ".":
		case part == "..":
			return "", Outside
		case len(part) > maxPart || strings.ContainsRune(part, ':'):
			return "", BadName
		default:
			parts = append(parts, part)
		}
	}
	if name = strings.Join(parts, "/"); name == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", BadName
	}
	return name, ""
}

// open opens a file by its name below the folder. The error tells that the
// folder itself cannot be read any more, which is no fault of one file.
func (f *Folder) open(name string) (*os.File, int64, Fault, error) {
	name = filepath.FromSlash(name)
	// Opening a pipe would wait for its writer: look first.
	info, err := f.root.Stat(name)
	if err != nil {
		fault, err := f.fault(name, err)
		return nil, 0, fault, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, NoFile, nil
	}
	file, err := f.root.Open(name)
	if err == nil {
		info, err = file.Stat()
		if err == nil {
			return file, info.Size(), "", nil
		}
		file.Close()
	}
	fault, err := f.fault(name, err)
	return nil, 0, fault, err
}

// fault tells why a file could not be opened, or returns an error where the
// folder has gone: else a share that is lost would make all files missing.
func (f *Folder) fault(name string, err error) (Fault, error) {
	if _, gone := f.root.Stat("."); gone != nil {
		return "", &FolderError{f.dir, gone}
	}
	// A file system mounted in place of nothing shows the empty folder below it.
	if _, gone := os.Stat(f.dir); gone != nil {
		return "", &FolderError{f.dir, gone}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Missing, nil
	case errors.Is(err, fs.ErrPermission):
		return Unreadable, nil
	case f.linked(name):
		return Outside, nil
	}
	return Unreadable, nil
}

// linked tells whether a part of the name is a link. One that stays within the
// folder is followed; one that leads out is why the name did not open.
func (f *Folder) linked(name string) bool {
	for at, c := range name + string(filepath.Separator) {
		if c != filepath.Separator {
			continue
		}
		info, err := f.root.Lstat(name[:at])
		if err != nil {
			return false
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}
