package csvfile

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
)

// The columns that the reader adds to each table.
const (
	FileColumn = "_file"
	LineColumn = "_line"
)

// table is a table as it was planned: its files and its columns, those of the
// reader not among them.
type table struct {
	name    string
	files   []string
	columns []string
}

func (t *table) declare() extract.Table {
	out := extract.Table{Name: t.name}
	for _, name := range append(slices.Clone(t.columns), FileColumn, LineColumn) {
		out.Columns = append(out.Columns, extract.Column{Name: name, Type: "text"})
	}
	return out
}

// find assigns the folder's files to tables, sorted by name.
func find(dir string, groups []group) ([]*table, error) {
	files, err := list(dir, depth(groups))
	if err != nil {
		return nil, &Error{Err: err}
	}
	owner := map[string]string{} // file -> table
	byName := map[string]*table{}
	var tables []*table
	add := func(name, file string) {
		t := byName[name]
		if t == nil {
			t = &table{name: name}
			byName[name] = t
			tables = append(tables, t)
		}
		t.files = append(t.files, file)
		owner[file] = name
	}
	for _, g := range groups {
		found := false
		for _, f := range files {
			if !g.matches(f) {
				continue
			}
			found = true
			name := g.table
			if name == "" {
				name = strings.TrimSuffix(f, path.Ext(f))
				if owner[f] != "" {
					continue // a named table has it
				}
				if byName[name] != nil {
					return nil, faultf(f, "name the table's files under tables:", "another file makes the table %q too", name)
				}
			}
			if o := owner[f]; o != "" {
				return nil, faultf(f, "make the patterns under tables: narrower", "it would be read twice, for the tables %q and %q", o, name)
			}
			add(name, f)
		}
		if !found {
			return nil, missing(dir, g.patterns, files)
		}
	}
	slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	return tables, nil
}

// missing is the error that no file matches; where there are files of another
// kind it says how to make them readable.
func missing(dir string, patterns, files []string) error {
	for _, f := range files {
		if err, ok := refuse(f, nil).(*Error); ok {
			return faultf("", err.advice, "no file in %s matches %s; there is %s", dir, strings.Join(patterns, ", "), f)
		}
	}
	return faultf("", "", "no file in %s matches %s", dir, strings.Join(patterns, ", "))
}

func (g *group) matches(file string) bool {
	for _, p := range g.patterns {
		if ok, _ := path.Match(strings.ToLower(p), strings.ToLower(file)); ok {
			return true
		}
	}
	return false
}

// depth returns how many folders down the patterns reach.
func depth(groups []group) int {
	n := 0
	for _, g := range groups {
		for _, p := range g.patterns {
			n = max(n, strings.Count(p, "/"))
		}
	}
	return n
}

// list returns the files below dir, by name.
func list(dir string, depth int) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.Count(name, "/") >= depth:
			return fs.SkipDir
		case !d.IsDir():
			files = append(files, name)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// align returns where a file has each column of the table. A file may have
// them in another order, but neither fewer nor more.
func (t *table) align(file string, names []string) ([]int, error) {
	at := make([]int, len(t.columns))
	taken := make([]bool, len(names))
	for i, c := range t.columns {
		j := slices.Index(names, c)
		if j < 0 {
			return nil, faultf(file, "", "it lacks the column %q that %s has", c, t.files[0])
		}
		at[i], taken[j] = j, true
	}
	if j := slices.Index(taken, false); j >= 0 {
		return nil, faultf(file, "", "its column %d is none of %s", j+1, t.files[0])
	}
	return at, nil
}
