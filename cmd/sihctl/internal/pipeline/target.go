package pipeline

import (
	"cmp"
	"context"
	"fmt"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/store/mysql"
	"github.com/sihctl/sih/load/store/postgres"
	"github.com/sihctl/sih/load/store/sqlite"
	"github.com/sihctl/sih/load/store/sqlserver"
)

// openTarget returns the engine that holds the project's unified store.
func openTarget(p *project.Project) (store.Engine, error) {
	switch t := p.Config.Target; t.Driver {
	case project.SQLite:
		return sqlite.At(p.Path(t.Path)), nil
	case project.PostgresStore, project.MySQLStore, project.SQLServerStore:
		secret, err := p.TargetSecret()
		if err != nil {
			return nil, err
		}
		at := map[project.TargetDriver]func(dsn, schema string) (store.Engine, error){
			project.PostgresStore: postgres.At, project.MySQLStore: mysql.At, project.SQLServerStore: sqlserver.At,
		}
		return at[t.Driver](secret.Reveal(), t.Schema)
	default:
		return nil, &ConfigError{Err: fmt.Errorf("this build does not load into %s", t.Driver), Advice: "name another driver below target in sihctl.yaml"}
	}
}

// targetName is the target as the config names it, wherever the project lies,
// or as its server does.
func targetName(o Options, engine store.Engine) string {
	return cmp.Or(o.Project.Config.Target.Path, engine.Name())
}

// OtherRunError tells that the target holds another run.
type OtherRunError struct{ Target string }

// Error names the target.
func (e *OtherRunError) Error() string {
	return fmt.Sprintf("%s holds another run, of other input", e.Target)
}

// Hint says what to do.
func (e *OtherRunError) Hint() string {
	return "give --replace to put it aside, or name another target in sihctl.yaml"
}

// runsIn lists the runs of the store in a place, of which there is none where
// there is no store.
func runsIn(ctx context.Context, engine store.Engine, place store.Place, o store.Options) (runs []sih.ID, err error) {
	if there, err := engine.Exists(ctx, place); err != nil || !there {
		return nil, err
	}
	s, err := engine.Open(ctx, place, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.Query(ctx, "SELECT id FROM migration_run", nil, func(r store.Row) error {
		id, err := sih.ParseID(r.Text(0))
		runs = append(runs, id)
		return err
	})
	return runs, err
}

// makeWay sees to it that the target may be replaced: a rehearsal replaces a
// rehearsal, anything else must be asked for.
func makeWay(ctx context.Context, o Options, engine store.Engine) error {
	there, err := engine.Exists(ctx, store.Live)
	if err == nil && there && !o.Replace && o.Project.Config.Mode != project.Rehearsal {
		return &OtherRunError{engine.Name()}
	}
	return err
}

// takePlace puts the store that was built in the place of the live one, which
// is kept unless it was a rehearsal's.
func takePlace(ctx context.Context, o Options, engine store.Engine) error {
	if o.Project.Config.Mode != project.Rehearsal {
		if err := engine.Move(ctx, store.Live, store.Previous); err != nil {
			return err
		}
	}
	return engine.Move(ctx, store.Building, store.Live)
}
