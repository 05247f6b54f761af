// Package checkup looks for whatever would stop a run before there is one: in
// the config and the keys, on this machine, and at each source. [Run] looks;
// it changes nothing but a file that it writes into the project's folder and
// removes again.
package checkup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
)

// Stop says how a faulty finding would end a run.
type Stop int

// The stops, in the order in which a run meets them.
const (
	None        Stop = iota
	Config           // what the user wrote has to be mended: config, key, mapping
	Held             // another run holds the project
	Unreachable      // a source, the target or this machine refuses
)

// Finding is what was found in one place.
type Finding struct {
	// Source is the one concerned, or empty for the project as a whole.
	Source sih.SourceID
	extract.Finding
	// Stop is None unless the finding is faulty.
	Stop Stop
}

// Options say what to look at. All but Project may be left out.
type Options struct {
	Project *project.Project
	// Sources are the ids of those to look at; none stands for all.
	Sources []string
	// Open opens a source; reading.Open where it is nil.
	Open func(*project.Project, *project.Source) (extract.Source, error)
	// Free tells the room in a folder; disk.Free where it is nil.
	Free func(dir string) (int64, error)
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
	// Begin is told, before each source, what is looked at.
	Begin func(what string)
}

// Run looks at the project and then at each source, which it asks no longer
// than Patience. The error is that of ctx alone.
func Run(ctx context.Context, o Options) ([]Finding, error) {
	c := &check{Options: o.withDefaults(), ctx: ctx}
	c.begin(o.Project.Config.Project)
	c.config()
	c.folder()
	c.clock()
	c.keys()
	c.target()
	for i := range c.Project.Config.Sources {
		s := &c.Project.Config.Sources[i]
		if len(c.Sources) > 0 && !slices.Contains(c.Sources, string(s.ID)) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		c.source = s
		c.begin(string(s.ID))
		c.lookAt(s)
	}
	c.source = nil
	c.room()
	// What concerns the project stands before what concerns a source.
	slices.SortStableFunc(c.found, func(a, b Finding) int { return strings.Compare(string(a.Source), string(b.Source)) })
	return c.found, ctx.Err()
}

// Patience is how long one source may take to answer.
const Patience = 5 * time.Minute

// check is one examination.
type check struct {
	Options
	ctx    context.Context
	source *project.Source // the one looked at, or nil
	found  []Finding
	need   int64 // bytes that the snapshots still to be written will take, at most
}

// fine, notable and faulty note findings. Advice may be empty.
func (c *check) fine(what, format string, args ...any) {
	c.note(extract.Finding{Level: extract.Fine, Check: what, Text: fmt.Sprintf(format, args...)}, None)
}

func (c *check) notable(what, advice, format string, args ...any) {
	c.note(extract.Finding{Level: extract.Notable, Check: what, Text: fmt.Sprintf(format, args...), Advice: advice}, None)
}

func (c *check) faulty(stop Stop, what, advice, format string, args ...any) {
	c.note(extract.Finding{Level: extract.Faulty, Check: what, Text: fmt.Sprintf(format, args...), Advice: advice}, stop)
}

// failed notes an error, with its own advice where it has some.
func (c *check) failed(stop Stop, what string, err error, advice string) {
	if h := hint(err); h != "" {
		advice = h
	}
	c.faulty(stop, what, advice, "%v", err)
}

func (c *check) note(f extract.Finding, stop Stop) {
	one := Finding{Finding: f, Stop: stop}
	if c.source != nil {
		one.Source = c.source.ID
	}
	c.found = append(c.found, one)
}

// hint returns the advice of the innermost error that has some.
func hint(err error) (advice string) {
	for err != nil {
		if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
			advice = h.Hint()
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, one := range e.Unwrap() {
				if h := hint(one); h != "" {
					advice = h
				}
			}
			return advice
		default:
			return advice
		}
	}
	return advice
}

// Ends returns the first of the stops that the findings tell of, as a run
// would meet it.
func Ends(found []Finding) Stop {
	first := None
	for _, f := range found {
		if f.Stop != None && (first == None || f.Stop < first) {
			first = f.Stop
		}
	}
	return first
}
