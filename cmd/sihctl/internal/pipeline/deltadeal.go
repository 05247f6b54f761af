package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// dealtPart is about how many rows lie in one part of what is dealt out, which
// is what is in memory at once, if all rows of a run differ.
const dealtPart = 1_000_000

// dealt holds rows on the disk, dealt out by the first bits of their ids: what
// pieces of work have lost, or have gained, so that a row that has only moved
// from one to another is found. Any goroutine may add.
type dealt struct {
	mu    sync.Mutex
	parts []*listFile
}

// dealtSize is the length of an entry: that of a list, the row's unit, and
// whether it is carried.
const dealtSize = listedSize + 4 + 1

// newDealt begins to deal out rows into files in dir, as many as a run of so
// many rows needs, and 256 at most.
func newDealt(dir, name string, rows int64) (*dealt, error) {
	d := &dealt{}
	for i := range min(rows/dealtPart+1, 256) {
		f, err := newListFile(filepath.Join(dir, fmt.Sprintf("%s.%03d", name, i)))
		if err != nil {
			d.close()
			return nil, fmt.Errorf("compare rows: %w", err)
		}
		d.parts = append(d.parts, f)
	}
	return d, nil
}

func (d *dealt) add(rows ...listedRow) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var buf [dealtSize]byte
	for _, r := range rows {
		b := binary.LittleEndian.AppendUint32(r.append(buf[:0]), r.unit)
		carried := byte(0)
		if r.carried {
			carried = 1
		}
		if _, err := d.parts[int(r.id[0])*len(d.parts)/256].Write(append(b, carried)); err != nil {
			return fmt.Errorf("compare rows: %w", err)
		}
	}
	return nil
}

// part reads a part, sorted by table and id.
func (d *dealt) part(i int) ([]listedRow, error) {
	f := d.parts[i]
	if err := f.w.Flush(); err != nil {
		return nil, fmt.Errorf("compare rows: %w", err)
	}
	data, err := os.ReadFile(f.f.Name())
	if err != nil {
		return nil, fmt.Errorf("compare rows: %w", err)
	}
	out := make([]listedRow, len(data)/dealtSize)
	for i := range out {
		entry := data[i*dealtSize:]
		if !out[i].parse(entry) {
			return nil, fmt.Errorf("compare rows: %s is damaged", f.f.Name())
		}
		out[i].unit, out[i].carried = binary.LittleEndian.Uint32(entry[listedSize:]), entry[dealtSize-1] == 1
	}
	slices.SortFunc(out, listedRow.compare)
	return out, nil
}

// close closes and removes the files.
func (d *dealt) close() error {
	var list []error
	for _, f := range d.parts {
		list = append(list, f.f.Close(), os.Remove(f.f.Name()))
	}
	d.parts = nil
	return errors.Join(list...)
}
