package snapshot

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	hashing "hash"
	"io"
	"os"
	"path/filepath"
)

// volume is a tar of files that is being written: encrypted as it is written,
// since it may be longer than the memory.
type volume struct {
	file *os.File
	sum  hashing.Hash
	size counter
	seal io.WriteCloser // nil where it is plain
	tar  *tar.Writer
}

func (w *Writer) newVolume() (*volume, error) {
	dir := filepath.Join(w.dir, "attached")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return nil, err
	}
	v := &volume{file: f, sum: sha256.New()}
	out := io.MultiWriter(f, v.sum, &v.size)
	v.tar = tar.NewWriter(out)
	if len(w.seal.Recipients) > 0 {
		if v.seal, err = w.seal.encryptTo(out); err != nil {
			f.Close()
			os.Remove(f.Name())
			return nil, err
		}
		v.tar = tar.NewWriter(v.seal)
	}
	return v, nil
}

// close gives the volume its name.
func (v *volume) close(dir, name string) (Part, error) {
	err := v.tar.Close()
	if err == nil && v.seal != nil {
		err = v.seal.Close()
	}
	if err == nil {
		err = v.file.Sync()
	}
	err = errors.Join(err, v.file.Close())
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = os.Rename(v.file.Name(), path)
	}
	if err != nil {
		os.Remove(v.file.Name())
		return Part{}, err
	}
	return Part{Path: name, Bytes: int64(v.size), SHA256: hex.EncodeToString(v.sum.Sum(nil))}, nil
}
