package project_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

func TestLock(t *testing.T) {
	p := &project.Project{Dir: t.TempDir()}
	first, err := p.Lock("migrate")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Lock("load")
	var held *project.HeldError
	if !errors.As(err, &held) {
		t.Fatalf("second lock: got %v, want *HeldError", err)
	}
	if held.PID != os.Getpid() || held.Command != "migrate" {
		t.Errorf("got holder %d %q, want %d migrate", held.PID, held.Command, os.Getpid())
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := p.Lock("load")
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	// A run that is just dying lets go in time.
	go func() {
		time.Sleep(50 * time.Millisecond)
		again.Release()
	}()
	last, err := p.Lock("reconcile")
	if err != nil {
		t.Fatalf("while the holder ends: %v", err)
	}
	if err := last.Release(); err != nil {
		t.Fatal(err)
	}
}
