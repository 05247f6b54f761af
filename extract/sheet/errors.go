package sheet

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Why a file is refused. An [*Error] wraps them.
var (
	ErrMacros        = errors.New("it holds macros")
	ErrExternalLinks = errors.New("it has links to other files")
	ErrEncrypted     = errors.New("it is protected by a password")
	ErrTooLarge      = errors.New("it unpacks to more than is allowed")
	ErrNotWorkbook   = errors.New("it is no xlsx workbook")
	ErrDamaged       = errors.New("it is damaged")
)

// Error tells why a workbook, or a folder, cannot be read as tables. It never
// holds a value.
type Error struct {
	File   string // below the folder; empty where the folder itself is concerned
	Sheet  string // empty where the whole workbook is concerned
	Err    error
	advice string
}

// Error names the file, the sheet and what is wrong.
func (e *Error) Error() string {
	switch {
	case e.File == "":
		return "read xlsx: " + e.Err.Error()
	case e.Sheet == "":
		return fmt.Sprintf("read %s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("read %s, sheet %q: %v", e.File, e.Sheet, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it, or nothing.
func (e *Error) Hint() string { return e.advice }

func faultf(file, sheet, hint, format string, args ...any) *Error {
	return &Error{File: file, Sheet: sheet, Err: fmt.Errorf(format, args...), advice: hint}
}

// at adds the place to an error, unless it has one or is none.
func at(file, sheet string, err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{File: file, Sheet: sheet, Err: err}
}

const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// refuse returns an error where a file's name or first bytes say that it is
// no xlsx workbook.
func refuse(file string, head []byte) error {
	toXLSX := "convert it: soffice --headless --convert-to xlsx " + file
	ext := strings.ToLower(path.Ext(file))
	switch {
	case ext == ".xlsm" || ext == ".xltm" || ext == ".xlam":
		return &Error{File: file, Err: ErrMacros, advice: toXLSX}
	case ext == ".xls" || ext == ".xlsb" || ext == ".ods":
		return &Error{File: file, Err: fmt.Errorf("%w but %s", ErrNotWorkbook, ext), advice: toXLSX}
	case ext == ".dbf":
		return &Error{File: file, Err: fmt.Errorf("%w but a dBase table", ErrNotWorkbook), advice: toXLSX}
	case ext == ".mdb" || ext == ".accdb":
		return &Error{File: file, Err: fmt.Errorf("%w but an Access database", ErrNotWorkbook),
			advice: fmt.Sprintf("export each table: mdb-tables -1 %[1]s, then mdb-export %[1]s TABLE > TABLE.csv, and read it with driver: csv", file)}
	case strings.HasPrefix(string(head), oleMagic):
		return &Error{File: file, Err: fmt.Errorf("%w, or an old .xls under another name", ErrEncrypted),
			advice: "open it with its password and save it without one, or " + toXLSX}
	case head != nil && !strings.HasPrefix(string(head), "PK"):
		return &Error{File: file, Err: ErrNotWorkbook}
	}
	return nil
}
