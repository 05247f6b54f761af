package csvfile

import (
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// NoQuote, as a quote, says that the files quote nothing.
const NoQuote rune = -1

// Config says where the files are and how they are written. The zero value
// reads each *.csv and *.txt file of the working directory as a table.
type Config struct {
	// Dir is the folder that all other names are below.
	Dir string
	// Files is the pattern, in the sense of path.Match and whatever the case,
	// of the files that are tables of their own, named by the file without its
	// extension. Empty stands for *.csv and *.txt, or for no file where Tables
	// names any.
	Files string
	// Tables names tables with the patterns of their files, which are read one
	// after the other in the order of their names.
	Tables map[string][]string
	// Separator parts fields. 0 finds it in each file's header among
	// semicolon, comma, tab and bar: the one that is there most often. A first
	// line such as "sep=;" is heeded.
	Separator rune
	// Quote encloses fields; 0 stands for the double quote.
	Quote rune
	// Encoding is that of files without a byte order mark: utf-8, utf-16le,
	// utf-16be, or a code page such as windows-1252, windows-1256, iso-8859-1
	// or ibm850. Empty stands for utf-8.
	Encoding string
	// Escaped says that a backslash escapes, as in the files that MySQL itself
	// writes: see escape.go. Nothing is quoted then.
	Escaped bool
	// Expect lists columns that must be there, by table.
	Expect map[string][]string
}

// dialect is how a file is written.
type dialect struct {
	sep   byte // 0: to be found
	quote byte
	plain bool // nothing is quoted
	// escaped says that a backslash escapes.
	escaped bool
	codec   codec
}

func (c *Config) dialect() (dialect, error) {
	d := dialect{quote: '"'}
	enc, ok := codecNamed(c.Encoding)
	if !ok {
		return d, faultf("", "give one of: "+knownEncodings, "unknown encoding %q", c.Encoding)
	}
	d.codec = enc
	var err error
	if c.Separator != 0 {
		if d.sep, err = enc.oneByte("separator", c.Separator); err != nil {
			return d, err
		}
	}
	switch c.Quote {
	case 0:
	case NoQuote:
		d.plain = true
	default:
		if d.quote, err = enc.oneByte("quote", c.Quote); err != nil {
			return d, err
		}
	}
	if c.Escaped {
		if c.Quote != 0 && c.Quote != NoQuote {
			return d, faultf("", "remove one of them", "a file has either quotes or escapes")
		}
		d.escaped, d.plain = true, true
		if d.sep == '\\' {
			return d, faultf("", "", "the separator is the backslash that escapes")
		}
	}
	if d.sep == d.quote && !d.plain {
		return d, faultf("", "", "separator and quote are the same character")
	}
	return d, nil
}

// oneByte returns the byte that stands for r. A separator of several bytes
// would make every field slower to find, and no export is known to have one.
func (c *codec) oneByte(what string, r rune) (byte, error) {
	switch r {
	case 0x1A, '\n', '\r':
		return 0, faultf("", "", "a %s cannot be the character U+%04X", what, r)
	}
	if r > 0 && r < utf8.RuneSelf {
		return byte(r), nil
	}
	if c.page != nil && r > 0 {
		if i := slices.Index(c.page[:], string(r)); i >= 0 {
			return byte(i), nil
		}
	}
	return 0, faultf("", "", "a %s cannot be the character U+%04X: it is not one byte in %s", what, r, c.name)
}

// group is the patterns of the files of one table; without a name, of files
// that are tables of their own.
type group struct {
	table    string
	patterns []string
}

// groups returns the named tables by name, then the others.
func (c *Config) groups() ([]group, error) {
	var list []group
	for name, patterns := range c.Tables {
		if name == "" || len(patterns) == 0 {
			return nil, faultf("", "", "table %q: a table needs a name and a pattern for its files", name)
		}
		list = append(list, group{name, patterns})
	}
	slices.SortFunc(list, func(a, b group) int { return strings.Compare(a.table, b.table) })
	switch {
	case c.Files != "":
		list = append(list, group{"", []string{c.Files}})
	case len(list) == 0:
		list = append(list, group{"", []string{"*.csv", "*.txt"}})
	}
	for _, g := range list {
		for _, p := range g.patterns {
			if _, err := path.Match(p, ""); err != nil {
				return nil, faultf("", "", "pattern %q: %w", p, err)
			}
		}
	}
	return list, nil
}
