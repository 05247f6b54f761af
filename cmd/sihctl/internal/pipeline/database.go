package pipeline

import (
	"fmt"
	"os"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
)

// openMySQL opens a MySQL or MariaDB database. Note is told what a reading
// finds.
func openMySQL(p *project.Project, s *project.Source, note func(string)) (extract.Source, error) {
	dsn, err := readSecret(p, s)
	if err != nil {
		return nil, err
	}
	src, err := mysql.New(mysql.Config{DSN: dsn, Notice: note})
	if err != nil {
		return nil, &SourceError{fmt.Errorf("%s: %w", s.DSNFile, err), ""}
	}
	return src, nil
}

// readSecret reads the one line of a source's DSN file. It shows nowhere.
func readSecret(p *project.Project, s *project.Source) (string, error) {
	data, err := os.ReadFile(p.Path(s.DSNFile))
	if err != nil {
		return "", &SourceError{err, "write the database's address and login there, on one line, or mend dsn_file of the source in sihctl.yaml"}
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(data), "\uFEFF"))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", &SourceError{fmt.Errorf("%s does not hold one line", s.DSNFile), "write the database's address and login there, and nothing else"}
	}
	return text, nil
}
