package workbook

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// list writes a sheet without totals, a line for each value, as many as the
// limit allows; those beyond are counted, and stand in a file beside the
// workbook with the others.
func list[T any](b *book, tab string, values iter.Seq2[T, error], line func(T) []any, cols ...column) error {
	s, err := b.openList(tab, cols...)
	if err != nil {
		return err
	}
	if values != nil {
		for v, err := range values {
			if err != nil {
				return err
			}
			if _, err := s.item(line(v)...); err != nil {
				return err
			}
		}
	}
	return s.closeList(tab)
}

// wholeList is a list as delimited text. It is written from the first line on, and
// kept if the list turns out to be longer than its sheet.
type wholeList struct {
	file *os.File
	buf  *bufio.Writer
	text *delimited
	sum  hash.Hash
}

// openList begins the sheet of a list of which nobody knows how long it is.
func (b *book) openList(tab string, cols ...column) (*sheet, error) {
	s, err := b.open(tab, -1, cols...)
	if err != nil {
		return nil, err
	}
	if err := s.totals(nil); err != nil {
		return nil, err
	}
	if b.DetailDir == "" || b.given(tab) {
		return s, nil
	}
	w := &wholeList{sum: sha256.New()}
	if w.file, err = os.OpenFile(filepath.Join(b.tmp, tab+".csv"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	s.whole = w
	b.lists = append(b.lists, w)
	w.buf = bufio.NewWriter(io.MultiWriter(w.file, w.sum))
	w.text, err = b.delimit(w.buf, cols)
	return s, err
}

// given tells whether the caller has files for the list: those of rejects go by
// facility.
func (b *book) given(tab string) bool { return tab == tabRejectRows && len(b.Content.Details) > 0 }

// item adds a line to a list, and returns its row, or 0 where the sheet holds no
// more.
func (s *sheet) item(values ...any) (row int, err error) {
	s.items++
	if s.whole != nil {
		if err := s.whole.text.write(values); err != nil {
			return 0, err
		}
	}
	if s.items > int64(s.b.Limit) {
		return 0, nil
	}
	row = s.row
	return row, s.add(values...)
}

// closeList ends a list. Where its sheet holds only a part, it says how much is
// missing and where all of it is.
func (s *sheet) closeList(tab string) error {
	b := s.b
	shown := min(s.items, int64(b.Limit))
	b.details = append(b.details, detail{tab, s.items, shown})
	file, err := s.keep(tab, s.items > shown)
	if err != nil {
		return err
	}
	if s.items > shown {
		note := fmt.Sprintf(b.words["more"], s.items-shown, b.Limit)
		switch {
		case file != "":
			note += " · " + fmt.Sprintf(b.words["more.file"], file)
		case b.given(tab):
			note += " · " + b.words["more.files"]
		}
		if err := s.more(note); err != nil {
			return err
		}
	}
	return s.close()
}

// keep puts the list's file where it stays, if it is to, and returns its name.
func (s *sheet) keep(tab string, stays bool) (name string, err error) {
	w := s.whole
	if w == nil {
		return "", nil
	}
	if err = w.text.flush(); err == nil {
		err = w.buf.Flush()
	}
	if err == nil && stays {
		err = w.file.Sync()
	}
	if e := w.file.Close(); err == nil {
		err = e
	}
	if err != nil || !stays {
		return "", err
	}
	if err := os.MkdirAll(s.b.DetailDir, 0o700); err != nil {
		return "", err
	}
	if err := os.Rename(w.file.Name(), filepath.Join(s.b.DetailDir, tab+".csv")); err != nil {
		return "", err
	}
	name = filepath.Base(s.b.DetailDir) + "/" + tab + ".csv"
	s.b.files = append(slices.Clip(s.b.files), Detail{Name: name, Hash: hex.EncodeToString(w.sum.Sum(nil)), Rows: s.items})
	return name, nil
}
