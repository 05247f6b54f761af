package simulate

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// registers are the workbooks of the health centres. Rows come for all of them
// in turn; each workbook's rows are kept in a file of its own until all are
// there, and the workbooks are written one after the other.
type registers struct {
	dir, spill string // the workbooks; the rows kept meanwhile
	seed       uint64
	rates      *Rates
	count      *Defects
	layout     Layout
	books      map[[2]int]*register
	order      []*register
	current    *register
	remark     string // stands beside the next row
}

// register is one centre's workbook of one year.
type register struct {
	facility *facility
	year     int
	base1904 bool
	buf      []byte
	path     string // of the kept rows, where there are any
}

// spillSize is what a workbook may keep in memory: there may be thousands.
const spillSize = 8 << 10

// turnTo makes the workbook of a centre and year the one that rows go to.
func (b *registers) turnTo(f *facility, year int) { b.current = b.book(f, year) }

func (b *registers) book(f *facility, year int) *register {
	k := [2]int{f.index, year}
	r := b.books[k]
	if r == nil {
		pick := rand.New(rand.NewPCG(b.seed, 1<<41+uint64(f.index)<<8+uint64(year-firstYear)))
		r = &register{facility: f, year: year, base1904: hit(pick, b.rates.Base1904), path: filepath.Join(b.spill, fmt.Sprintf("%04d_%d", f.index, year))}
		b.books[k] = r
		b.order = append(b.order, r)
	}
	return r
}

// serial returns a day's serial number in a workbook. Base 1900 counts a 29th
// of February 1900 that never was: its numbers are right from March 1900 on.
func (b *registers) serial(f *facility, year int, d sih.Date) int {
	if b.book(f, year).base1904 {
		return int(d) + 24107
	}
	return int(d) + 25569
}

// junk puts a remark beside the row that was just written.
func (b *registers) junk(g *generator, f *facility) {
	if hit(g.rand, b.rates.JunkCell) {
		b.remark = [...]string{"à vérifier", "voir Dr", "?", "doublon ?"}[g.rand.IntN(4)]
		b.count.JunkCells++
	}
}

type sheetTable struct {
	books *registers
	sheet byte
}

// Table begins a sheet of every register.
func (b *registers) Table(t extract.Table) (tableWriter, error) {
	for i, s := range b.layout.Tables {
		if s.Name == t.Name {
			return &sheetTable{b, byte(i)}, nil
		}
	}
	return nil, fmt.Errorf("no sheet %s in the layout", t.Name)
}

// Append adds a row to the register at hand.
func (t *sheetTable) Append(row extract.Row) error {
	r := t.books.current
	r.buf = append(r.buf, t.sheet)
	for _, v := range row {
		r.buf = binary.AppendUvarint(r.buf, uint64(len(v.Text)))
		r.buf = append(r.buf, v.Text...)
	}
	r.buf = binary.AppendUvarint(r.buf, uint64(len(t.books.remark)))
	r.buf = append(r.buf, t.books.remark...)
	t.books.remark = ""
	if len(r.buf) >= spillSize {
		return r.keep()
	}
	return nil
}

// Close does nothing: the registers are written together, at the end.
func (t *sheetTable) Close() error { return nil }

// keep appends the rows in memory to the workbook's file.
func (r *register) keep() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep rows of a register: %w", err)
	}
	_, err = f.Write(r.buf)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	r.buf = r.buf[:0]
	if err != nil {
		return fmt.Errorf("keep rows of a register: %w", err)
	}
	return nil
}

// write writes all workbooks, in the order in which they were begun.
func (b *registers) write(ctx context.Context) error {
	for _, r := range b.order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.keep(); err != nil {
			return err
		}
		name := fmt.Sprintf("ESSP_%s_%d.xlsx", r.facility.code, r.year)
		if err := b.workbook(r, filepath.Join(b.dir, name)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := os.Remove(r.path); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// workbook writes one workbook under a temporary name and renames it.
func (b *registers) workbook(r *register, path string) error {
	x := excelize.NewFile()
	defer x.Close()
	if r.base1904 {
		on := true
		if err := x.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}); err != nil {
			return err
		}
	}
	sheets := make([]*sheetWriter, len(b.layout.Tables))
	for i, t := range b.layout.Tables {
		if i == 0 {
			if err := x.SetSheetName("Sheet1", t.Name); err != nil {
				return err
			}
		} else if _, err := x.NewSheet(t.Name); err != nil {
			return err
		}
		sw, err := x.NewStreamWriter(t.Name)
		if err != nil {
			return err
		}
		sheets[i] = newSheetWriter(sw, t)
		if err := sheets[i].head(r); err != nil {
			return err
		}
	}
	if err := r.rows(func(sheet byte, cells []string) error { return sheets[sheet].row(cells) }); err != nil {
		return err
	}
	for _, s := range sheets {
		if err := s.foot(r); err != nil {
			return err
		}
	}
	packed, err := x.WriteToBuffer()
	if err != nil {
		return err
	}
	return inOrder(path, packed.Bytes())
}

// inOrder writes a workbook with its parts by name: excelize writes them in
// another order every time, and equal regions are to be equal files.
func inOrder(path string, packed []byte) error {
	parts, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	f, err := createFile(path)
	if err != nil {
		return err
	}
	slices.SortFunc(parts.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(f.w)
	for _, part := range parts.File {
		if err := out.Copy(part); err != nil {
			f.f.Close()
			return err
		}
	}
	if err := out.Close(); err != nil {
		f.f.Close()
		return err
	}
	return f.close()
}

// rows reads the kept rows back. The cells are good until the next call.
func (r *register) rows(each func(sheet byte, cells []string) error) error {
	f, err := os.Open(r.path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	layout := esspTables
	var cells []string
	for {
		sheet, err := in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		cells = cells[:0]
		for range len(layout[sheet].Columns) + 1 {
			n, err := binary.ReadUvarint(in)
			if err != nil {
				return err
			}
			text := make([]byte, n)
			if _, err := io.ReadFull(in, text); err != nil {
				return err
			}
			cells = append(cells, string(text))
		}
		if err := each(sheet, cells); err != nil {
			return err
		}
	}
}

var esspTables = esspLayout().Tables
