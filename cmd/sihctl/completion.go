package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that completion is written for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:       "completion SHELL",
		GroupID:   groupLook,
		Short:     "Print the script that lets a shell complete commands: " + strings.Join(shells, ", "),
		Long:      "Completion prints a script for the shell to read.\n\nFor bash: source <(sihctl completion bash)",
		ValidArgs: shells,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(g.stdout, true)
			case "zsh":
				return root.GenZshCompletion(g.stdout)
			case "fish":
				return root.GenFishCompletion(g.stdout, true)
			}
			return root.GenPowerShellCompletionWithDesc(g.stdout)
		},
	}
}
