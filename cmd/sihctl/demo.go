package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newDemoCommand(g *globals) *cobra.Command {
	var (
		r   region
		dir string
	)
	cmd := &cobra.Command{
		Use:         "demo",
		Annotations: map[string]string{speaksArabic: "yes"},
		GroupID:     groupTry,
		Short:       "Migrate a simulated region, end to end, in one command",
		Long: `Demo makes up a region's people, what five legacy systems know of them, and
migrates it: snapshots, entities, persons, the unified store and the workbook.
The folder becomes an ordinary project to look around in. An interrupted demo
goes on when it is started again with the same patients and seed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("project") {
				return usagef("name its folder with --dir", "a demo is a project of its own")
			}
			if err := r.check(); err != nil {
				return err
			}
			return runDemo(cmd.Context(), g, dir, r)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "sihctl-demo", "`folder` to make it in")
	r.addFlags(cmd.Flags())
	return cmd
}

// demoFile marks a demo's folder and says which region is in it.
const demoFile = "demo.json"

// demoMark is what the file holds.
type demoMark struct {
	Patients int    `json:"patients"`
	Seed     uint64 `json:"seed"`
	// Simulated is set once the region is whole.
	Simulated bool `json:"simulated"`
	Persons   int  `json:"persons"`
	Records   int  `json:"records"`
}

// simulated are the folders and files that a region is made of. An interrupted
// simulation begins again without them.
var simulated = []string{"snapshots", "incoming", "facilities.csv", "truth.csv"}

func runDemo(ctx context.Context, g *globals, dir string, r region) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	mark, err := enterDemo(dir, r)
	if err != nil {
		return err
	}
	// The config comes first: with it the folder is a project, which a second
	// demo cannot enter at the same time.
	if err := writeDemoProject(dir); err != nil {
		return err
	}
	p, err := project.Open(dir)
	if err != nil {
		return err
	}
	return g.holdProject(ctx, p, "demo", func(o pipeline.Options) error {
		if !mark.Simulated {
			if err := simulateDemo(ctx, g, dir, r, &mark); err != nil {
				return err
			}
		}
		return migrateDemo(ctx, g, o, mark)
	})
}

// enterDemo makes the demo's folder, or finds in it a former demo of the same
// region. Anything else is refused.
func enterDemo(dir string, r region) (demoMark, error) {
	mark, err := readMark(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := emptyDir(dir); err != nil {
			return demoMark{}, err
		}
		mark := demoMark{Patients: r.patients, Seed: r.seed}
		return mark, writeMark(dir, mark)
	}
	if err != nil {
		return demoMark{}, err
	}
	if mark.Patients != r.patients || mark.Seed != r.seed {
		return demoMark{}, usagef(
			fmt.Sprintf("go on with that one: --patients %d --seed %d; or delete the folder, or name another with --dir", mark.Patients, mark.Seed),
			"%s holds a demo of another region", dir)
	}
	return mark, nil
}

// holdMadeUp refuses a demo's folder whose region is not there yet: what its
// config names is missing. Any other folder will do.
func holdMadeUp(dir string) error {
	mark, err := readMark(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !mark.Simulated:
		return usagef(fmt.Sprintf("run `sihctl demo --dir %s --patients %d --seed %d`, which goes on with it", dir, mark.Patients, mark.Seed), "the region of this demo is not made up yet")
	}
	return nil
}

func readMark(dir string) (mark demoMark, err error) {
	name := filepath.Join(dir, demoFile)
	text, err := os.ReadFile(name)
	if err != nil {
		return mark, err
	}
	if err := json.Unmarshal(text, &mark); err != nil {
		return mark, usagef("delete the folder, or name another with --dir", "%s: %v", name, err)
	}
	return mark, nil
}

func writeMark(dir string, mark demoMark) error {
	text, err := json.MarshalIndent(mark, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, demoFile), append(text, '\n'))
}

// replaceFile writes a file so that it is either the old one or the new one.
func replaceFile(name string, text []byte) error {
	if err := os.WriteFile(name+".new", text, 0o644); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return os.Rename(name+".new", name)
}

// writeDemoProject writes the demo's config, unless it is there: it may have
// been edited.
func writeDemoProject(dir string) error {
	for name, template := range map[string]string{project.File: "demo.yaml", ".gitignore": "gitignore"} {
		name := filepath.Join(dir, name)
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		text, err := templates.ReadFile("templates/" + template)
		if err != nil {
			return err
		}
		if err := replaceFile(name, text); err != nil {
			return err
		}
	}
	return nil
}

func simulateDemo(ctx context.Context, g *globals, dir string, r region, mark *demoMark) error {
	// What a killed simulation was still writing lies beside.
	begun, err := filepath.Glob(filepath.Join(dir, ".simulate-*"))
	if err != nil {
		return err
	}
	for _, name := range simulated {
		begun = append(begun, filepath.Join(dir, name))
	}
	for _, name := range begun {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	s, err := simulateInto(ctx, g, dir, r)
	if err != nil {
		return err
	}
	mark.Simulated, mark.Persons, mark.Records = true, s.Persons, s.Records
	return writeMark(dir, *mark)
}

// demoResult is what demo prints as JSON.
type demoResult struct {
	Dir string `json:"dir"`
	demoMark
	Migrate *migrateResult        `json:"migrate"`
	Truth   *pipeline.TruthReport `json:"truth"`
}

func migrateDemo(ctx context.Context, g *globals, o pipeline.Options, mark demoMark) error {
	// By the region's own clock, two demos of one region are equal to the last
	// cell.
	o.Now = simulate.Clock
	r, err := pipeline.Migrate(ctx, o)
	if err != nil {
		return err
	}
	truth, err := pipeline.Truth(ctx, o, o.Project.Path("truth.csv"))
	if err != nil {
		return err
	}
	g.touchMigrate(r, false)
	result := demoResult{o.Project.Dir, mark, newMigrateResult(r), truth}
	err = g.show(result, func() error {
		return first(g.showMigrate(result.Migrate), g.screen.Printf("\n"), g.screen.Table(truthTable(truth)))
	})
	g.screen.Notef("next: open %s, look into %s, or sihctl status --project %s",
		r.Reconcile.Workbook, r.Load.Target, filepath.Clean(o.Project.Dir))
	return first(err, verdict(r.Reconcile))
}

// truthTable holds the persons found against the region's truth.
func truthTable(r *pipeline.TruthReport) *term.Table {
	t := &term.Table{Titles: []string{"persons found", "persons in truth", "pairs joined", "wrong", "missed", "precision", "recall"}}
	t.Row(r.Persons, r.TruePersons, r.Pairs, r.Pairs-r.RightPairs, r.TruePairs-r.RightPairs, term.Percent(r.Precision), term.Percent(r.Recall))
	return t
}
