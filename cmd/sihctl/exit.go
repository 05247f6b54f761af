package main

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/cmd/sihctl/internal/linkage"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/sheet"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/review"
	"github.com/sihctl/sih/load/seal"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/match"
)

// The exit codes. They are a contract: docs/cli.md tells what each means. 2 is
// left to Go's own panic.
const (
	exitDone        = 0
	exitFailed      = 1
	exitDiffers     = 3
	exitUsage       = 4
	exitUnreachable = 5
	exitDamaged     = 6
	exitHeld        = 7
	exitClosed      = 8
	exitInterrupted = 130
)

// differsError tells that a run is complete and its reconciliation is not as
// it must be.
type differsError struct{ unbalanced, overTolerance bool }

// Error says which.
func (e *differsError) Error() string {
	switch {
	case e.unbalanced && e.overTolerance:
		return "the equations do not balance, and more was rejected than was agreed"
	case e.unbalanced:
		return "the equations do not balance"
	}
	return "more was rejected than was agreed"
}

// Hint says where to look.
func (e *differsError) Hint() string {
	return "the workbook's Summary leads to the lines concerned"
}

// code maps an error to the exit code.
func code(err error) int {
	var (
		differs    *differsError
		stop       *stopError
		unverified *notVerifiedError
		edited     *pipeline.EditedError
		kept       *keptError
		broken     *audit.BrokenError
		usage      *usageError
		missing    *project.NotFoundError
		config     project.ConfigErrors
		env        *project.EnvError
		ledger     *project.LedgerError
		held       *project.HeldError
		input      *pipeline.ConfigError
		mappingErr *mapping.Error
		mappings   *mappingError
		linked     *linkage.Error
		model      *match.ModelError
		source     *reading.SourceError
		window     *reading.WindowError
		seam       *reading.SeamError
		csv        *csvfile.Error
		workbook   *sheet.Error
		damaged    *snapshot.DamagedError
		signature  *snapshot.SignatureError
		packed     *snapshot.PackError
		part       *snapshot.PartError
		keyFile    *snapshot.KeyFileError
		recipients *snapshot.RecipientsError
		attached   *snapshot.AttachError
		folder     *snapshot.FolderError
		key        *snapshot.KeyError
		refusedRow *pipeline.ReviewRefusedError
		notReview  *review.NotReviewError
		noDecision *project.NoDecisionError
		changed    *pipeline.SealedError
		notSealed  *seal.FileError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &differs), errors.As(err, &unverified), errors.As(err, &edited), errors.As(err, &kept), errors.As(err, &seam):
		return exitDiffers
	case errors.As(err, &window):
		return exitClosed
	case errors.As(err, &stop):
		return stop.code()
	case errors.As(err, &usage), errors.As(err, &missing), errors.As(err, &config), errors.As(err, &env), errors.As(err, &ledger), errors.As(err, &input), errors.As(err, &mappingErr), errors.As(err, &mappings), errors.As(err, &linked), errors.As(err, &model), errors.As(err, &keyFile), errors.As(err, &recipients), errors.As(err, &attached), errors.As(err, &refusedRow), errors.As(err, &notReview), errors.As(err, &noDecision), errors.As(err, &changed), errors.As(err, &notSealed):
		return exitUsage
	case errors.As(err, &held):
		return exitHeld
	case errors.As(err, &damaged), errors.As(err, &broken), errors.As(err, &signature), errors.As(err, &packed), errors.As(err, &part), errors.Is(err, snapshot.ErrIncomplete):
		return exitDamaged
	case errors.As(err, &source), errors.As(err, &csv), errors.As(err, &workbook), errors.As(err, &key), errors.As(err, &folder), refused(err):
		return exitUnreachable
	}
	return exitFailed
}

// refused tells whether a source or the target cannot be reached, or will not
// have what it is asked for.
func refused(err error) bool {
	for _, why := range []error{store.ErrUnreachable, store.ErrForeign, store.ErrSchema, store.ErrReadOnly, store.ErrLocked, fs.ErrNotExist, fs.ErrPermission, syscall.EROFS} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}

// outcome is the word by which the ledger remembers how a run ended.
func outcome(ctx context.Context, err error) string {
	switch {
	case err != nil && ctx.Err() != nil:
		return "interrupted"
	case err == nil:
		return "done"
	case code(err) == exitDiffers:
		return "differs"
	case code(err) == exitClosed:
		return "window closed"
	}
	return "failed"
}

// finish tells the user of an error and returns the exit code.
func (g *globals) finish(ctx context.Context, err error) int {
	g.screen.Progress().Close()
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil {
		g.screen.Fail("interrupted", "run the same command again to go on")
		return exitInterrupted
	}
	if !g.begun {
		g.screen.Fail(err.Error(), hint(err, "sihctl help lists the commands; sihctl help COMMAND its flags"))
		return exitUsage
	}
	g.screen.Fail(err.Error(), hint(err, ""))
	return code(err)
}

// hint returns an error's advice, or the given one where it has none. Of
// errors in errors, the innermost knows best what to do.
func hint(err error, otherwise string) string {
	if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
		otherwise = h.Hint()
	}
	if e, ok := err.(*store.Error); ok && e.Hint != "" {
		otherwise = e.Hint
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return hint(e.Unwrap(), otherwise)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			otherwise = hint(one, otherwise)
		}
	}
	return otherwise
}
