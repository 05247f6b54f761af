package snapshot

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packed lists the files of a snapshot in the order in which a tar has them:
// what tells about the others comes first.
func (s *Snapshot) packed() []string {
	var rest []string
	for p := range s.files {
		rest = append(rest, p)
	}
	slices.Sort(rest)
	head := []string{manifestFile, sumsFile}
	if s.Signer != "" {
		head = append(head, signatureFile)
	}
	return append(head, rest...)
}

// header is what a tar says of a file: nothing of whose it is, when and where
// it was made, so that equal snapshots are equal tars.
func header(folder, name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + name, Size: size, Mode: 0o600}
}

// fileSize returns the size of one of the snapshot's files.
func (s *Snapshot) fileSize(name string) (int64, error) {
	if f, ok := s.files[name]; ok {
		return f.Bytes, nil
	}
	info, err := os.Stat(filepath.Join(s.dir, name))
	if err != nil {
		return 0, fmt.Errorf("pack snapshot: %w", err)
	}
	return info.Size(), nil
}

// PackSize returns the size in bytes of the tar that Pack writes.
func (s *Snapshot) PackSize() (int64, error) {
	const block = 512
	total := int64(2 * block) // two empty blocks end a tar
	for _, name := range s.packed() {
		size, err := s.fileSize(name)
		if err != nil {
			return 0, err
		}
		var n counter
		if err := tar.NewWriter(&n).WriteHeader(header(string(s.Source), name, size)); err != nil {
			return 0, fmt.Errorf("pack snapshot: %s: %w", name, err)
		}
		total += int64(n) + (size+block-1)/block*block
	}
	return total, nil
}

// counter counts what is written to it.
type counter int64

// Write keeps nothing.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// Pack writes the snapshot as one tar, in which its files lie in a folder named
// after the source. The same snapshot gives the same bytes. Each file is
// checked against the manifest on the way. Done, where it is set, is told the
// bytes written so far.
func (s *Snapshot) Pack(ctx context.Context, out io.Writer, done func(bytes int64)) error {
	tw := tar.NewWriter(out)
	written := int64(0)
	for _, name := range s.packed() {
		if err := ctx.Err(); err != nil {
			return err
		}
		size, err := s.fileSize(name)
		if err != nil {
			return err
		}
		if err := tw.WriteHeader(header(string(s.Source), name, size)); err != nil {
			return fmt.Errorf("pack snapshot: %s: %w", name, err)
		}
		if err := s.packFile(name, io.MultiWriter(tw, &told{ctx, &written, done})); err != nil {
			return err
		}
	}
	if err := tw.Close(); err != nil {
		return fmt.Errorf("pack snapshot: %w", err)
	}
	return nil
}

// packFile writes one of the snapshot's files and checks it, apart from the
// three that Open has checked.
func (s *Snapshot) packFile(name string, out io.Writer) error {
	if _, ok := s.files[name]; ok {
		return s.copyListed(name, out)
	}
	f, err := s.openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(out, f); err != nil {
		return fmt.Errorf("pack snapshot: %w", err)
	}
	return nil
}

// fitName tells whether a name within a tar is one that a snapshot can have:
// a relative path of plain letters, none of them hidden or upward.
func fitName(name string) bool {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' {
			return false
		}
		for i := range len(part) {
			switch c := part[i]; {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '%':
			default:
				return false
			}
		}
	}
	return true
}
