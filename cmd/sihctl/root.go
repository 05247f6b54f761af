package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of commands in the help.
const (
	groupMigrate = "migrate"
	groupTry     = "try"
	groupLook    = "look"
)

// newRoot returns sihctl with all its commands.
func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "sihctl",
		Short: "Move hospital records into one unified schema, one record per person",
		Long: `sihctl moves the records of legacy hospital information systems into one
unified schema, with one record per real person, and proves that nothing was
lost. It reads databases and files, writes a project's folder and the unified
store, and calls nobody else.

To see it work: sihctl demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := g.prepare(cmd); err != nil {
				return err
			}
			g.begun = true
			return nil
		},
	}
	root.SetOut(g.stdout)
	root.SetErr(g.stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommandGroupID(groupLook)
	cobra.EnableCommandSorting = false // the help lists them in the order of the work
	root.AddGroup(
		&cobra.Group{ID: groupTry, Title: "Try it:"},
		&cobra.Group{ID: groupMigrate, Title: "Migrate:"},
		&cobra.Group{ID: groupLook, Title: "Look:"},
	)
	g.addFlags(root.PersistentFlags())
	root.AddCommand(
		newDemoCommand(g), newSimulateCommand(g), newInitCommand(g), newMissionCommand(g),
		newDoctorCommand(g), newInspectCommand(g), newMappingCommand(g), newMigrateCommand(g), newExtractCommand(g), newTransformCommand(g), newMatchCommand(g), newReviewCommand(g), newLoadCommand(g), newVerifyCommand(g), newReconcileCommand(g), newSealCommand(g), newRollbackCommand(g), newExportCommand(g), newFindCommand(g),
		newLinkCommand(g), newSnapshotCommand(g), newKeygenCommand(g), newStatusCommand(g), newRejectsCommand(g), newCompareCommand(g), newStageCommand(g), newAuditCommand(g), newSchemaCommand(g), newVersionCommand(g), newCompletionCommand(g),
	)
	return root
}

// addFlags declares the flags that every command has.
func (g *globals) addFlags(f *pflag.FlagSet) {
	f.StringVar(&g.dir, "project", "", "project's `folder` (default: found upward from the working directory)")
	f.StringVar(&g.output, "output", "text", "`form` of results: text or json")
	f.BoolVar(&g.quiet, "quiet", false, "no progress and no notes; errors still show")
	f.BoolVar(&g.noColor, "no-color", false, "no colours (also NO_COLOR)")
	f.IntVar(&g.workers, "workers", 0, "`number` of chunks worked on at once (default: one per processor)")
	f.StringVar(&g.lang, "lang", "", "`language` of the workbooks, the slip, and of what a hospital reads (doctor, extract, keygen, mission, snapshot): fr or en, of workbooks and the slip also ar (default: the system's)")
}

// family makes cmd the parent of subcommands: without one it shows its help.
func family(cmd *cobra.Command, members ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("see "+cmd.CommandPath()+" --help", "unknown command %q for %q", args[0], cmd.CommandPath())
		}
		return cmd.Help()
	}
	cmd.AddCommand(members...)
	return cmd
}

// envPrefix begins the names of the environment variables.
const envPrefix = "SIHCTL_"

// envName returns the variable that stands for a global flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets the global flags that were not given to what their
// variables hold. A command's own flags, such as --replace, are said each time.
func fromEnvironment(cmd *cobra.Command) error {
	var fault error
	cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		value, ok := os.LookupEnv(envName(f.Name))
		if f.Changed || !ok || value == "" || fault != nil {
			return
		}
		if err := f.Value.Set(value); err != nil {
			fault = usagef("see sihctl help", "%s: %v", envName(f.Name), err)
		}
	})
	return fault
}

// speaksArabic marks, among a command's annotations, one that writes Arabic.
const speaksArabic = "arabic"

// language returns the language to write in: what was asked for, or the
// system's, which is French or else English.
func language(asked string, known []string) (string, error) {
	if asked != "" {
		if !slices.Contains(known, asked) {
			return "", usagef("use --lang "+strings.Join(known, " or --lang "), "unknown language %q", asked)
		}
		return asked, nil
	}
	return systemLanguage(), nil
}

// usageError is a fault of the command line.
type usageError struct{ message, hint string }

// Error says what is wrong with the command line.
func (e *usageError) Error() string { return e.message }

// Hint says how it is written; it may be empty.
func (e *usageError) Hint() string { return e.hint }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), hint}
}
