package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/mapping"
)

func TestCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("no space left"), 1},
		{&store.Error{Op: "load", Why: store.ErrFull}, 1},
		{&store.Error{Op: "load", Why: store.ErrDamaged}, 1},
		{&differsError{unbalanced: true}, 3},
		{usagef("", "x"), 4},
		{&project.NotFoundError{}, 4},
		{project.ConfigErrors{{}}, 4},
		{&project.EnvError{}, 4},
		{&project.LedgerError{}, 4},
		{&pipeline.ConfigError{Err: fs.ErrNotExist}, 4},
		{&mapping.Error{Err: errors.New("x")}, 4},
		{&reading.SourceError{Err: errors.New("x")}, 5},
		{&store.Error{Op: "open", Why: store.ErrForeign}, 5},
		{&store.Error{Op: "open", Why: store.ErrUnreachable}, 5},
		{fs.ErrPermission, 5},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, 5},
		{&snapshot.DamagedError{}, 6},
		{snapshot.ErrIncomplete, 6},
		{&snapshot.SignatureError{}, 6},
		{&snapshot.PackError{}, 6},
		{&snapshot.PartError{}, 6},
		{&snapshot.KeyFileError{}, 4},
		{&snapshot.RecipientsError{}, 4},
		{&snapshot.AttachError{}, 4},
		{&snapshot.KeyError{}, 5},
		{&snapshot.FolderError{Err: errors.New("x")}, 5},
		{&project.HeldError{}, 7},
		{context.Canceled, 130},
	}
	for _, test := range tests {
		wrapped := test.err
		if wrapped != nil {
			wrapped = fmt.Errorf("do this: %w", wrapped)
		}
		if got := code(wrapped); got != test.want {
			t.Errorf("%T %v: got %d, want %d", test.err, test.err, got, test.want)
		}
	}
}

func TestHint(t *testing.T) {
	inner := &usageError{"inner", "do the inner thing"}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"none", errors.New("x"), "otherwise"},
		{"wrapped", fmt.Errorf("a: %w", inner), "do the inner thing"},
		{"both", &store.Error{Op: "a", Hint: "outer", Err: inner}, "do the inner thing"},
		{"outer alone", &store.Error{Op: "a", Hint: "outer", Err: errors.New("x")}, "outer"},
		{"inner empty", &store.Error{Op: "a", Hint: "outer", Err: &usageError{}}, "outer"},
	}
	for _, test := range tests {
		if got := hint(test.err, "otherwise"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
