package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func newMissionCommand(g *globals) *cobra.Command {
	var sign bool
	cmd := &cobra.Command{
		Use:     "mission SOURCE…",
		GroupID: groupMigrate,
		Short:   "Write the file that a hospital extracts by",
		Long: `Mission prints what the hospital of these sources needs, one file to be sent
there: how each source is read, the window and the rate, what is left out, and the
key that the snapshots are encrypted to. It holds no secret: the hospital writes
the address and login of its database into a file beside it, or is asked for them.
There it is all that is typed:

  sihctl doctor mission.yaml
  sihctl extract mission.yaml

The folder of the mission is where the snapshots go.`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return g.completeSources()
		},
		RunE: func(_ *cobra.Command, args []string) error { return runMission(g, args, sign) },
	}
	cmd.Flags().BoolVar(&sign, "sign", false, "have the hospital sign its snapshots, by a key that sihctl keygen makes there")
	return cmd
}

// missionResult is what mission prints as JSON.
type missionResult struct {
	Mission string         `json:"mission"` // its text
	Sources []sih.SourceID `json:"sources"`
}

// missionHead stands above a mission, in the hospital's language and in ours.
const missionHead = `# Mission %[1]s. À l'hôpital, dans le dossier de ce fichier :
#   sihctl doctor mission.yaml      dit ce qui manque, sans rien modifier
#   sihctl extract mission.yaml     fait l'extraction ; interrompue, elle reprend
# At the hospital, in the folder of this file: doctor says what is missing and
# changes nothing; extract reads, and goes on where it was interrupted.
`

func runMission(g *globals, sources []string, sign bool) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, sources); err != nil {
		return err
	}
	if p.Mission() {
		return usagef("go to the project of the centre, or name it with --project", "%s is a mission already", p.File)
	}
	c := project.Config{Project: p.Config.Project, Country: p.Config.Country, Recipients: p.Config.Recipients}
	if len(c.Recipients) == 0 {
		if c.Recipients, err = ownRecipients(p); err != nil {
			return err
		}
	}
	if sign {
		c.SigningKey = "secrets/signing.key"
	}
	result := missionResult{}
	for _, s := range p.Config.Sources {
		if !slices.Contains(sources, string(s.ID)) {
			continue
		}
		if s.Driver == project.Snapshot {
			return usagef("write how it is read at the hospital: driver, dsn_file or path; it becomes a snapshot again once it has arrived", "source %s is a snapshot, and a mission extracts", s.ID)
		}
		c.Sources = append(c.Sources, s)
		result.Sources = append(result.Sources, s.ID)
	}
	text, err := c.Mission()
	if err != nil {
		return err
	}
	text = append(fmt.Appendf(nil, missionHead, c.Project), text...)
	// What is handed out is what will be read there.
	if _, err := project.ParseMission(project.MissionFile, text); err != nil {
		return err
	}
	result.Mission = string(text)
	err = g.show(result, func() error { return g.screen.Printf("%s", text) })
	g.screen.Notef("next: send it to the hospital as %s, with the program; compare the key's fingerprint by telephone: sihctl doctor shows it there", project.MissionFile)
	return err
}

// ownRecipients returns the public halves of the project's identity.
func ownRecipients(p *project.Project) ([]string, error) {
	if p.Config.Identity == "" {
		return nil, usagef("sihctl keygen makes keys; write the recipient that it prints below recipients: in sihctl.yaml", "the project names neither recipients nor an identity: nobody could read what the hospital sends")
	}
	ids, err := snapshot.ReadIdentities(p.Path(p.Config.Identity))
	if err != nil {
		return nil, err
	}
	list := project.PublicHalves(ids)
	if len(list) == 0 {
		return nil, usagef("write its public half below recipients: in sihctl.yaml", "the identity in %s does not tell its public half", p.Config.Identity)
	}
	return list, nil
}

// askAddress asks for a database's address and login on a terminal, without
// showing what is typed.
func (g *globals) askAddress(s *project.Source) (string, error) {
	in := int(os.Stdin.Fd())
	if !term.IsTerminal(in) {
		return "", fmt.Errorf("there is neither a file %s nor a terminal to ask at", s.DSNFile)
	}
	g.screen.Notef("address and login of %s, which will not be shown; docs/cli.md tells how to write them, on one line:", s.ID)
	text, err := term.ReadPassword(in)
	if err != nil {
		return "", err
	}
	if s.Driver == project.SQLServer {
		// On one line the parts of the address are parted by semicolons.
		return strings.ReplaceAll(string(text), ";", "\n"), nil
	}
	return strings.TrimSpace(string(text)), nil
}

// afterMission says what to do with what a mission has extracted.
func (g *globals) afterMission(sources []sih.SourceID) {
	flag := g.projectFlag()
	g.screen.Notef("next, for each source:")
	for _, s := range sources {
		g.screen.Notef("  sihctl snapshot verify %[1]s%[2]s\n  sihctl snapshot pack %[1]s%[2]s\n  sihctl snapshot slip %[1]s%[2]s", s, flag)
	}
	g.screen.Notef("then print the slip, have it signed, and send it with the packed file")
}

// projectFlag returns the flag that later commands need to find the same
// project, or nothing where they find it themselves.
func (g *globals) projectFlag() string {
	if g.dir == "" {
		return ""
	}
	if named, err := project.Open(g.dir); err == nil {
		if found, err := project.Find("."); err == nil && found.Dir == named.Dir && found.File == named.File {
			return ""
		}
	}
	return " --project " + shellQuote(g.dir)
}

// shellQuote quotes a word where a shell would part it.
func shellQuote(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\"'&|<>();$`*?[]{}~#!^") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// runSchedule prints how to have the extraction started every night.
func runSchedule(g *globals, sources []string) error {
	p, err := g.open()
	if err != nil {
		return err
	}
	if err := checkSources(p, sources); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	n := night{program: program, config: filepath.Join(p.Dir, p.File), log: filepath.Join(p.Dir, "extract.log"), name: p.Config.Project, sources: sources}
	if !p.Mission() {
		n.config = p.Dir
	}
	n.starts = starts(p, sources)
	lines, err := n.lines()
	if err != nil {
		return err
	}
	for _, s := range p.Config.Sources {
		if secret := project.SecretVariable(&s); s.Driver.Database() && os.Getenv(secret) != "" {
			g.screen.Notef("note: at night %s is not set: write what it holds into %s", secret, p.Path(s.DSNFile))
		}
	}
	return g.show(scheduleResult{lines}, func() error { return g.screen.Printf("%s\n", strings.Join(lines, "\n")) })
}

// scheduleResult is what extract --schedule prints as JSON.
type scheduleResult struct {
	Lines []string `json:"lines"`
}
