package main

import (
	"bufio"
	"context"
	"io"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

func newFindCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "find",
		GroupID: groupMigrate,
		Short:   "Find people of the store by a name in either script",
		Long: `Find reads a name from its standard input and lists the people of the unified
store who are called so, however it is spelled and in whichever script and order:
"محمد العلوي" finds Mohammed El Alaoui and Med Alaoui. Further names of a person
may follow. The name is not given on the command line, where the system would show
it to others and the shell would keep it. The audit log notes that there was a
search and how many records it found, never the name. docs/operations.md has the
query for other programs.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runFind(cmd.Context(), g, cmd.InOrStdin()) },
	}
}

// findResult is what find prints as JSON.
type findResult struct {
	Found []pipeline.FoundPerson `json:"found"`
	// More tells that there are more than are listed.
	More bool `json:"more"`
}

func runFind(ctx context.Context, g *globals, in io.Reader) error {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	name := strings.TrimSpace(line)
	if name == "" {
		return usagef("write the name on the standard input and end the line", "there is no name to look for")
	}
	return g.hold(ctx, "find", func(o pipeline.Options) error {
		found, more, err := pipeline.Find(ctx, o, name)
		if err != nil {
			return err
		}
		g.touch("read", "names", "person_name", int64(len(found)))
		return g.show(findResult{found, more}, func() error {
			t := &term.Table{Titles: []string{"person", "name", "use", "sex", "born", "source", "number there"}}
			for _, f := range found {
				t.Row(f.Person, f.Name, f.Use, f.Sex, f.BirthDate, f.Source, f.LocalID)
			}
			if more {
				t.Row("…", "", "", "", "", "", "")
			}
			return g.screen.Table(t)
		})
	})
}
