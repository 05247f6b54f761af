package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
)

// Extract makes the snapshot of the named sources, of all where none is
// named. A snapshot that is there is checked, and never made again; one that
// was interrupted is gone on with. A source whose window is closed is passed
// over; the error is then a *reading.WindowError, beside what was done of the others.
func Extract(ctx context.Context, o Options, sources []string) ([]reading.Extracted, error) {
	for _, name := range sources {
		if o.Project.Config.Source(sih.SourceID(name)) == nil {
			var known []string
			for _, s := range o.Project.Config.Sources {
				known = append(known, string(s.ID))
			}
			return nil, &ConfigError{Err: fmt.Errorf("the project has no source %q", name), Advice: fmt.Sprintf("its sources are %v", known)}
		}
	}
	if o.Again {
		if err := renew(o, sources); err != nil {
			return nil, err
		}
	}
	var out []reading.Extracted
	var closed error
	for i := range o.Project.Config.Sources {
		s := &o.Project.Config.Sources[i]
		if len(sources) > 0 && !slices.Contains(sources, string(s.ID)) {
			continue
		}
		begin := time.Now()
		done, err := reading.Snapshot(ctx, o.Reading(), s)
		if err != nil {
			err = fmt.Errorf("extract %s: %w", s.ID, err)
			var window *reading.WindowError
			if !errors.As(err, &window) {
				return out, err
			}
			closed = cmp.Or(closed, err) // another source may have other hours
			continue
		}
		done.Seconds = time.Since(begin).Seconds()
		out = append(out, *done)
	}
	return out, closed
}

// Reading is what of the options the reading of a source goes by.
func (o Options) Reading() reading.Options {
	return reading.Options{
		Project: o.Project, Now: o.now, Note: o.note, Plain: o.Plain, AcceptSeams: o.AcceptSeams, Reread: o.Reread, AuditHead: o.AuditHead,
		Progress: func(step string, done, total int64, unit string) {
			o.progress(Progress{Stage: "extract", Step: step, Done: done, Total: total, Unit: unit})
		},
	}
}
