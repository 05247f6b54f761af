package simulate

import (
	"math/rand/v2"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/sihctl/sih/extract"
)

// csvDatabase writes one delimited file a table: semicolons, cp1252, CRLF,
// quotes where they are needed; and a few of the lines that such exports get
// wrong.
type csvDatabase struct {
	dir   string
	rand  *rand.Rand
	rates *Rates
	count *Defects
	files []*file
}

// abandon lets go of the files of a region that came to nothing.
func (db *csvDatabase) abandon() {
	for _, f := range db.files {
		f.f.Close() // an error of a file that is thrown away says nothing
	}
}

type csvTable struct {
	db    *csvDatabase
	file  *file
	line  []byte
	clean bool // small tables, whose every row hangs on, stay whole
}

// Table begins a file.
func (db *csvDatabase) Table(t extract.Table) (tableWriter, error) {
	f, err := createFile(filepath.Join(db.dir, t.Name+".csv"))
	if err != nil {
		return nil, err
	}
	db.files = append(db.files, f)
	c := &csvTable{db: db, file: f}
	switch t.Name {
	case "ETABLISSEMENT", "UF", "PERSONNEL", "LIT", "PRODUIT", "EQUIPEMENT", "INTERVENTION", "STOCK":
		c.clean = true
	}
	for i, col := range t.Columns {
		if i > 0 {
			f.w.WriteByte(';')
		}
		f.w.WriteString(col.Name)
	}
	_, err = f.w.WriteString("\r\n")
	return c, err
}

// Append writes a line, now and then with a fault of its own.
func (c *csvTable) Append(row extract.Row) error {
	b := c.line[:0]
	for i, v := range row {
		if i > 0 {
			b = append(b, ';')
		}
		b = appendField(b, v.Text)
	}
	db := c.db
	if r := db.rand; !c.clean {
		switch {
		case hit(r, db.rates.DuplicateKey):
			b = append(append(b, "\r\n"...), b...)
			db.count.DuplicateKeys++
		case hit(r, db.rates.Ragged):
			db.count.Ragged++
			if r.IntN(2) == 0 {
				b = append(b, ";;"...)
			} else {
				b = b[:strings.LastIndexByte(string(b), ';')]
			}
		case hit(r, db.rates.OpenQuote):
			db.count.OpenQuotes++
			i := strings.LastIndexByte(string(b), ';') + 1
			b = append(b[:i:i], append([]byte(`"`), b[i:]...)...)
		}
	}
	b = append(b, "\r\n"...)
	c.line = b
	_, err := c.file.w.Write(b)
	return err
}

// appendField writes a field in cp1252; what it lacks becomes a question mark.
func appendField(b []byte, s string) []byte {
	quote := strings.ContainsAny(s, ";\"\n")
	if quote {
		b = append(b, '"')
	}
	for _, r := range s {
		if r == '"' {
			b = append(b, '"')
		}
		if r < 0x80 {
			b = append(b, byte(r))
			continue
		}
		code, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			code = '?'
		}
		b = append(b, code)
	}
	if quote {
		b = append(b, '"')
	}
	return b
}

// Close finishes the file.
func (c *csvTable) Close() error { return c.file.close() }
