package main

import (
	"context"
	"fmt"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newLoadCommand(g *globals) *cobra.Command {
	var dryRun, replace bool
	cmd := &cobra.Command{
		Use:     "load",
		GroupID: groupMigrate,
		Short:   "Put the entities into the unified store",
		Long: `Load puts the persons and all that is theirs into the unified store. Loading
twice equals loading once. In rehearsal mode a store of another run is replaced;
otherwise it is refused, unless
--replace says to put it aside.

In delta mode the snapshots are compared with what was loaded before, and the
store is changed where it is: rows that are new, have changed or come back are
written, those that no snapshot has any more are marked in source_record and
stay. Records are who they were. What somebody has changed in the store since is
kept and listed, with exit code 3. A delta that was interrupted goes on with the
chunk that is not in yet; sihctl rollback takes it back.

In wave mode the project's sources join a live store that other projects have
filled: who is known there keeps the id, and all else of theirs stays as it is.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun {
				return g.plan(cmd.Context(), "load")
			}
			return runLoad(cmd.Context(), g, replace)
		},
	}
	dryRunFlag(cmd, &dryRun)
	replaceFlag(cmd, &replace)
	return cmd
}

// replaceFlag declares --replace.
func replaceFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "replace", false, "put a store that holds another run aside, as FILE.previous")
}

func runLoad(ctx context.Context, g *globals, replace bool) error {
	return g.hold(ctx, "load", func(o pipeline.Options) error {
		o.Replace = replace
		r, err := pipeline.Load(ctx, o)
		if err != nil {
			return err
		}
		g.touchLoad(r)
		err = g.show(r, func() error { return g.showLoad(r) })
		g.next("sihctl reconcile")
		return first(err, keptRows(r))
	})
}

// keptError tells that a delta has left rows as somebody has made them.
type keptError struct{ rows int }

// Error says so.
func (e *keptError) Error() string {
	return fmt.Sprintf("%d of the rows that the delta would change were changed in the store by somebody else, and are left as they are", e.rows)
}

// Hint says what to do.
func (e *keptError) Hint() string {
	return "see the rows that are listed; sihctl verify lists them again"
}

func keptRows(r *pipeline.LoadReport) error {
	if r.Delta == nil || len(r.Delta.Kept) == 0 {
		return nil
	}
	return &keptError{len(r.Delta.Kept)}
}

// showLoad writes the result as text.
func (g *globals) showLoad(r *pipeline.LoadReport) error {
	err := g.screen.Table(loadTable(r))
	if d := r.Delta; d != nil {
		t := &term.Table{Titles: []string{"delta upon run", "new", "changed", "unchanged", "vanished", "kept"}}
		t.Row(d.Base, d.New, d.Changed, d.Unchanged, d.Vanished, len(d.Kept))
		err = first(err, g.screen.Printf("\n"), g.screen.Table(t))
		if len(d.Kept) > 0 {
			err = first(err, g.screen.Printf("\n"), g.screen.Table(differingRows(d.Kept)))
		}
	}
	return err
}

func loadTable(r *pipeline.LoadReport) *term.Table {
	t := &term.Table{Titles: []string{"store", "inserted", "updated", "unchanged", "rejected", "time"}}
	t.Row(r.Target, r.Inserted, r.Updated, r.Unchanged, r.Rejected, seconds(r.Seconds))
	return t
}
