package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// lockFile is the file that the run holds. It stays when the run ends: the
// lock is the operating system's, which frees it however the process dies.
const lockFile = ".sihctl.lock"

// Lock is the right to change a project, held until Release or the end of the
// process.
type Lock struct{ file *os.File }

// HeldError tells that another run holds the project.
type HeldError struct {
	PID     int    // 0 where it could not be read
	Command string // empty where it could not be read
}

// Error names the holder where it is known.
func (e *HeldError) Error() string {
	if e.PID == 0 {
		return "another run holds the project"
	}
	return fmt.Sprintf("another run holds the project: sihctl %s, process %d", e.Command, e.PID)
}

// Hint says what to do.
func (e *HeldError) Hint() string {
	return "wait until it has ended; sihctl status shows how far it has come"
}

// tries is how often Lock asks, and pause how long it waits in between, before
// it believes that the project is held: a run that was just killed takes a
// moment to die.
const (
	tries = 50
	pause = 20 * time.Millisecond
)

// errHeld is the platform's answer that the lock is taken.
var errHeld = errors.New("held")

// Lock takes the project for a run of command, which is the name without
// arguments. Where another run holds it the error is a *HeldError.
func (p *Project) Lock(command string) (*Lock, error) {
	f, err := os.OpenFile(filepath.Join(p.Dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock project: %w", err)
	}
	for range tries {
		if err = lock(f); !errors.Is(err, errHeld) {
			break
		}
		time.Sleep(pause)
	}
	if err != nil {
		defer f.Close()
		if errors.Is(err, errHeld) {
			return nil, holder(f)
		}
		return nil, fmt.Errorf("lock project: %w", err)
	}
	// Who holds it is a courtesy to the next one and no part of the lock.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "%d %s\n", os.Getpid(), command), 0)
	}
	return &Lock{f}, nil
}

// Release gives the project back.
func (l *Lock) Release() error {
	_ = l.file.Truncate(0)
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("release project: %w", err)
	}
	return nil
}

// holder reads who holds the lock.
func holder(f *os.File) *HeldError {
	text, _ := io.ReadAll(io.LimitReader(f, 200))
	pid, command, ok := bytes.Cut(bytes.TrimSpace(text), []byte(" "))
	n, err := strconv.Atoi(string(pid))
	if !ok || err != nil {
		return &HeldError{}
	}
	return &HeldError{PID: n, Command: string(command)}
}
