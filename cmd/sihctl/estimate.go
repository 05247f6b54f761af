package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

// estimateResult is what extract --estimate prints as JSON.
type estimateResult struct {
	Sources []reading.SourceEstimate `json:"sources"`
}

// runEstimate tells what an extraction would take, and extracts nothing.
func runEstimate(ctx context.Context, g *globals, p *project.Project, sources []string) error {
	list, err := reading.Estimate(ctx, g.options(p).Reading(), sources)
	if err != nil {
		return err
	}
	return g.show(estimateResult{list}, func() error {
		if err := g.screen.Table(estimateTable(list)); err != nil {
			return err
		}
		for _, e := range list {
			if e.Files == 0 {
				continue
			}
			words := "%s: the folders of its attachments hold %d files, %s"
			if e.MoreFiles {
				words = "%s: the folders of its attachments hold more than %d files, %s"
			}
			if err := g.screen.Printf("\n%s\n", g.screen.Say(fmt.Sprintf(words, e.Source, e.Files, disk.Amount(e.FileBytes)))); err != nil {
				return err
			}
		}
		need, room := int64(0), int64(0)
		for _, e := range list {
			need, room = need+e.Need, e.Room
		}
		if need > room {
			return g.screen.Printf("\n%s\n", g.screen.Say(fmt.Sprintf("The snapshots will hardly fit: they need about %s, and %s are free. Make room, or name another folder with snapshots: in %s.",
				disk.Amount(need), disk.Amount(room), project.File)))
		}
		return nil
	})
}

func estimateTable(list []reading.SourceEstimate) *term.Table {
	t := &term.Table{Titles: []string{"source", "tables", "rows, about", "size there", "a second", "time", "nights", "needs", "free"}}
	for _, e := range list {
		if e.There {
			t.Row(string(e.Source), e.Tables, e.Rows, "", "", term.Words("is there already"))
			continue
		}
		var rows, rate, takes, nights any = "", "", "", ""
		if e.Rows > 0 {
			rows, rate, takes = e.Rows, e.Rate, time.Duration(e.Hours*float64(time.Hour)).Round(time.Second)
		}
		if e.Nights > 0 {
			nights = e.Nights
		}
		t.Row(string(e.Source), e.Tables, rows, disk.Amount(e.Bytes), rate, takes, nights, disk.Amount(e.Need), disk.Amount(e.Room))
	}
	return t
}
