package simulate

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// file is a file under a temporary name until it is whole.
type file struct {
	path string
	f    *os.File
	w    *bufio.Writer
}

func createFile(path string) (*file, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	return &file{path: path, f: f, w: bufio.NewWriterSize(f, 64<<10)}, nil
}

// close writes what is left and gives the file its name.
func (f *file) close() error {
	err := f.w.Flush()
	if cerr := f.f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.path+".tmp", f.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(f.path), err)
	}
	return nil
}

// truth says whose each patient record is.
type truth struct {
	file   *file
	tables [systems]string
	buf    []byte
	traps  map[string]int
}

func newTruth(path string) (*truth, error) {
	f, err := createFile(path)
	if err != nil {
		return nil, err
	}
	t := &truth{file: f, traps: map[string]int{}, tables: [systems]string{"patient", "dbo.PACIENTES", "PATIENT", "dbo.HASTA", "Fichier patients"}}
	f.w.WriteString("source,table,key,person,trap\n")
	return t, nil
}

// add writes a record's line. Errors stay in the writer until close.
func (t *truth) add(rec *record) {
	b := append(t.buf[:0], systemNames[rec.system]...)
	b = append(append(b, ','), t.tables[rec.system]...)
	b = append(append(b, ','), rec.key...) // keys here have no comma or quote
	b = strconv.AppendInt(append(b, ','), int64(rec.number), 10)
	b = append(append(append(b, ','), rec.trap...), '\n')
	t.buf = b
	t.file.w.Write(b)
	if rec.trap != "" {
		t.traps[rec.trap]++
	}
}

// writeFacilities writes the master list of the region's facilities.
func writeFacilities(path string, w *world) error {
	f, err := createFile(path)
	if err != nil {
		return err
	}
	line := func(cells ...string) {
		for i, c := range cells {
			if strings.ContainsAny(c, ",\"\n") {
				c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
			}
			if i > 0 {
				f.w.WriteByte(',')
			}
			f.w.WriteString(c)
		}
		f.w.WriteByte('\n')
	}
	line("code", "kind", "parent", "name_fr", "name_ar", "commune", "province", "region", "active", "local_codes")
	for i, reg := range regions {
		line(fmt.Sprintf("R%02d", i+1), "region", "", reg.name, "", "", "", reg.name, "1", "")
	}
	for s := range systems {
		kind := "hospital"
		if s == essp {
			kind = "health-centre"
		}
		for _, fac := range w.facilities[s] {
			c := fac.place()
			line(fac.master, kind, fmt.Sprintf("R%02d", fac.region+1), fac.name, fac.arabic, c.name, c.province, regions[fac.region].name, "1", s.String()+":"+fac.code)
		}
	}
	return f.close()
}
