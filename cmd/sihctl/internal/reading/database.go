package reading

import (
	"fmt"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/mysql"
	"github.com/sihctl/sih/extract/postgres"
	"github.com/sihctl/sih/extract/sqlserver"
)

// openMySQL opens a MySQL or MariaDB database. Notice is told what takes from
// the view, remark what is good to know.
func openMySQL(p *project.Project, s *project.Source, notice, remark func(string)) (extract.Source, error) {
	dsn, err := readSecret(p, s)
	if err != nil {
		return nil, err
	}
	src, err := mysql.New(mysql.Config{DSN: dsn, Connections: s.Connections, AllowLock: s.AllowLock, LeaveOut: leftOut(s), Notice: notice, Remark: remark})
	if err != nil {
		return nil, &SourceError{fmt.Errorf("%s: %w", s.DSNFile, err), ""}
	}
	return src, nil
}

// openSQLServer opens a SQL Server database, as openMySQL does.
func openSQLServer(p *project.Project, s *project.Source, notice, remark func(string)) (extract.Source, error) {
	address, err := readAddress(p, s)
	if err != nil {
		return nil, err
	}
	cfg, err := sqlserver.ParseAddress(address)
	if err != nil {
		return nil, &SourceError{fmt.Errorf("%s: %w", s.DSNFile, err), ""}
	}
	if cfg.Certificate != "" {
		cfg.Certificate = p.Path(cfg.Certificate)
	}
	cfg.AllowLock, cfg.LeaveOut, cfg.Notice, cfg.Remark = s.AllowLock, leftOut(s), notice, remark
	src, err := sqlserver.New(cfg)
	if err != nil {
		return nil, &SourceError{fmt.Errorf("%s: %w", s.DSNFile, err), ""}
	}
	return src, nil
}

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

// leftOut returns the names of what is left out of a source's tables, "*" for a
// whole one.
func leftOut(s *project.Source) map[string][]string {
	out := map[string][]string{}
	for table, l := range s.LeaveOut {
		if out[table] = l.Columns; l.All {
			out[table] = []string{"*"}
		}
	}
	return out
}

// readAddress returns a source's address and login. It shows nowhere.
func readAddress(p *project.Project, s *project.Source) (string, error) {
	secret, err := p.Secret(s)
	if err != nil {
		return "", &SourceError{err, ""}
	}
	return secret.Reveal(), nil
}

// readSecret reads a DSN file of one line.
func readSecret(p *project.Project, s *project.Source) (string, error) {
	text, err := readAddress(p, s)
	if err != nil {
		return "", err
	}
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", &SourceError{fmt.Errorf("%s does not hold one line", s.DSNFile), "write the database's address and login there, and nothing else"}
	}
	return text, nil
}
