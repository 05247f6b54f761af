package linkage

import (
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

// anyEnd stands, at the end of a model's column, for whatever ends the name of
// a file's.
const anyEnd = "*"

// columnNamed returns the place of the column that a name means, or -1: the
// one of that name, or else the first that differs from it in capitals, signs,
// blanks and accents alone, so that first_name is "First Name" too.
func columnNamed(have []extract.Column, name string) int {
	if i := slices.IndexFunc(have, func(x extract.Column) bool { return strings.EqualFold(x.Name, name) }); i >= 0 {
		return i
	}
	start, open := strings.CutSuffix(name, anyEnd)
	want := bareName(start)
	return slices.IndexFunc(have, func(x extract.Column) bool {
		if x.Name == csvfile.FileColumn || x.Name == csvfile.LineColumn || want == "" {
			return false
		}
		is := bareName(x.Name)
		return is == want || open && strings.HasPrefix(is, want)
	})
}

// bareName keeps the letters and digits of a column's name.
func bareName(s string) string { return compact(fold(s)) }

// idColumns are the usual names of the column of a record's id, for files that
// have none of the name that a model expects.
var idColumns = []string{"record_id", "rec_id", "unique_id", "row_id", "id"}

// idColumn returns the place of the column of the records' ids, or -1: the one
// that was asked for; else the model's, or one of a usual name.
func idColumn(have []extract.Column, asked, model string) int {
	if asked != "" {
		return columnNamed(have, asked)
	}
	return firstNamed(have, append([]string{model}, idColumns...))
}

// firstNamed returns the place of the first of the names that there is, or -1.
func firstNamed(have []extract.Column, names []string) int {
	for _, name := range names {
		if i := columnNamed(have, name); i >= 0 {
			return i
		}
	}
	return -1
}
