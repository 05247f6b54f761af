package pipeline

import (
	"fmt"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/postgres"
)

// openPostgres opens a PostgreSQL database, as openMySQL does.
func openPostgres(p *project.Project, s *project.Source, notice, remark func(string)) (extract.Source, error) {
	dsn, err := readSecret(p, s)
	if err != nil {
		return nil, err
	}
	src, err := postgres.New(postgres.Config{DSN: dsn, Connections: s.Connections, LeaveOut: leftOut(s), Notice: notice, Remark: remark})
	if err != nil {
		return nil, &SourceError{fmt.Errorf("%s: %w", s.DSNFile, err), ""}
	}
	return src, nil
}
