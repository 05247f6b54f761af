package checkup

import (
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/disk"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract"
)

func (o Options) withDefaults() Options {
	if o.Open == nil {
		o.Open = func(p *project.Project, s *project.Source) (extract.Source, error) {
			return reading.Open(p, s, func(string) {}, func(string) {})
		}
	}
	if o.Free == nil {
		o.Free = disk.Free
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func (c *check) begin(what string) {
	if c.Begin != nil {
		c.Begin(what)
	}
}
