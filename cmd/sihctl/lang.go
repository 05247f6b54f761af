package main

import (
	"os"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/french"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/spf13/cobra"
)

// frenchCommands are those that a hospital uses. They, and what is below them,
// speak French where French is asked for; all others speak English.
var frenchCommands = map[string]bool{"doctor": true, "extract": true, "keygen": true, "mission": true, "snapshot": true}

// sayings returns what puts a command's sentences into the user's language, or
// nil where they stay as they are.
func (g *globals) sayings(cmd *cobra.Command) func(string) string {
	if g.lang != "fr" {
		return nil
	}
	for c := cmd; c != nil; c = c.Parent() {
		if frenchCommands[c.Name()] {
			return french.Say
		}
	}
	return nil
}

// speak has the screen speak the user's language.
func (g *globals) speak(cmd *cobra.Command) {
	g.screen = term.New(g.stdout, g.stderr, term.Options{Quiet: g.quiet, NoColor: g.noColor, Say: g.sayings(cmd)})
}

// systemLanguage is the language of the locale, French or else English.
func systemLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return frenchOr(v)
		}
	}
	return frenchOr(userLocale())
}

func frenchOr(locale string) string {
	if strings.HasPrefix(strings.ToLower(locale), "fr") {
		return "fr"
	}
	return "en"
}
