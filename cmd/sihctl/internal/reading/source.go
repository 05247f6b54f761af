package reading

import (
	"fmt"
	"os"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/sheet"
)

// SourceError tells that a source cannot be read.
type SourceError struct {
	Err    error
	Advice string
}

// Error tells what happened.
func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap returns the reader's own error.
func (e *SourceError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *SourceError) Hint() string { return e.Advice }

// Open opens a source itself, whatever snapshot there is of it. A sentence about
// a source that could be read goes to notice, or to remark where it is only
// good to know. A database is not connected to yet.
func Open(p *project.Project, s *project.Source, notice, remark func(string)) (extract.Source, error) {
	switch s.Driver {
	case project.MySQL:
		return openMySQL(p, s, notice, remark)
	case project.SQLServer:
		return openSQLServer(p, s, notice, remark)
	case project.Postgres:
		return openPostgres(p, s, notice, remark)
	}
	dir := p.Path(s.Path)
	if _, err := os.Stat(dir); err != nil {
		return nil, &SourceError{err, "mend path of the source in sihctl.yaml, or put its files there"}
	}
	switch s.Driver {
	case project.CSV:
		quote := s.Quote
		if s.Unquoted {
			quote = csvfile.NoQuote
		}
		src, err := csvfile.New(csvfile.Config{
			Dir: dir, Files: s.Files, Tables: s.Tables, Separator: s.Separator, Quote: quote, Escaped: s.Escaped, Encoding: s.Encoding,
		})
		if err != nil {
			return nil, &SourceError{err, "see the source in sihctl.yaml and its files"}
		}
		return src, nil
	case project.XLSX:
		tables := map[string]sheet.Table{}
		for name, sheets := range s.Tables {
			tables[name] = sheet.Table{Sheets: sheets}
		}
		src, err := sheet.New(sheet.Config{Dir: dir, Files: s.Files, Tables: tables})
		if err != nil {
			return nil, &SourceError{err, "see the source in sihctl.yaml and its files"}
		}
		return src, nil
	}
	return nil, &SourceError{fmt.Errorf("this build does not read %s databases", s.Driver), "export the tables as files, or give a snapshot"}
}

// silent is for those who need no sentences.
func silent(string) {}
