package sih

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// SourceID names a source as the config does.
type SourceID string

// Raw is one field of a record exactly as its source left it. The zero value
// is an empty text.
type Raw struct {
	// Text is the source's lossless text of the value. Where Bytes is set it
	// holds bytes that do not decode to text under the source's own code page.
	Text string
	// Null is set where the source holds no value; Text is then empty.
	Null bool
	// Bytes is set where Text is not valid text.
	Bytes bool
}

// Null is the field that holds no value.
var Null = Raw{Null: true}

// Text returns the field that holds s.
func Text(s string) Raw { return Raw{Text: s} }

// Empty tells whether the field is NULL or holds only blanks.
func (r Raw) Empty() bool { return r.Null || strings.TrimSpace(r.Text) == "" }

// Ref says where a record stands. It is safe to print: the key, which may be
// a document's number, shows only as a hash.
type Ref struct {
	Source SourceID
	Table  string // the source's name of it
	Key    string // see [JoinKey]; empty while the key is not known
	Chunk  int    // number of the snapshot chunk within its table, from 0
	Row    int    // number of the row within its chunk, from 0
}

// String names the row without showing its key.
func (r Ref) String() string {
	s := fmt.Sprintf("%s/%s chunk %d row %d", r.Source, r.Table, r.Chunk, r.Row+1)
	if r.Key != "" {
		s += " key#" + HashKey(r.Key)
	}
	return s
}

// HashKey returns a short name of a key that may be printed. Who has the key
// can compute it again; it cannot be read back where keys are many.
func HashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:5])
}
