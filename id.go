package sih

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// ID identifies an entity. It derives from where the entity comes from, so
// that the same record has the same id in every run and on every machine.
// The zero ID identifies nothing.
type ID [16]byte

// idAlphabet is Crockford's base 32 in lower case: no letter that reads as a
// digit, and the order of the text is the order of the bytes.
const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// IDLength is the length of an ID as text.
const IDLength = 26

var idDigit = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range len(idAlphabet) {
		t[idAlphabet[i]] = int8(i)
	}
	return t
}()

// NewID derives the id of the entity that the record with the given key, in
// the given table of a source, yields for a unified table and slot. It is the
// first half of a SHA-256 over the parts, each led by its length, so that no
// two lists of parts run together.
func NewID(source, sourceTable, key, table, slot string) ID {
	var buf [256]byte
	b := buf[:0]
	for _, p := range [...]string{source, sourceTable, key, table, slot} {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return ID(sum[:16])
}

// IsZero tells whether id identifies nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String returns id as 26 characters of Crockford's base 32.
func (id ID) String() string {
	return string(id.AppendText(make([]byte, 0, IDLength)))
}

// AppendText appends the 26 characters of id to b.
func (id ID) AppendText(b []byte) []byte {
	hi := binary.BigEndian.Uint64(id[:8])
	lo := binary.BigEndian.Uint64(id[8:])
	// 128 bits are 26 digits of five bits, of which the first holds three.
	for shift := 125; shift >= 0; shift -= 5 {
		var v uint64
		switch {
		case shift >= 64:
			v = hi >> (shift - 64)
		case shift > 59:
			v = hi<<(64-shift) | lo>>shift
		default:
			v = lo >> shift
		}
		b = append(b, idAlphabet[v&31])
	}
	return b
}

// ParseID reads the text form of an id.
func ParseID(s string) (ID, error) {
	if len(s) != IDLength {
		return ID{}, fmt.Errorf("an id has %d characters, not %d", IDLength, len(s))
	}
	var hi, lo uint64
	for i := range len(s) {
		d := idDigit[s[i]]
		if d < 0 || i == 0 && d > 7 {
			return ID{}, fmt.Errorf("character %d of the id is not a digit of base 32", i+1)
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(d)
	}
	var id ID
	binary.BigEndian.PutUint64(id[:8], hi)
	binary.BigEndian.PutUint64(id[8:], lo)
	return id, nil
}

var keyEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// JoinKey writes a record's key as one text: its parts in order, separated by
// "|", in which "|" and "\" are escaped by "\".
func JoinKey(parts ...string) string {
	if len(parts) == 1 && !strings.ContainsAny(parts[0], `\|`) {
		return parts[0]
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(keyEscaper.Replace(p))
	}
	return b.String()
}
