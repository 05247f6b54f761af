package snapshot

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// parts lists the files of the snapshot that hold what is attached.
func (a *Attached) parts() []Part {
	switch {
	case a == nil:
		return nil
	case a.Volume == nil:
		return []Part{a.Index}
	}
	return []Part{a.Index, *a.Volume}
}

// add adds the counts of b.
func (a *Attached) add(b *Attached) {
	a.Named += b.Named
	a.Copied += b.Copied
	a.Files += b.Files
	a.Bytes += b.Bytes
	for fault, n := range b.Faults {
		if a.Faults == nil {
			a.Faults = map[Fault]int{}
		}
		a.Faults[fault] += n
	}
}

// readAttached holds what the journal says of a chunk's files to the manifest
// and counts them for the table.
func (s *Snapshot) readAttached(a *Attached, t *TableInfo) error {
	if a == nil {
		return nil
	}
	if t.FileColumn == "" {
		return s.damaged(journalFile, "names files of a table that "+packageFile+" has none of")
	}
	for _, p := range a.parts() {
		if s.files[p.Path].SHA256 != p.SHA256 {
			return s.damaged(journalFile, "names an attached file that the manifest does not")
		}
	}
	t.Attached.add(a)
	return s.unseal(a.Index.Sealed, a.Index.SHA256, &a.Index.Content)
}

// Attachment is a file that a row names.
type Attachment struct {
	Row    int   // within its chunk, from 0
	Fault  Fault // empty where the file is as it was
	Bytes  int64
	SHA256 string // of the file, in hex; empty where there is none
	// Content is the file, to be read before the next attachment. It is nil where
	// there is none, and where a row before names the same one, which has the
	// same hash. Reading it may fail with a *DamagedError.
	Content io.Reader
}

// Attached reads the files that the rows of a chunk name, in the order of the
// rows. It takes the key of a recipient. A yielded error is the last value; a
// file is checked once the next attachment is asked for.
func (s *Snapshot) Attached(ctx context.Context, c Chunk) iter.Seq2[Attachment, error] {
	return func(yield func(Attachment, error) bool) {
		if c.Attached == nil {
			return
		}
		if err := s.attached(ctx, c, yield); err != nil && !errors.Is(err, errStopped) {
			yield(Attachment{}, err)
		}
	}
}

// errStopped tells that the reader wants no more.
var errStopped = errors.New("stopped")

// index reads the index of a chunk's files.
func (s *Snapshot) index(c Chunk) (out []attachLine, err error) {
	path := c.Attached.Index.Path
	text, err := s.unpacked(path, c.Attached.Index.Content)
	if err != nil {
		return nil, err
	}
	row := -1
	for text := range strings.Lines(text) {
		var line attachLine
		if json.Unmarshal([]byte(text), &line) != nil || line.Row <= row || line.Row >= c.Rows {
			return nil, s.damaged(path, "is not readable")
		}
		row = line.Row
		out = append(out, line)
	}
	return out, nil
}

// Named lists the files that the rows of a chunk name, as Attached yields them,
// but without their contents, which are not read.
func (s *Snapshot) Named(c Chunk) ([]Attachment, error) {
	if c.Attached == nil {
		return nil, nil
	}
	lines, err := s.index(c)
	if err != nil {
		return nil, err
	}
	out := make([]Attachment, len(lines))
	for i, line := range lines {
		out[i] = line.attachment()
	}
	return out, nil
}

func (l attachLine) attachment() Attachment {
	return Attachment{Row: l.Row, Fault: l.Fault, Bytes: l.Bytes, SHA256: l.SHA256}
}

func (s *Snapshot) attached(ctx context.Context, c Chunk, yield func(Attachment, error) bool) error {
	a := c.Attached
	lines, err := s.index(c)
	if err != nil {
		return err
	}
	v, err := s.openVolume(ctx, a.Volume)
	if err != nil {
		return err
	}
	defer v.close()
	known := map[string]attachLine{}
	counted := Attached{}
	for _, line := range lines {
		out := line.attachment()
		counted.Named++
		if line.Fault == "" {
			counted.Copied++
		}
		before, again := known[line.File]
		switch {
		case line.File == "" && line.Fault == "", line.File != "" && a.Volume == nil,
			again && (before.SHA256 != line.SHA256 || before.Bytes != line.Bytes || before.Fault != line.Fault):
			return s.damaged(a.Index.Path, "contradicts itself")
		case line.File == "" || again:
			if !yield(out, nil) {
				return errStopped
			}
		default:
			known[line.File] = line
			counted.Files++
			counted.Bytes += line.Bytes
			if err := v.next(line, &out, yield); err != nil {
				return err
			}
		}
	}
	if counted.Named != a.Named || counted.Copied != a.Copied || counted.Files != a.Files || counted.Bytes != a.Bytes {
		return s.damaged(a.Index.Path, "counts other files than the journal")
	}
	return v.end()
}

// verifyAttached reads the files of a chunk.
func (s *Snapshot) verifyAttached(ctx context.Context, c Chunk) error {
	for _, err := range s.Attached(ctx, c) {
		if err != nil {
			return err
		}
	}
	return nil
}

// openedVolume is a volume that is being read. Its zero value is one of no
// files.
type openedVolume struct {
	s    *Snapshot
	path string
	file io.Closer
	raw  io.Reader // decrypted
	tar  *tar.Reader
}

// openVolume opens a volume; p may be nil. Its own hash is the business of
// Verify: age notices by itself what is changed, and each file has its hash.
func (s *Snapshot) openVolume(ctx context.Context, p *Part) (*openedVolume, error) {
	v := &openedVolume{s: s, raw: bytes.NewReader(nil)}
	if p != nil {
		v.path = p.Path
		f, err := s.openFile(p.Path)
		if err != nil {
			return nil, err
		}
		v.file, v.raw = f, bufio.NewReaderSize(&stoppable{ctx, f}, 1<<16)
		if s.Encrypted {
			if v.raw, err = s.keys.decryptFrom(v.raw); err != nil {
				f.Close()
				return nil, s.opened(p.Path, err)
			}
		}
	}
	v.tar = tar.NewReader(v.raw)
	return v, nil
}

// next yields the file of a line, which must be the next of the volume.
func (v *openedVolume) next(line attachLine, out *Attachment, yield func(Attachment, error) bool) error {
	h, err := v.tar.Next()
	if err != nil {
		return v.fail(err)
	}
	if h.Typeflag != tar.TypeReg || h.Name != line.File || h.Size != line.Bytes {
		return v.s.damaged(v.path, "holds another file than its index says")
	}
	sum := sha256.New()
	content := io.TeeReader(v.tar, sum)
	out.Content = content
	if !yield(*out, nil) {
		return errStopped
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return v.fail(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != line.SHA256 {
		return v.s.damaged(v.path, fmt.Sprintf("holds file %s otherwise than its index says", line.File))
	}
	return nil
}

// end holds that nothing follows.
func (v *openedVolume) end() error {
	if v.path == "" {
		return nil
	}
	if _, err := v.tar.Next(); err == nil {
		return v.s.damaged(v.path, "holds files that its index does not")
	} else if err != io.EOF {
		return v.fail(err)
	}
	n, err := io.Copy(io.Discard, v.raw)
	if err != nil {
		return v.fail(err)
	}
	if n > 0 {
		return v.s.damaged(v.path, "goes on behind its end")
	}
	return nil
}

// fail tells damage from what stopped the reading.
func (v *openedVolume) fail(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return v.s.damaged(v.path, "cannot be read as a tar, or ends early")
}

func (v *openedVolume) close() {
	if v.file != nil {
		v.file.Close()
	}
}
