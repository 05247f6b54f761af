package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxRead is the greatest size of a file that is read into memory: all but the
// volumes. A forged one is to cost no more than that.
const maxRead = 1 << 30

// listed reads a small file that the manifest lists and checks its hash.
func (s *Snapshot) listed(name string) ([]byte, error) {
	if s.files[name].Bytes > maxRead {
		return nil, s.damaged(name, "is larger than any can be")
	}
	var b bytes.Buffer
	b.Grow(int(min(max(s.files[name].Bytes, 0), 64<<20)) + bytes.MinRead)
	err := s.copyListed(name, &b)
	return b.Bytes(), err
}

// copyListed writes a file that the manifest lists to out, and then tells
// whether it has its size and hash.
func (s *Snapshot) copyListed(name string, out io.Writer) error {
	want, ok := s.files[name]
	if !ok {
		return s.damaged(name, "is not in the manifest")
	}
	f, err := s.openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	const other = "does not have the size and hash that the manifest gives"
	if info, err := f.Stat(); err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	} else if info.Size() != want.Bytes {
		return s.damaged(name, other)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(f, want.Bytes+1))
	if err != nil {
		return fmt.Errorf("read snapshot: %w", err)
	}
	if n != want.Bytes || hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
		return s.damaged(name, other)
	}
	return nil
}

// head reads a file that the manifest does not list.
func (s *Snapshot) head(name string) ([]byte, error) {
	path := filepath.Join(s.dir, name)
	info, err := os.Lstat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, s.damaged(name, "is no file of its own")
	case err == nil && info.Size() > maxRead:
		return nil, s.damaged(name, "is larger than any can be")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	return data, nil
}

// openFile opens a file of the snapshot. What is no file of its own, such as a
// link, could be one thing now and another tomorrow.
func (s *Snapshot) openFile(name string) (*os.File, error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, s.damaged(name, "is missing")
	case err != nil:
		return nil, fmt.Errorf("read snapshot: %w", err)
	case !info.Mode().IsRegular():
		return nil, s.damaged(name, "is no file of its own")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	return f, nil
}
