package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
)

// archive is the zip file that a workbook is. The library hands over a
// workbook's parts in any order; an archive keeps them, compressed, and writes
// them sorted by name and under one time, so that equal parts give equal
// bytes.
type archive struct {
	dst      io.Writer
	modified time.Time
	parts    []*part
}

// part is one file of the archive, compressed.
type part struct {
	name string
	data bytes.Buffer
	size uint64
	sum  hash.Hash32
	zw   *flate.Writer
}

// contentTypes is the part in which the library lists, once there is a drawing,
// the extensions of pictures in any order.
const contentTypes = "[Content_Types].xml"

var defaultType = regexp.MustCompile(`<Default [^>]*>(</Default>)?`)

// sortTypes puts the extensions in order.
func sortTypes(xml []byte) []byte {
	list := defaultType.FindAll(xml, -1)
	slices.SortFunc(list, bytes.Compare)
	n := 0
	return defaultType.ReplaceAllFunc(xml, func([]byte) []byte { n++; return list[n-1] })
}

// numberScales has charts over a scale of numbers refer to numbers: the library
// calls them texts, of which some programs take the first for 1, the second for
// 2.
func numberScales(xml []byte) []byte {
	xml = bytes.ReplaceAll(xml, []byte("<xVal><strRef>"), []byte("<xVal><numRef>"))
	return bytes.ReplaceAll(xml, []byte("</strRef></xVal>"), []byte("</numRef></xVal>"))
}

// Write compresses p.
func (f *part) Write(p []byte) (int, error) {
	switch { // the library writes a part at once
	case f.name == contentTypes:
		p = sortTypes(p)
	case strings.HasPrefix(f.name, "xl/charts/chart"):
		p = numberScales(p)
	}
	n, err := f.zw.Write(p)
	f.size += uint64(n)
	f.sum.Write(p[:n])
	return n, err
}

// Create begins the part of that name and ends the one before.
func (a *archive) Create(name string) (io.Writer, error) {
	if err := a.end(); err != nil {
		return nil, err
	}
	f := &part{name: name, sum: crc32.NewIEEE()}
	zw, err := flate.NewWriter(&f.data, 5)
	if err != nil {
		return nil, err
	}
	f.zw = zw
	a.parts = append(a.parts, f)
	return f, nil
}

func (a *archive) end() error {
	if len(a.parts) == 0 {
		return nil
	}
	f := a.parts[len(a.parts)-1]
	if f.zw == nil {
		return nil
	}
	err := f.zw.Close()
	f.zw = nil
	return err
}

// AddFS is part of the library's interface; it never calls it.
func (a *archive) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes the archive.
func (a *archive) Close() error {
	if err := a.end(); err != nil {
		return err
	}
	slices.SortFunc(a.parts, func(x, y *part) int { return strings.Compare(x.name, y.name) })
	zw := zip.NewWriter(a.dst)
	for _, f := range a.parts {
		h := &zip.FileHeader{
			Name: f.name, Method: zip.Deflate, Modified: a.modified,
			CRC32: f.sum.Sum32(), CompressedSize64: uint64(f.data.Len()), UncompressedSize64: f.size,
		}
		w, err := zw.CreateRaw(h)
		if err != nil {
			return err
		}
		if _, err := f.data.WriteTo(w); err != nil {
			return err
		}
	}
	return zw.Close()
}
