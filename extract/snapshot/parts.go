package snapshot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Parts writes a stream into files of at most a given size, for a stick whose
// file system takes no larger ones. They appear under their names once Close
// has been called; put one after the other they are the stream.
type Parts struct {
	names []string
	size  int64
	temp  []string
	file  *os.File
	room  int64
}

// NewParts begins the parts of a stream of total bytes: one file of that name
// where size is 0 or the stream fits, and name.1of3, name.2of3 … otherwise. No
// file that exists is written over.
func NewParts(name string, total, size int64) (*Parts, error) {
	p := &Parts{names: []string{name}, size: size}
	if size > 0 && total > size {
		p.names = nil
		n := int((total + size - 1) / size)
		for i := range n {
			p.names = append(p.names, partName(name, i+1, n))
		}
	}
	for _, name := range p.names {
		if _, err := os.Lstat(name); err == nil {
			return nil, fmt.Errorf("pack to %s: %w", name, fs.ErrExist)
		}
	}
	return p, nil
}

// partName numbers a part so that the names sort in order.
func partName(name string, i, of int) string {
	return fmt.Sprintf("%s.%0*dof%d", name, len(strconv.Itoa(of)), i, of)
}

// Names lists the files.
func (p *Parts) Names() []string { return p.names }

// Write goes on with the stream.
func (p *Parts) Write(data []byte) (n int, err error) {
	for len(data) > 0 {
		if p.file == nil || p.size > 0 && p.room == 0 {
			if err := p.next(); err != nil {
				return n, err
			}
		}
		piece := data
		if p.size > 0 && int64(len(piece)) > p.room {
			piece = piece[:p.room]
		}
		m, err := p.file.Write(piece)
		n, p.room, data = n+m, p.room-int64(m), data[m:]
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// next ends a part and begins the next.
func (p *Parts) next() error {
	if err := p.end(); err != nil {
		return err
	}
	if len(p.temp) == len(p.names) {
		return errors.New("the stream is longer than was said")
	}
	f, err := os.CreateTemp(filepath.Dir(p.names[0]), ".pack-*")
	if err != nil {
		return err
	}
	p.file, p.room, p.temp = f, p.size, append(p.temp, f.Name())
	return nil
}

func (p *Parts) end() error {
	if p.file == nil {
		return nil
	}
	err := p.file.Sync()
	err = errors.Join(err, p.file.Close())
	p.file = nil
	return err
}

// Close gives the files their names.
func (p *Parts) Close() error {
	if err := p.end(); err != nil {
		return errors.Join(err, p.Abandon())
	}
	if len(p.temp) != len(p.names) {
		return errors.Join(errors.New("the stream is shorter than was said"), p.Abandon())
	}
	for i, name := range p.names {
		if err := os.Rename(p.temp[i], name); err != nil {
			return errors.Join(err, p.Abandon())
		}
	}
	return nil
}

// Abandon removes what was not finished.
func (p *Parts) Abandon() error {
	err := p.end()
	for _, name := range p.temp {
		if e := os.Remove(name); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// PartError tells that parts of a packed snapshot are not there.
type PartError struct{ Missing []string }

// Error names them.
func (e *PartError) Error() string {
	return "of the packed snapshot is missing: " + strings.Join(e.Missing, ", ")
}

// Hint says what to do.
func (e *PartError) Hint() string { return "put all parts into one folder" }

var partPattern = regexp.MustCompile(`^(.+)\.([0-9]{1,4})of([0-9]{1,4})$`)

// FindParts returns the files that make up the stream which the named file, or
// part, belongs to. A name without its number stands for its parts, where there
// is no such file. Parts that are not there are a *PartError.
func FindParts(name string) ([]string, error) {
	if m := partPattern.FindStringSubmatch(name); m != nil {
		return allParts(m[1], m[3])
	}
	if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return []string{name}, err
	}
	dir := filepath.Dir(name)
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	for _, e := range list {
		if m := partPattern.FindStringSubmatch(e.Name()); m != nil && m[1] == filepath.Base(name) {
			return allParts(name, m[3])
		}
	}
	return nil, &PartError{[]string{name}}
}

func allParts(stem, count string) ([]string, error) {
	of, err := strconv.Atoi(count)
	if err != nil || of < 1 || count[0] == '0' {
		return nil, &PartError{[]string{partName(stem, 1, 1)}}
	}
	var names, missing []string
	for i := range of {
		name := partName(stem, i+1, of)
		if _, err := os.Stat(name); err != nil {
			missing = append(missing, name)
		}
		names = append(names, name)
	}
	if len(missing) > 0 {
		return nil, &PartError{missing}
	}
	return names, nil
}

// JoinParts reads files one after the other.
func JoinParts(names []string) io.ReadCloser { return &joined{names: names} }

type joined struct {
	names []string
	file  *os.File
}

func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.file == nil {
			if len(j.names) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(j.names[0])
			if err != nil {
				return 0, err
			}
			j.file, j.names = f, j.names[1:]
		}
		n, err := j.file.Read(p)
		if err != io.EOF {
			return n, err
		}
		if err := j.Close(); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (j *joined) Close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
