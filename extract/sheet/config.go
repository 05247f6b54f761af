package sheet

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// allWorkbooks is the pattern of files where none is given.
const allWorkbooks = "*.xlsx"

// Config says where the workbooks are and which tables they make. The zero
// value reads every *.xlsx file of the working directory.
type Config struct {
	// Dir is the folder that all other names are below.
	Dir string
	// Files is the pattern, in the sense of path.Match and whatever the case,
	// of the workbooks; empty stands for *.xlsx, and refuses a folder that
	// holds workbooks or databases of other kinds too. Files that Excel and
	// LibreOffice make while a workbook is open (~$…, .~lock.…) are none.
	Files string
	// Tables names tables; sheets of no table are then not read. Without it
	// each name that a sheet has, if anything is on it, is a table.
	Tables map[string]Table
	// MaxUnzipped is how many bytes one workbook may unpack to; 0 stands for 8
	// GiB.
	MaxUnzipped int64
}

// Table says which sheets make a table.
type Table struct {
	// Sheets are patterns of sheet names, in the sense of path.Match, compared
	// without case, accents, blanks and punctuation. Empty stands for the
	// table's name.
	Sheets []string
	// Header lists columns that every sheet must have, by which its header is
	// found.
	Header []string
}

func (c *Config) complete() (Config, error) {
	out := *c
	if out.Dir == "" {
		out.Dir = "."
	}
	if out.Files == "" {
		out.Files = allWorkbooks
	}
	if out.MaxUnzipped == 0 {
		out.MaxUnzipped = defaultMaxUnzipped
	}
	if out.MaxUnzipped < 0 {
		return out, faultf("", "", "", "max_unzipped is negative")
	}
	patterns := []string{out.Files}
	for name, t := range out.Tables {
		if name == "" {
			return out, faultf("", "", "", "a table without a name")
		}
		patterns = append(patterns, t.Sheets...)
	}
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return out, faultf("", "", "", "pattern %q: %w", p, err)
		}
	}
	return out, nil
}

// tableOf returns the table that a sheet belongs to, or nothing.
func (c *Config) tableOf(sheet string) (name string, err error) {
	if len(c.Tables) == 0 {
		return sheet, nil
	}
	for table, t := range c.Tables {
		patterns := t.Sheets
		if len(patterns) == 0 {
			patterns = []string{table}
		}
		for _, p := range patterns {
			if ok, _ := path.Match(foldKeeping(p, `*?[]-^\`), fold(sheet)); !ok {
				continue
			}
			if name != "" && name != table {
				return "", faultf("", sheet, "", "it would be read twice, for the tables %q and %q", min(name, table), max(name, table))
			}
			name = table
		}
	}
	return name, nil
}

// workbooks returns the files, by name.
func (c *Config) workbooks() ([]string, error) {
	var files, others []string
	depth := strings.Count(c.Files, "/")
	err := fs.WalkDir(os.DirFS(c.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if name != "." && strings.Count(name, "/") >= depth {
				return fs.SkipDir
			}
			return nil
		case strings.HasPrefix(base, "~$") || strings.HasPrefix(base, ".~lock"):
			return nil
		}
		if ok, _ := path.Match(strings.ToLower(c.Files), strings.ToLower(name)); ok {
			files = append(files, name)
		} else {
			others = append(others, name)
		}
		return nil
	})
	if err != nil {
		return nil, &Error{Err: err}
	}
	slices.Sort(others)
	if c.Files == allWorkbooks {
		// A register that another program saved must not stay out unnoticed.
		for _, f := range others {
			if err, ok := refuse(f, nil).(*Error); ok {
				return nil, err
			}
		}
	}
	if len(files) == 0 {
		for _, f := range others {
			if err, ok := refuse(f, nil).(*Error); ok {
				return nil, faultf("", "", err.advice, "no file in %s matches %s; there is %s: %w", c.Dir, c.Files, f, err.Err)
			}
		}
		return nil, faultf("", "", "", "no file in %s matches %s", c.Dir, c.Files)
	}
	slices.Sort(files)
	return files, nil
}
