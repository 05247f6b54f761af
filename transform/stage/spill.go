package stage

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"unsafe"

	"github.com/sihctl/sih"
)

// Spill is a temporary file of entities, for work that needs another order
// than that of the chunks. It is written by one goroutine, then read.
type Spill struct {
	f   *os.File
	w   *bufio.Writer
	buf []byte
	n   int
}

// NewSpill makes a temporary file in dir. [Spill.Close] removes it.
func NewSpill(dir string) (*Spill, error) {
	f, err := os.CreateTemp(dir, ".spill-*")
	if err != nil {
		return nil, fmt.Errorf("spill: %w", err)
	}
	return &Spill{f: f, w: bufio.NewWriterSize(f, 64<<10)}, nil
}

// Add adds an entity; its facility is not kept.
func (s *Spill) Add(e *Entity) error {
	s.buf = appendEntity(s.buf[:0], e, 0)
	var head [binary.MaxVarintLen64]byte
	if _, err := s.w.Write(binary.AppendUvarint(head[:0], uint64(len(s.buf)))); err != nil {
		return fmt.Errorf("spill: %w", err)
	}
	if _, err := s.w.Write(s.buf); err != nil {
		return fmt.Errorf("spill: %w", err)
	}
	s.n++
	return nil
}

// All yields the entities in the order in which they were added; their values
// are the caller's to keep. A yielded error is the last value.
func (s *Spill) All() iter.Seq2[Entity, error] {
	return func(yield func(Entity, error) bool) {
		if err := s.w.Flush(); err != nil {
			yield(Entity{}, fmt.Errorf("spill: %w", err))
			return
		}
		in := bufio.NewReaderSize(io.NewSectionReader(s.f, 0, 1<<62), 256<<10)
		none := []string{""}
		for range s.n {
			size, err := binary.ReadUvarint(in)
			if err != nil {
				yield(Entity{}, fmt.Errorf("spill: %w", err))
				return
			}
			one := make([]byte, size)
			if _, err := io.ReadFull(in, one); err != nil {
				yield(Entity{}, fmt.Errorf("spill: %w", err))
				return
			}
			// The bytes are never written again, so that the text may share them.
			c := cursor{s: unsafe.String(unsafe.SliceData(one), len(one))}
			var e Entity
			c.entity(&e, sih.Tables, none, make([]sih.Value, 0, 48))
			if c.bad {
				yield(Entity{}, errors.New("spill: the temporary file is damaged"))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Close removes the file.
func (s *Spill) Close() error {
	return errors.Join(s.f.Close(), os.Remove(s.f.Name()))
}
