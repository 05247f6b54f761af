package project

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"zombiezen.com/go/sqlite"
)

// Plan is what was found and decided before the first row of a snapshot was
// read. A reading that is gone on with must find it so still.
type Plan struct {
	// Begun is when the snapshot's first view was opened. It tells whether the
	// plan is that of the snapshot which lies there.
	Begun string `json:"begun"`
	// Schema is the fingerprint of all the source's tables.
	Schema string         `json:"schema"`
	Tables []PlannedTable `json:"tables"`
	// Files are those that the tables are read from; none for a database.
	Files []extract.File `json:"files,omitempty"`
}

// PlannedTable is a table of the source as it was planned.
type PlannedTable struct {
	extract.Table
	LeaveOut LeaveOut `json:"leave_out"`
	// Rows is how many rows the table had: Counted, or by the server's estimate.
	// Of files it is not known, and 0.
	Rows    int64 `json:"rows"`
	Counted bool  `json:"counted"`
}

// ChunkNote is what the ledger keeps of a chunk of a database's table until the
// snapshot is finished: the key to go on behind, and what tells whether the
// rows are still the same.
type ChunkNote struct {
	Path   string // the chunk's file in the snapshot
	SHA256 string // of that file, in hexadecimal
	// Last is the last row's values in the table's order.
	Last extract.Row
	// Digest is a hash of the rows in their order.
	Digest []byte
	// Marks are the rows, in their order. [Ledger.ChunkNotes] leaves them out.
	Marks []Mark
}

// Mark stands for a row: a checksum of its values in the table's order, and
// one of all its values. It serves to count what has changed, not to find out
// whether anything has.
type Mark struct{ Key, Row uint32 }

// StartExtraction writes down the plan of a new snapshot of a source, and
// forgets what was noted of another.
func (l *Ledger) StartExtraction(source sih.SourceID, p *Plan) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := l.forget(source); err != nil {
		return err
	}
	return l.do("write plan", "INSERT INTO extraction (source, plan) VALUES (?, ?)", nil, string(source), string(text))
}

// Extraction returns the plan of the source's unfinished snapshot, or nil
// where there is none.
func (l *Ledger) Extraction(source sih.SourceID) (*Plan, error) {
	var text string
	err := l.do("read plan", "SELECT plan FROM extraction WHERE source = ?",
		func(s *sqlite.Stmt) { text = s.ColumnText(0) }, string(source))
	if err != nil || text == "" {
		return nil, err
	}
	p := &Plan{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, fmt.Errorf("read plan in ledger: %w", err)
	}
	return p, nil
}

// NoteChunk notes a chunk, in the place of one of the same file. It is called
// before the snapshot's journal knows the chunk.
func (l *Ledger) NoteChunk(source sih.SourceID, c ChunkNote) error {
	key, err := json.Marshal(writeKey(c.Last))
	if err != nil {
		return err
	}
	marks := make([]byte, 0, 8*len(c.Marks))
	for _, m := range c.Marks {
		marks = binary.LittleEndian.AppendUint32(marks, m.Key)
		marks = binary.LittleEndian.AppendUint32(marks, m.Row)
	}
	return l.do("note chunk", "INSERT OR REPLACE INTO extraction_chunk (source, path, sha256, last_key, digest, marks) VALUES (?, ?, ?, ?, ?, ?)", nil,
		string(source), c.Path, c.SHA256, string(key), c.Digest, marks)
}

// ChunkNotes returns the notes of a source's chunks by their files, without
// their marks. A note that cannot be read is as good as none.
func (l *Ledger) ChunkNotes(source sih.SourceID) (map[string]ChunkNote, error) {
	out := map[string]ChunkNote{}
	err := l.do("read chunks", "SELECT path, sha256, last_key, digest FROM extraction_chunk WHERE source = ?", func(s *sqlite.Stmt) {
		c := ChunkNote{Path: s.ColumnText(0), SHA256: s.ColumnText(1), Digest: make([]byte, s.ColumnLen(3))}
		s.ColumnBytes(3, c.Digest)
		var err error
		if c.Last, err = readKey(s.ColumnText(2)); err == nil {
			out[c.Path] = c
		}
	}, string(source))
	return out, err
}

// Marks returns the marks of the chunk that a file of the snapshot holds.
func (l *Ledger) Marks(source sih.SourceID, path string) ([]Mark, error) {
	var raw []byte
	err := l.do("read chunk", "SELECT marks FROM extraction_chunk WHERE source = ? AND path = ?", func(s *sqlite.Stmt) {
		raw = make([]byte, s.ColumnLen(0))
		s.ColumnBytes(0, raw)
	}, string(source), path)
	out := make([]Mark, len(raw)/8)
	for i := range out {
		out[i] = Mark{binary.LittleEndian.Uint32(raw[8*i:]), binary.LittleEndian.Uint32(raw[8*i+4:])}
	}
	return out, err
}

// FinishExtraction forgets a snapshot's plan and keys: once it is finished
// nobody needs them. The room that they took is given back.
func (l *Ledger) FinishExtraction(source sih.SourceID) error {
	if err := l.forget(source); err != nil {
		return err
	}
	// A file that stays large is no reason to fail.
	_ = l.do("shrink", "VACUUM", nil)
	_ = l.do("shrink", "PRAGMA wal_checkpoint(TRUNCATE)", func(*sqlite.Stmt) {})
	return nil
}

func (l *Ledger) forget(source sih.SourceID) error {
	if err := l.do("forget chunks", "DELETE FROM extraction_chunk WHERE source = ?", nil, string(source)); err != nil {
		return err
	}
	return l.do("forget plan", "DELETE FROM extraction WHERE source = ?", nil, string(source))
}

// keyValue is a value of a key in JSON: a text, null, or bytes.
type keyValue struct {
	Text *string `json:"t,omitempty"`
	B64  *string `json:"b,omitempty"`
}

func writeKey(key extract.Row) []keyValue {
	out := make([]keyValue, len(key))
	for i, v := range key {
		switch {
		case v.Null:
		case v.Bytes || !utf8.ValidString(v.Text):
			text := base64.StdEncoding.EncodeToString([]byte(v.Text))
			out[i].B64 = &text
		default:
			out[i].Text = &v.Text
		}
	}
	return out
}

func readKey(text string) (extract.Row, error) {
	var values []keyValue
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, err
	}
	out := make(extract.Row, len(values))
	for i, v := range values {
		switch {
		case v.B64 != nil:
			raw, err := base64.StdEncoding.DecodeString(*v.B64)
			if err != nil {
				return nil, err
			}
			out[i] = sih.Raw{Text: string(raw), Bytes: true}
		case v.Text != nil:
			out[i] = sih.Text(*v.Text)
		default:
			out[i] = sih.Null
		}
	}
	return out, nil
}

// Schemas lists the source's tables as they were found.
func (p *Plan) Schemas() []extract.Table {
	out := make([]extract.Table, len(p.Tables))
	for i, t := range p.Tables {
		out[i] = t.Table
	}
	return out
}
