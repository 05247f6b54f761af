package snapshot

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// PackError tells that a tar is not what Pack writes.
type PackError struct{ What string }

// Error says what is wrong with it.
func (e *PackError) Error() string { return "the packed snapshot is damaged: " + e.What }

// Hint says what to do.
func (e *PackError) Hint() string {
	return "copy it again from where it was packed, or have it packed again; nothing of it was kept"
}

// Unpack reads what Pack wrote into dir, which must not exist or be empty, and
// returns the snapshot there. It takes nothing but what Pack writes for these
// files, to the byte: links, paths that lead out, other orders, times, owners
// and what follows the end are a *PackError, and what is damaged is told as by
// [Snapshot.Verify]. The folder appears once all of it is checked.
func (k Keyring) Unpack(ctx context.Context, in io.Reader, dir string) (*Snapshot, error) {
	list, err := os.ReadDir(dir)
	switch {
	case err == nil && len(list) > 0:
		return nil, fmt.Errorf("unpack to %s: %w", dir, fs.ErrExist)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("unpack: %w", err)
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	// A hidden neighbour: on the same disk, so that it can take dir's name.
	begin := ".unpack-" + filepath.Base(dir) + "-"
	if err := sweepUnpacked(filepath.Dir(dir), begin); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), begin+"*")
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	defer os.RemoveAll(temp)
	folder, names, err := untar(&stoppable{ctx, in}, func(name string, r io.Reader) error { return putFile(filepath.Join(temp, filepath.FromSlash(name)), r) })
	if err != nil {
		return nil, err
	}
	s, err := k.Open(temp)
	if err != nil {
		return nil, located(err, dir)
	}
	switch {
	case folder != string(s.Source):
		return nil, &PackError{"its folder is not named after its source"}
	case !slices.Equal(names, s.packed()):
		return nil, &PackError{"it does not hold the files that its manifest lists, in their order"}
	}
	if err := s.Verify(ctx, nil); err != nil {
		return nil, located(err, dir)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if err := os.Rename(temp, dir); err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return k.Open(dir)
}

// sweepUnpacked removes what a run that was killed had unpacked for the same
// folder.
func sweepUnpacked(dir, begin string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	for _, e := range list {
		if e.IsDir() && strings.HasPrefix(e.Name(), begin) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("unpack: %w", err)
			}
		}
	}
	return nil
}

// untar reads a tar of one folder and hands each file to put. It returns the
// folder and the names below it, in order. What is read is written again as
// Pack would, and must come to the same bytes.
func untar(in io.Reader, put func(name string, r io.Reader) error) (folder string, names []string, err error) {
	got, want := sha256.New(), sha256.New()
	raw := io.TeeReader(in, got)
	tr := tar.NewReader(raw)
	tw := tar.NewWriter(want)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", nil, readError(err)
		}
		top, name, _ := strings.Cut(h.Name, "/")
		switch {
		case h.Typeflag != tar.TypeReg:
			return "", nil, &PackError{"it holds what is no file"}
		case !fitName(top) || !fitName(name):
			return "", nil, &PackError{"it holds a file with a name that no snapshot has"}
		case folder != "" && top != folder:
			return "", nil, &PackError{"it holds more than one folder"}
		}
		folder, names = top, append(names, name)
		if err := tw.WriteHeader(header(folder, name, h.Size)); err != nil {
			return "", nil, &PackError{"it cannot be written again"}
		}
		// So far as it has been read it must be what Pack writes, before any of
		// the file is taken: a header may promise terabytes that are not there.
		if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
			return "", nil, errOtherTar
		}
		both := &readSide{r: io.TeeReader(tr, tw)}
		if err := put(name, both); err != nil {
			if both.err != nil {
				return "", nil, readError(both.err)
			}
			if errors.Is(err, fs.ErrExist) {
				return "", nil, &PackError{"it holds a file twice"}
			}
			return "", nil, fmt.Errorf("unpack: %w", err)
		}
	}
	if err := tw.Close(); err != nil {
		return "", nil, &PackError{"it cannot be written again"}
	}
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return "", nil, readError(err)
	}
	if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		return "", nil, errOtherTar
	}
	return folder, names, nil
}

var errOtherTar = &PackError{"it is not as sihctl packs these files"}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

// Read ends with the context's error before it reads.
func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// readSide remembers a failed reading, so that it can be told from a failed
// writing.
type readSide struct {
	r   io.Reader
	err error
}

// Read keeps the error that it passes on, but for the end.
func (r *readSide) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// readError tells a tar that is damaged from one that cannot be read.
func readError(err error) error {
	var path *fs.PathError
	var part *PartError
	if errors.As(err, &path) || errors.As(err, &part) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("unpack: %w", err)
	}
	return &PackError{"it cannot be read as a tar, or ends early"}
}

// putFile writes a file that does not exist, and waits until it is on the disk.
func putFile(name string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// located names the folder that the user knows in an error about the temporary
// one.
func located(err error, dir string) error {
	var damaged *DamagedError
	var signature *SignatureError
	var key *KeyError
	switch {
	case errors.As(err, &damaged):
		damaged.Dir = dir
	case errors.As(err, &signature):
		signature.Dir = dir
	case errors.As(err, &key):
		key.Dir = dir
	case errors.Is(err, ErrIncomplete), errors.Is(err, fs.ErrNotExist):
		return &PackError{"it holds no finished snapshot"}
	}
	return err
}
