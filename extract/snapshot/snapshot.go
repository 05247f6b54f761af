// Package snapshot holds the format in which a source's records are kept and
// travel: a directory of immutable evidence. [Create] begins or resumes one,
// [Open] reads one, [Snapshot.Verify] checks one. docs/formats.md describes
// the files so that another program can read them.
package snapshot

import (
	"fmt"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// Format is the format that this package writes, and the only one it reads.
const Format = "sihctl-snapshot/1"

// MaxChunkBytes is the greatest size of a chunk's rows before compression. A
// single row may be longer; it is then a chunk of its own. The format allows
// 16 MiB; a quarter of it keeps sixty tables that are written at once small.
const MaxChunkBytes = 4 << 20

// The files of a snapshot besides its chunks.
const (
	packageFile   = "datapackage.json"
	journalFile   = "journal"
	manifestFile  = "manifest.json"
	signatureFile = "manifest.json.minisig"
	sumsFile      = "SHA256SUMS"
)

// Info says what a snapshot was taken of.
type Info struct {
	Source sih.SourceID
	System string    // the product: hosix, enova …
	Driver string    // how it was read: sqlserver, mysql, csv …
	Taken  time.Time // the moment of the view, UTC
	// AuditHead is the last line of the audit log where it was taken, before it
	// was: a log that is cut short later shows against it. Empty where none is kept.
	AuditHead string
}

// Chunk is a chunk of a table as the journal records it.
type Chunk struct {
	Table    string `json:"table"`
	Range    int    `json:"range"` // number of its range of at most 65,536 rows
	Part     int    `json:"part"`  // number of its part within the range, where the size divided it
	Rows     int    `json:"rows"`
	Rejected bool   `json:"rejected,omitempty"` // holds records that could not be read as rows
	Path     string `json:"path"`
	Bytes    int64  `json:"bytes"`  // size of the file
	SHA256   string `json:"sha256"` // hash of the file
	// Sealed is Content, encrypted like the chunk itself: whoever has a small
	// table's likely rows must not find out from a hash which ones they are.
	Sealed string `json:"sealed,omitempty"`
	// Content is the hash of the file before encryption. It is empty where the
	// snapshot is encrypted and no key was given.
	Content string `json:"-"`
	View    int    `json:"view"` // number of the view that it was read in, from 1
	Read    string `json:"read"` // when that view was opened, UTC
	// Attached is what of files its rows name; nil where they name none, or
	// where these were not asked for.
	Attached *Attached `json:"attached,omitempty"`
}

// Name names the chunk within its source: table, range and part.
func (c Chunk) Name() string {
	kind := ""
	if c.Rejected {
		kind = "rejected "
	}
	return fmt.Sprintf("%s %s%06d.%02d", c.Table, kind, c.Range, c.Part)
}

// TableInfo is a table of a snapshot.
type TableInfo struct {
	extract.Table
	Rows     int // rows in Chunks
	Rejected int // records that could not be read as rows
	Chunks   []Chunk
	Rejects  []Chunk
	// FileColumn names the files that were copied with the rows, and is empty
	// where none were asked for; Attached counts them, over all chunks.
	FileColumn string
	Attached   Attached
}

// DamagedError says what of a snapshot is not as it was written.
type DamagedError struct {
	Dir  string
	File string // relative to Dir
	What string
}

// Error names the file and what is wrong with it.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("snapshot %s is damaged: %s %s", e.Dir, e.File, e.What)
}

// Hint says what to do about it.
func (e *DamagedError) Hint() string {
	return "copy the snapshot again from where it was made, or extract again; what is damaged cannot be repaired here"
}

// fileName writes a table's name so that every file system takes it: what is
// not a letter, a digit, a dot, a hyphen or an underscore becomes %XX.
func fileName(table string) string {
	var b strings.Builder
	for i := range len(table) {
		c := table[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
