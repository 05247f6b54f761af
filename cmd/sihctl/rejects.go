package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

// rejectsOptions are the flags of rejects.
type rejectsOptions struct {
	by       []string
	warnings bool
	top      int
}

func newRejectsCommand(g *globals) *cobra.Command {
	o := rejectsOptions{by: []string{"reason", "source", "table", "field", "detail"}, top: 20}
	cmd := &cobra.Command{
		Use:     "rejects",
		GroupID: groupLook,
		Short:   "Group what was left out by its root cause, with what hangs on it",
		Long: `Rejects says what was kept out of the store and why, the greatest cause first,
so that a rehearsal ends in a few things to mend. What was only kept out because
it hangs on something else counts for that: a patient who is rejected takes his
results along. It reads what transform and match have left.

Grouped by value it shows what the source has, which may be a patient's: mind
where it goes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runRejects(cmd.Context(), g, &o) },
	}
	cmd.Flags().StringSliceVar(&o.by, "by", o.by, "`words` to group by: "+strings.Join(pipeline.RejectsBy, ", "))
	cmd.Flags().BoolVar(&o.warnings, "warnings", false, "group what was noted and kept, instead")
	cmd.Flags().IntVar(&o.top, "top", o.top, "`number` of causes to show; 0 for all")
	return cmd
}

func runRejects(ctx context.Context, g *globals, o *rejectsOptions) error {
	if o.top < 0 {
		return usagef("use --top 0 for all causes", "a negative number of causes")
	}
	p, err := g.open()
	if err != nil {
		return err
	}
	r, err := pipeline.Rejects(ctx, g.options(p), o.by, o.warnings)
	if err != nil {
		return err
	}
	if slices.Contains(o.by, "value") {
		if err := g.logged(p, "rejects", audit.Touched{Verb: "read", Kind: "stage", Name: "values that were rejected", Rows: int64(len(r.Groups))}); err != nil {
			return err
		}
	}
	return g.show(r, func() error { return g.showRejects(r, o.top) })
}

func (g *globals) showRejects(r *pipeline.RejectsReport, top int) error {
	if len(r.Groups) == 0 {
		return g.screen.Printf("nothing was left out\n")
	}
	t := &term.Table{Titles: append([]string{"rows", "hanging", "of which"}, r.By...)}
	if slices.Contains(r.By, "reason") {
		t.Titles = append(t.Titles, "meaning")
	}
	for i, group := range r.Groups {
		if i == top && top > 0 {
			break
		}
		var hanging []string
		for _, table := range slices.Sorted(maps.Keys(group.HangingBy)) {
			hanging = append(hanging, fmt.Sprintf("%s %d", table, group.HangingBy[table]))
		}
		row := []any{group.Rejected, group.Hanging, strings.Join(hanging, ", ")}
		for _, b := range r.By {
			row = append(row, group.By[b])
		}
		t.Row(append(row, group.Meaning)...)
	}
	if err := g.screen.Table(t); err != nil {
		return err
	}
	return g.screen.Printf("\n%d causes, %s rejected, %s hanging on these\n", len(r.Groups), term.Group(r.Rejected), term.Group(r.Hanging))
}
