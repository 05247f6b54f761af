package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/simulate"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract/snapshot"
)

// region says what region to simulate.
type region struct {
	patients int
	seed     uint64
}

func (r *region) addFlags(f *pflag.FlagSet) {
	f.IntVar(&r.patients, "patients", 20000, "`number` of distinct persons, 100 or more")
	f.Uint64Var(&r.seed, "seed", 1, "`number` that all is drawn from: the same gives the same")
}

func (r region) check() error {
	if r.patients < 100 {
		return usagef("use --patients 100 or more", "%d patients are too few for a region", r.patients)
	}
	return nil
}

func newSimulateCommand(g *globals) *cobra.Command {
	var r region
	var dsnFile string
	var patientsOnly bool
	cmd := &cobra.Command{
		Use:     "simulate DIR",
		GroupID: groupTry,
		Short:   "Make up a region: what five legacy systems hold of its people, and the truth",
		Long: `Simulate makes up a region's people and what five legacy systems know of them,
with the defects that such systems have, and writes it into an empty folder:
snapshots of ENOVA, HOSIX and BILMED, files of DEDALUS, registers of ESSP, the
list of facilities, and truth.csv, which tells whose each record is. The
layouts are illustrative, not the vendors'.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := r.check(); err != nil {
				return err
			}
			if patientsOnly && dsnFile != "" {
				return usagef("leave one of them out", "--patients-only makes no ENOVA to write into MySQL")
			}
			if patientsOnly {
				return runSimulatePatients(cmd.Context(), g, args[0], r)
			}
			return runSimulate(cmd.Context(), g, args[0], r, dsnFile)
		},
	}
	r.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&patientsOnly, "patients-only", false, "make nothing but patients.csv, all systems' patient records in one list as link reads it, and truth.csv")
	cmd.Flags().StringVar(&dsnFile, "mysql", "", "write ENOVA also into the empty database whose address and login are in this `file`")
	return cmd
}

func runSimulate(ctx context.Context, g *globals, dir string, r region, dsnFile string) error {
	if err := emptyDir(dir); err != nil {
		return err
	}
	s, err := simulateInto(ctx, g, dir, r)
	if err != nil {
		return err
	}
	if dsnFile != "" {
		if err := simulateMySQL(ctx, dir, dsnFile); err != nil {
			return &reading.SourceError{Err: fmt.Errorf("write ENOVA into MySQL: %w", err), Advice: "the file holds user:password@tcp(host:3306)/database on one line; the database is empty, and the user may create tables"}
		}
	}
	result := simulateResult{Dir: dir, Persons: s.Persons, Records: s.Records, Rows: s.Rows}
	err = g.show(result, func() error {
		return first(g.screen.Table(simulateTable(s)), g.screen.Printf("\n%d persons, %d patient records\n", s.Persons, s.Records))
	})
	g.screen.Notef("next: sihctl demo does the same and migrates it; or begin a project: sihctl init %s", dir)
	return err
}

// runSimulatePatients makes a list of patients to link.
func runSimulatePatients(ctx context.Context, g *globals, dir string, r region) error {
	if err := emptyDir(dir); err != nil {
		return err
	}
	var records int64
	bar := g.screen.Progress()
	s, err := simulate.WritePatients(ctx, dir, simulate.Config{Patients: r.patients, Seed: r.seed, Done: func(n int) {
		records += int64(n)
		bar.Show(term.Step{Stage: "simulate", Done: records, Unit: "records"})
	}})
	if err != nil {
		return err
	}
	err = g.show(simulateResult{Dir: dir, Persons: s.Persons, Records: s.Records}, func() error {
		return g.screen.Printf("%d persons, %d patient records\n", s.Persons, s.Records)
	})
	g.screen.Notef("next: sihctl link %s --truth %s", filepath.Join(dir, "patients.csv"), filepath.Join(dir, "truth.csv"))
	return err
}

// simulateInto writes the region into dir.
func simulateInto(ctx context.Context, g *globals, dir string, r region) (simulate.Summary, error) {
	var rows int64
	bar := g.screen.Progress()
	return simulate.Write(ctx, dir, simulate.Config{Patients: r.patients, Seed: r.seed, Done: func(n int) {
		rows += int64(n)
		bar.Show(term.Step{Stage: "simulate", Done: rows, Unit: "rows"})
	}})
}

// simulateMySQL writes the region's ENOVA into a database.
func simulateMySQL(ctx context.Context, dir, dsnFile string) error {
	dsn, err := os.ReadFile(dsnFile)
	if err != nil {
		return err
	}
	db, err := simulate.OpenMySQL(strings.TrimSpace(string(dsn)))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	snap, err := snapshot.Open(filepath.Join(dir, "snapshots", "enova"))
	if err != nil {
		return err
	}
	return simulate.LoadMySQL(ctx, conn, snap)
}

// emptyDir makes a folder, or refuses one that holds something.
func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return usagef("name an empty folder, or a new one", "%s is not empty", dir)
	}
	return nil
}

// simulateResult is what simulate prints as JSON.
type simulateResult struct {
	Dir     string                          `json:"dir"`
	Persons int                             `json:"persons"`
	Records int                             `json:"records"`
	Rows    map[sih.SourceID]map[string]int `json:"rows"` // by source and table
}

// simulateTable has a line for each source.
func simulateTable(s simulate.Summary) *term.Table {
	t := &term.Table{Titles: []string{"source", "tables", "rows"}}
	for _, source := range slices.Sorted(maps.Keys(s.Rows)) {
		rows := 0
		for _, n := range s.Rows[source] {
			rows += n
		}
		t.Row(string(source), len(s.Rows[source]), rows)
	}
	return t
}
