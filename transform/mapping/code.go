package mapping

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// CodeList translates a source's codes. It is a CSV file with the columns
// code, label, target, status (approved or draft) and approver, and system
// where its targets are codes of several systems.
type CodeList struct {
	Name  string
	codes map[string]Code
}

// Code is the translation of one code.
type Code struct {
	Code, Label, Target, Status, By, System string
}

// gives returns what a field takes of the list.
func (c *Code) gives(what string) string {
	switch what {
	case "system":
		return c.System
	case "label":
		return c.Label
	}
	return c.Target
}

const codeTitle = "code,label,target,status,approver"

// loadCodes reads a code list. A code is looked up without surrounding blanks
// and, where it is not there as it is written, without regard to case.
func loadCodes(fsys fs.FS, name string) (*CodeList, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read code list: %w", err)
	}
	defer f.Close()
	l := &CodeList{Name: name, codes: map[string]Code{}}
	r := csv.NewReader(f)
	head, err := r.Read()
	if title := strings.TrimPrefix(strings.Join(head, ","), "\ufeff"); err != nil || title != codeTitle && title != codeTitle+",system" {
		return nil, &Error{name, 1, 1, errors.New("the first line must be " + codeTitle + ", and may go on with ,system")}
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return l, nil
		}
		var csvErr *csv.ParseError
		if errors.As(err, &csvErr) {
			return nil, &Error{name, csvErr.Line, csvErr.Column, csvErr.Err}
		}
		if err != nil {
			return nil, fmt.Errorf("read code list %s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		c := Code{strings.TrimSpace(row[0]), row[1], strings.TrimSpace(row[2]), row[3], row[4], ""}
		if len(row) > 5 {
			c.System = strings.TrimSpace(row[5])
		}
		if c.Status != "approved" && c.Status != "draft" {
			return nil, &Error{name, line, 1, fmt.Errorf("status of a code is %q: approved or draft is wanted", c.Status)}
		}
		if _, dup := l.codes[c.Code]; dup {
			return nil, &Error{name, line, 1, fmt.Errorf("code %q stands here twice", c.Code)}
		}
		l.codes[c.Code] = c
		if low := strings.ToLower(c.Code); low != c.Code {
			if _, taken := l.codes[low]; !taken {
				l.codes[low] = c
			}
		}
	}
}

// Lookup translates a code.
func (l *CodeList) Lookup(code string) (Code, bool) {
	code = strings.TrimSpace(code)
	c, ok := l.codes[code]
	if !ok {
		c, ok = l.codes[strings.ToLower(code)]
	}
	return c, ok
}

// Codes lists the codes, sorted.
func (l *CodeList) Codes() []Code {
	var out []Code
	for key, c := range l.codes {
		if key == c.Code { // not the second entry in small letters
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Code) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// LoadCodes reads the code lists of a system: the *.csv in the folder codes of
// fsys, by their names as mappings give them.
func LoadCodes(fsys fs.FS) (map[string]*CodeList, error) {
	names, err := fs.Glob(fsys, "codes/*.csv")
	if err != nil {
		return nil, err
	}
	out := map[string]*CodeList{}
	for _, name := range names {
		if out[name], err = loadCodes(fsys, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}
