package csvfile

import (
	"fmt"
	"path"
	"strings"
)

// Error tells why a file, or a folder, cannot be read as tables. It never
// holds a value: a file without a header would show a patient as its columns,
// so columns of a file are named by their position.
type Error struct {
	File   string // below the folder; empty where the folder itself is concerned
	Err    error
	advice string
}

// Error names the file and what is wrong.
func (e *Error) Error() string {
	if e.File == "" {
		return "read csv: " + e.Err.Error()
	}
	return fmt.Sprintf("read %s: %v", e.File, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it, or nothing.
func (e *Error) Hint() string { return e.advice }

func faultf(file, hint, format string, args ...any) *Error {
	return &Error{File: file, Err: fmt.Errorf(format, args...), advice: hint}
}

// foreign is a kind of file that is often sent in place of text.
type foreign struct {
	name  string
	magic []string // what such files begin with
	ext   []string
	hint  string // with %s for the file's name
}

const toSheet = "read it as a spreadsheet (driver: xlsx), or convert it: soffice --headless --convert-to csv:\"Text - txt - csv (StarCalc)\":59,34,76 %s"

var foreigners = []foreign{
	{"an Access database", []string{"\x00\x01\x00\x00Standard Jet DB", "\x00\x01\x00\x00Standard ACE DB"}, []string{".mdb", ".accdb"},
		"export each table: mdb-tables -1 %[1]s, then mdb-export %[1]s TABLE > TABLE.csv"},
	{"an old Excel workbook", []string{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"}, []string{".xls"},
		"convert it and read it as a spreadsheet (driver: xlsx): soffice --headless --convert-to xlsx %s"},
	{"a workbook or another zip archive", []string{"PK\x03\x04", "PK\x05\x06"}, []string{".xlsx", ".xlsm", ".ods", ".zip"}, toSheet},
	{"a dBase table", nil, []string{".dbf"},
		"convert it: soffice --headless --convert-to csv:\"Text - txt - csv (StarCalc)\":59,34,76 %s"},
	{"compressed", []string{"\x1f\x8b", "\x28\xb5\x2f\xfd", "7z\xbc\xaf\x27\x1c"}, []string{".gz", ".zst", ".7z"}, "unpack it first"},
	{"a PDF document", []string{"%PDF-"}, []string{".pdf"}, "ask for the data as text"},
}

// refuse returns an error where a file's name or first bytes say that it is
// no text.
func refuse(file string, head []byte) error {
	ext := strings.ToLower(path.Ext(file))
	for _, f := range foreigners {
		is := false
		for _, m := range f.magic {
			is = is || strings.HasPrefix(string(head), m)
		}
		for _, e := range f.ext {
			is = is || e == ext
		}
		if is {
			return faultf(file, f.advise(file), "it is %s, not delimited text", f.name)
		}
	}
	return nil
}

func (f foreign) advise(file string) string {
	if !strings.Contains(f.hint, "%") {
		return f.hint
	}
	return fmt.Sprintf(f.hint, file)
}
