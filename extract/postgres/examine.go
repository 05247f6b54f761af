package postgres

import (
	"context"

	"github.com/sihctl/sih/extract"
)

// Examine implements [extract.Database].
func (s *Source) Examine(ctx context.Context) ([]extract.Finding, error) { return nil, ctx.Err() }
