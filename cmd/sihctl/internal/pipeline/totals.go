package pipeline

import (
	"fmt"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/mapping"
)

// TotalsSQL writes the statements by which a hospital counts the control totals
// on its own server. Columns and their types are the snapshot's, where there is
// one.
func TotalsSQL(p *project.Project, c *project.Source) (string, error) {
	snap, err := p.PeekSnapshot(c)
	driver := string(c.Driver)
	var types map[string]map[string]string
	if err == nil {
		types = map[string]map[string]string{}
		for _, t := range snap.Tables {
			types[t.Name] = map[string]string{}
			for _, col := range t.Columns {
				types[t.Name][col.Name] = col.Type
			}
		}
		driver = snap.Driver // of a snapshot that was sent, too
	}
	dialect := mapping.Dialect(driver)
	switch dialect {
	case mapping.MySQL, mapping.SQLServer, mapping.Postgres:
	default:
		return "", &ConfigError{Err: fmt.Errorf("source %s is no database: driver %s", c.ID, driver), Advice: "files are counted by whoever wrote them"}
	}
	files, _, err := MappingOf(p, c.System)
	if err != nil {
		return "", err
	}
	head := fmt.Sprintf("-- Control totals of source %s, counted by the hospital on its own server.\n-- These statements only read. Sums are in the source's own unit.\n\n", c.ID)
	return head + mapping.TotalsSQL(files, dialect, types), nil
}
