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
	base  string // the stream's name, without a folder
	names []string
	size  int64
	temp  []string
	named int // parts that have their names
	file  *os.File
	room  int64
}

// maxParts is the greatest number of parts: their numbers have four digits.
const maxParts = 9999

// NewParts begins the parts of a stream of total bytes: one file of that name
// where size is 0 or the stream fits, and name.1of3, name.2of3 … otherwise. No
// file that exists is written over, nor put beside others of that name, from
// which it could not be told. What a run that was killed left of the same parts
// is removed: a stick has no room for it.
func NewParts(name string, total, size int64) (*Parts, error) {
	p := &Parts{base: filepath.Base(name), names: []string{name}, size: size}
	if size > 0 && total > size {
		p.names = nil
		n := (total + size - 1) / size
		if n > maxParts {
			return nil, fmt.Errorf("pack to %s: that makes %d parts, and there can be %d", name, n, maxParts)
		}
		for i := range int(n) {
			p.names = append(p.names, partName(name, i+1, int(n)))
		}
	}
	list, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	base := filepath.Base(name)
	for _, e := range list {
		m := partPattern.FindStringSubmatch(e.Name())
		if e.Name() == base || m != nil && m[1] == base {
			return nil, fmt.Errorf("pack to %s: %w", filepath.Join(filepath.Dir(name), e.Name()), fs.ErrExist)
		}
		if strings.HasPrefix(e.Name(), unfinished(base)) {
			if err := os.Remove(filepath.Join(filepath.Dir(name), e.Name())); err != nil {
				return nil, fmt.Errorf("pack: %w", err)
			}
		}
	}
	return p, nil
}

// unfinished is what the names of parts begin with that are being written.
func unfinished(base string) string { return ".pack-" + base + "-" }

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
	f, err := os.CreateTemp(filepath.Dir(p.names[0]), unfinished(p.base)+"*")
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
		p.named++
	}
	return nil
}

// Abandon removes what was not finished, which is all unless all have their
// names.
func (p *Parts) Abandon() error {
	err := p.end()
	for _, name := range append(p.temp, p.names[:p.named]...) {
		if e := os.Remove(name); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// PartError tells that parts of a packed snapshot are not there.
type PartError struct{ Missing []string }

// Error names them, the first of many.
func (e *PartError) Error() string {
	const shown = 8
	text := "of the packed snapshot is missing: " + strings.Join(e.Missing[:min(shown, len(e.Missing))], ", ")
	if more := len(e.Missing) - shown; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
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
	count := ""
	for _, e := range list {
		if m := partPattern.FindStringSubmatch(e.Name()); m != nil && m[1] == filepath.Base(name) {
			if count != "" && count != m[3] {
				return nil, &PackError{fmt.Sprintf("parts of two lie there, some of %s and some of %s: name one part of the one that is meant", count, m[3])}
			}
			count = m[3]
		}
	}
	if count == "" {
		return nil, &PartError{[]string{name}}
	}
	return allParts(name, count)
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

// Read reads on, from one file into the next, which is opened when the one
// before is at its end.
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

// Close closes the file in hand. Reading may go on with the next one.
func (j *joined) Close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
