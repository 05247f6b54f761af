// Package batch writes what reads a database where sihctl does not run, such as
// on Windows before 10 and Server 2016: a folder of scripts for the client
// programs that come with the server, bcp and sqlcmd, or mysql. They look the
// tables up by themselves and write each into a file that package csvfile reads
// with escapes, lossless: NULL is told from an empty text, and whatever a value
// holds, no separator and no end of a line is mistaken for another.
//
// A batch knows nothing of consistency: each table is read by its own
// statement. The kindest server to run it on is one with a restored backup,
// which also stands still.
package batch

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

//go:embed files
var files embed.FS

// File is a file of a batch.
type File struct {
	Name string
	Text []byte
	// Runs marks what is started, and Private what only its user may read.
	Runs, Private bool
}

// Batch is the scripts that export one source.
type Batch struct {
	Files []File
	// Source says how its output is read, apart from where it lies.
	Source project.Source
}

// DriverError tells that there is no batch for a driver.
type DriverError struct{ Driver project.Driver }

// Error names the driver.
func (e *DriverError) Error() string {
	return fmt.Sprintf("there is no script for sources of driver %s", e.Driver)
}

// Hint says for which there is.
func (e *DriverError) Hint() string { return "there is one for mysql and for sqlserver" }

// New writes the batch of a source. What the source leaves out the batch
// leaves out; its secrets it does not know.
func New(s *project.Source) (*Batch, error) {
	b := &Batch{Source: project.Source{
		ID: s.ID, System: s.System, Driver: project.CSV, Separator: '\t', Escaped: true,
		Files: "*.txt", Facility: s.Facility, Encodings: s.Encodings,
	}}
	var names []string
	var literal func(string) string
	switch s.Driver {
	case project.MySQL:
		names, literal = []string{"export.cmd", "export.sh", "tables.sql", "table.sql", "login.cnf"}, mysqlText
	case project.SQLServer:
		names, literal = []string{"export.cmd", "tables.sql"}, sqlserverText
		b.Source.Encoding = "utf-16le"
	default:
		return nil, &DriverError{s.Driver}
	}
	t, err := template.New("").Delims("{{", "}}").ParseFS(files, "files/"+string(s.Driver)+"/*")
	if err != nil {
		return nil, fmt.Errorf("write script: %w", err)
	}
	fill := newFilling(s, literal)
	for _, name := range names {
		var text strings.Builder
		if err := t.ExecuteTemplate(&text, name, fill); err != nil {
			return nil, fmt.Errorf("write script: %w", err)
		}
		f := File{Name: name, Text: []byte(text.String()), Runs: strings.HasPrefix(name, "export."), Private: name == "login.cnf"}
		if !strings.HasSuffix(name, ".sh") {
			// cmd.exe loses its place in a file whose lines end in LF alone.
			f.Text = []byte(strings.ReplaceAll(text.String(), "\n", "\r\n"))
		}
		b.Files = append(b.Files, f)
	}
	return b, nil
}

// filling is what the templates are filled with.
type filling struct {
	Source string
	// Tables are those that are left out, and Columns those of other tables, as
	// literals.
	Tables  []string
	Columns [][2]string
}

func newFilling(s *project.Source, literal func(string) string) filling {
	f := filling{Source: string(s.ID)}
	var names []string
	for name := range s.LeaveOut {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if s.LeaveOut[name].All {
			f.Tables = append(f.Tables, literal(name))
			continue
		}
		for _, column := range s.LeaveOut[name].Columns {
			f.Columns = append(f.Columns, [2]string{literal(name), literal(column)})
		}
	}
	return f
}

// mysqlText writes a text as a literal that no setting of the server reads in
// another way.
func mysqlText(s string) string { return fmt.Sprintf("_utf8 0x%X", s) }

// sqlserverText does so for T-SQL.
func sqlserverText(s string) string { return "N'" + strings.ReplaceAll(s, "'", "''") + "'" }
