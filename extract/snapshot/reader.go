package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/klauspost/compress/zstd"

	"github.com/sihctl/sih/extract"
)

// Snapshot is a finished snapshot, open for reading. Several goroutines may
// read it.
type Snapshot struct {
	Info
	Tables []TableInfo
	// Views tells when the views were opened that its rows stand in; more than
	// one is a seam.
	Views []string
	// Consistent tells that all rows stand in one view, with nothing to note.
	Consistent bool
	// Notes say what a reader must know of how the source was read, and Remarks
	// what is good to know and takes nothing from its consistency.
	Notes, Remarks []string
	// Hash is the SHA-256 of the manifest, in hex: it stands for the whole
	// snapshot as it lies there.
	Hash string
	// Content is a hash over the tables and their rows alone, in hex: it is the
	// same for two snapshots of equal content, whenever they were taken.
	// It is empty where the snapshot is encrypted and no key was given.
	Content string
	// Encrypted tells whether the chunks are encrypted, and Recipients names
	// the public keys that they are encrypted to.
	Encrypted  bool
	Recipients []string
	// Signer is the public key of the sender who signed it, or empty. Anybody
	// can sign: whether it is the right one only a Keyring's Sender tells.
	Signer string
	// LeftOut is what the source has and the snapshot, by decision, has not.
	LeftOut []LeftOut
	// Files is how many files the manifest lists, and Bytes their size.
	Files int
	Bytes int64

	dir   string
	keys  Keyring
	files map[string]file
}

// Open opens the snapshot in dir without any key: see [Keyring.Open].
func Open(dir string) (*Snapshot, error) { return Keyring{}.Open(dir) }

// Open opens the snapshot in dir. It checks the manifest and the journal
// against each other, and leaves the chunks to [Snapshot.Verify] and to their
// reading. What is not as it was written is a *DamagedError, a wrong signature
// a *SignatureError. What is encrypted opens without any key, but for its rows;
// with keys that are not its recipients' it is a *KeyError.
func (k Keyring) Open(dir string) (*Snapshot, error) {
	s := &Snapshot{dir: dir, keys: k, files: map[string]file{}}
	data, err := s.head(manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, journalFile)); err == nil {
			return nil, fmt.Errorf("open snapshot %s: %w", dir, ErrIncomplete)
		}
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	if err != nil {
		return nil, err
	}
	s.Hash = hash(data)
	sumsText, err := s.head(sumsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if !strings.HasPrefix(string(sumsText), sums(data, nil)) {
		return nil, s.damaged(manifestFile, "does not have the hash that "+sumsFile+" gives")
	}
	m := &manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, s.damaged(manifestFile, "is not readable")
	}
	signature, err := s.readSignature(m, data)
	if err != nil {
		return nil, err
	}
	if string(sumsText) != sums(data, signature) {
		return nil, s.damaged(signatureFile, "does not have the hash that "+sumsFile+" gives")
	}
	if err := s.checkSender(m); err != nil {
		return nil, err
	}
	if m.Format != Format {
		return nil, fmt.Errorf("open snapshot %s: its format is %q, this program reads %q", dir, m.Format, Format)
	}
	taken, err := time.Parse(time.RFC3339, m.Taken)
	if err != nil {
		return nil, s.damaged(manifestFile, "does not say when it was taken")
	}
	s.Info = Info{m.Source, m.System, m.Driver, taken, m.AuditHead}
	s.Views, s.Notes, s.Remarks, s.Consistent = m.Views, m.Notes, m.Remarks, m.Consistent
	s.Encrypted, s.Recipients, s.Signer = m.Encrypted, m.Recipients, m.Signer
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || strings.Contains(f.Path, `\`) {
			return nil, s.damaged(manifestFile, "lists a file outside the snapshot")
		}
		s.files[f.Path] = f
		s.Bytes += f.Bytes
	}
	s.Files = len(s.files)
	if err := s.readTables(); err != nil {
		return nil, err
	}
	return s, nil
}

// Peek opens as Open does, and without the private keys where the snapshot is
// encrypted to others: what is not in the rows can be seen all the same.
func (k Keyring) Peek(dir string) (*Snapshot, error) {
	s, err := k.Open(dir)
	var key *KeyError
	if errors.As(err, &key) {
		return Keyring{Sender: k.Sender}.Open(dir)
	}
	return s, err
}

// ErrIncomplete tells that a snapshot was begun and is not finished.
var ErrIncomplete = errors.New("the snapshot is not finished")

func (s *Snapshot) damaged(name, what string) error { return &DamagedError{s.dir, name, what} }

func (s *Snapshot) readTables() error {
	data, err := s.listed(packageFile)
	if err != nil {
		return err
	}
	var pkg dataPackage
	if json.Unmarshal(data, &pkg) != nil {
		return s.damaged(packageFile, "is not readable")
	}
	s.LeftOut = pkg.LeftOut
	byName := map[string]int{}
	for _, r := range pkg.Resources {
		byName[r.Table] = len(s.Tables)
		s.Tables = append(s.Tables, TableInfo{Table: r.table(), FileColumn: r.Attached})
	}
	journal, err := s.listed(journalFile)
	if err != nil {
		return err
	}
	stands := map[string]*standing{}
	for sc := bufio.NewScanner(bytes.NewReader(journal)); sc.Scan(); {
		var e entry
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			return s.damaged(journalFile, "is not readable")
		}
		if !apply(stands, e) {
			return s.damaged(journalFile, "replaces a chunk that it does not name")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(stands)) {
		if err := s.readChunks(byName, name, stands[name]); err != nil {
			return err
		}
	}
	s.Content = s.contentHash()
	for i, r := range pkg.Resources {
		if s.Tables[i].Rows != r.Rows {
			return s.damaged(journalFile, "counts other rows than "+packageFile)
		}
	}
	return nil
}

// readChunks holds what the journal says of a table to the manifest.
func (s *Snapshot) readChunks(byName map[string]int, table string, was *standing) error {
	for _, c := range slices.Concat(was.rows, was.rejects) {
		i, ok := byName[table]
		if !ok || s.files[c.Path].SHA256 != c.SHA256 {
			return s.damaged(journalFile, "names a chunk that the manifest does not")
		}
		t := &s.Tables[i]
		if err := s.unseal(c.Sealed, c.SHA256, &c.Content); err != nil {
			return err
		}
		if err := s.readAttached(c.Attached, t); err != nil {
			return err
		}
		if c.Rejected {
			t.Rejects = append(t.Rejects, c)
			t.Rejected += c.Rows
		} else {
			t.Chunks = append(t.Chunks, c)
			t.Rows += c.Rows
		}
	}
	return nil
}

// unseal finds the hash of a file before encryption.
func (s *Snapshot) unseal(sealed, clear string, content *string) (err error) {
	switch {
	case !s.Encrypted:
		*content = clear
	case len(s.keys.Identities) > 0:
		*content, err = s.keys.unseal(sealed)
	}
	return s.opened(journalFile, err)
}

// contentHash hashes the tables and their chunks before encryption: the same
// for a plain snapshot and one encrypted to anybody.
func (s *Snapshot) contentHash() string {
	if s.Readable() != nil {
		return ""
	}
	h := sha256.New()
	for _, t := range s.Tables {
		fmt.Fprintf(h, "table %q key %q\n", t.Name, t.Key)
		for _, c := range t.Columns {
			fmt.Fprintf(h, "column %q %q %t\n", c.Name, c.Type, c.Nullable)
		}
		for _, c := range slices.Concat(t.Chunks, t.Rejects) {
			fmt.Fprintf(h, "chunk %t %d %d %d %s\n", c.Rejected, c.Range, c.Part, c.Rows, c.Content)
			if c.Attached != nil {
				fmt.Fprintf(h, "attached %q %s\n", t.FileColumn, c.Attached.Index.Content)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Table returns the table of that name.
func (s *Snapshot) Table(name string) (TableInfo, bool) {
	i := slices.IndexFunc(s.Tables, func(t TableInfo) bool { return t.Name == name })
	if i < 0 {
		return TableInfo{}, false
	}
	return s.Tables[i], true
}

// Rows reads the rows of a chunk. A yielded row is valid until the next one;
// its texts stay valid and share one memory. A yielded error is the last
// value; a damaged chunk is a *DamagedError.
func (s *Snapshot) Rows(t TableInfo, c Chunk) iter.Seq2[extract.Row, error] {
	return func(yield func(extract.Row, error) bool) {
		text, err := s.content(c)
		if err != nil {
			yield(nil, err)
			return
		}
		row := make(extract.Row, 0, len(t.Columns))
		n := 0
		for ; text != ""; n++ {
			row, text, err = parseRow(text, row)
			if err != nil || len(row) != len(t.Columns) {
				yield(nil, s.damaged(c.Path, fmt.Sprintf("has no row of %d fields at row %d", len(t.Columns), n+1)))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if n != c.Rows {
			yield(nil, s.damaged(c.Path, fmt.Sprintf("holds %d rows where the journal counts %d", n, c.Rows)))
		}
	}
}

// Rejected reads the records of a chunk that could not be read as rows.
func (s *Snapshot) Rejected(c Chunk) ([]extract.Rejected, error) {
	text, err := s.content(c)
	if err != nil {
		return nil, err
	}
	var out []extract.Rejected
	for line := range strings.Lines(text) {
		var r rejectedLine
		if json.Unmarshal([]byte(line), &r) != nil {
			return nil, s.damaged(c.Path, "is not readable")
		}
		out = append(out, extract.Rejected{Where: r.Where, Offset: r.Offset, Detail: r.Detail, Raw: r.Raw, Aside: r.Aside})
	}
	if len(out) != c.Rows {
		return nil, s.damaged(c.Path, "holds another number of records than the journal counts")
	}
	return out, nil
}

// decoder decompresses chunks. Its limit keeps a forged chunk from filling
// the memory; a row longer than a chunk is the one exception, up to 256 MiB.
var decoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		panic(err) // constant options: it cannot fail
	}
	return d
}()

// content returns the checked, decompressed text of a chunk.
func (s *Snapshot) content(c Chunk) (string, error) {
	return s.unpacked(c.Path, c.Content)
}

// unpacked returns the checked, decompressed text of a file, whose hash before
// encryption is known.
func (s *Snapshot) unpacked(path, content string) (string, error) {
	packed, err := s.listed(path)
	if err != nil {
		return "", err
	}
	if err := s.Readable(); err != nil {
		return "", err
	}
	if s.Encrypted {
		packed, err = s.keys.decrypt(packed)
		if err != nil {
			return "", s.opened(path, err)
		}
		if hash(packed) != content {
			return "", s.damaged(path, "does not hold what the journal says")
		}
	}
	plain, err := decoder.DecodeAll(packed, nil)
	if err != nil {
		return "", s.damaged(path, "cannot be decompressed")
	}
	// The bytes are never written again, so that the text may share them.
	return unsafe.String(unsafe.SliceData(plain), len(plain)), nil
}
