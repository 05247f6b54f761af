package sheet

import (
	"encoding/binary"
	"fmt"
	"io"
	"sort"

	"github.com/klauspost/compress/zstd"
)

// The shared strings of a workbook are what a large one takes memory for.
// They are kept in blocks; what is past plainBlocks is compressed, and cached
// when asked for: a sheet asks for strings mostly in the order in which they
// first appear. No file on disk gets to hold them.
const (
	blockSize    = 16 << 10 // small, for sheets that were sorted after their strings were numbered
	plainBlocks  = 2048     // 32 MiB
	cachedBlocks = 512      // 8 MiB
)

// block holds consecutive strings.
type block struct {
	first  int    // number of its first string
	packed []byte // compressed, each string after its length
	opened *opened
}

// opened is a block whose strings can be read.
type opened struct {
	text string
	ends []uint32
}

func (o *opened) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = o.ends[i-1]
	}
	return o.text[start:o.ends[i]]
}

// sharedStrings is a workbook's table of strings.
type sharedStrings struct {
	n      int
	blocks []*block
	cached []*block // ring of the compressed ones that are open
	hand   int
	enc    *zstd.Encoder
	dec    *zstd.Decoder

	text []byte // of the block being filled
	ends []uint32
}

// at returns the string of a number.
func (s *sharedStrings) at(i int) (string, error) {
	if i < 0 || i >= s.n {
		return "", fmt.Errorf("%w: a cell has a shared string that is not there", ErrDamaged)
	}
	k := sort.Search(len(s.blocks), func(k int) bool { return s.blocks[k].first > i }) - 1
	b := s.blocks[k]
	if b.opened == nil {
		if err := s.open(b); err != nil {
			return "", err
		}
	}
	return b.opened.at(i - b.first), nil
}

func (s *sharedStrings) open(b *block) error {
	flat, err := s.dec.DecodeAll(b.packed, nil)
	if err != nil {
		return fmt.Errorf("unpack shared strings: %w", err)
	}
	o := &opened{}
	text := flat[:0]
	for len(flat) > 0 {
		n, size := binary.Uvarint(flat)
		text = append(text, flat[size:size+int(n)]...)
		flat = flat[size+int(n):]
		o.ends = append(o.ends, uint32(len(text)))
	}
	o.text = string(text)
	b.opened = o
	if len(s.cached) < cachedBlocks {
		s.cached = append(s.cached, b)
		return nil
	}
	s.cached[s.hand].opened = nil
	s.cached[s.hand] = b
	s.hand = (s.hand + 1) % cachedBlocks
	return nil
}

func (s *sharedStrings) add(text []byte) error {
	s.text = append(s.text, text...)
	s.ends = append(s.ends, uint32(len(s.text)))
	s.n++
	if len(s.text) < blockSize && len(s.ends) < blockSize/4 {
		return nil
	}
	return s.seal()
}

// seal ends the block being filled.
func (s *sharedStrings) seal() error {
	if len(s.ends) == 0 {
		return nil
	}
	b := &block{first: s.n - len(s.ends)}
	s.blocks = append(s.blocks, b)
	o := &opened{text: string(s.text), ends: s.ends}
	s.text, s.ends = s.text[:0], nil
	if len(s.blocks) <= plainBlocks {
		b.opened = o
		return nil
	}
	if s.enc == nil {
		var err error
		if s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(2*blockSize)); err != nil {
			return err
		}
		if s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20)); err != nil {
			return err
		}
	}
	flat := make([]byte, 0, len(o.text)+2*len(o.ends))
	for i := range o.ends {
		t := o.at(i)
		flat = append(binary.AppendUvarint(flat, uint64(len(t))), t...)
	}
	b.packed = s.enc.EncodeAll(flat, nil)
	b.packed = append([]byte(nil), b.packed...) // without spare room
	return nil
}

// readShared reads the strings of sharedStrings.xml, but no more than the
// given number of them.
func readShared(src io.Reader, limit int) (*sharedStrings, error) {
	s := &sharedStrings{}
	t := newTokens(src)
	var text textReader
	for s.n < limit {
		kind, err := t.next()
		if err != nil {
			return nil, err
		}
		if kind == tokenEOF {
			break
		}
		if kind != tokenStart || string(t.name) != "si" {
			continue
		}
		if err := text.read(t, "si"); err != nil {
			return nil, err
		}
		if err := s.add(text.buf); err != nil {
			return nil, err
		}
	}
	if s.enc != nil {
		defer s.enc.Close()
	}
	return s, s.seal()
}

func (s *sharedStrings) close() {
	if s.dec != nil {
		s.dec.Close()
	}
}
