package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

func TestMain(m *testing.M) {
	testscript.Main(withScratch{m}, map[string]func(){"sihctl": main})
}

// TestScript runs the scripts of testdata/script against the real main. Beside
// the commands of testscript they have
//
//	exits CODE PROGRAM [ARG…]      the program must end with that code
//	damage DIR                     a byte of a snapshot's chunk changes
//	fill FILE JSON                 {{field}} in a file becomes that field of a
//	                               JSON object
//	hold DIR                       another run holds the project
//	interrupt FILE PROGRAM [ARG…]  Ctrl-C once the file exists: it must end
//	                               with code 130 and say how to go on
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"damage": damage, "exits": exits, "fill": fill, "hold": hold, "interrupt": interrupt,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "C")
			e.Setenv("NO_COLOR", "")
			return nil
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("got exit code %d, want %d", got, want)
	}
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage DIR")
	}
	var chunk string
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(name string, d fs.DirEntry, err error) error {
		if strings.Contains(filepath.Base(name), ".zst") {
			chunk = name
		}
		return err
	}))
	data, err := os.ReadFile(chunk)
	ts.Check(err)
	data[len(data)/2] ^= 1
	ts.Check(os.WriteFile(chunk, data, 0o600))
}

func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill FILE JSON")
	}
	var fields map[string]string
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &fields))
	text := ts.ReadFile(args[0])
	for name, value := range fields {
		text = strings.ReplaceAll(text, "{{"+name+"}}", value)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold DIR")
	}
	p, err := project.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	lock, err := p.Lock("migrate")
	ts.Check(err)
	ts.Defer(func() { lock.Release() })
}

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt FILE PROGRAM [ARG…]")
	}
	if runtime.GOOS == "windows" {
		ts.Logf("no signal can be sent here")
		return
	}
	var stderr bytes.Buffer
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Dir, cmd.Stderr = ts.MkAbs("."), &stderr
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			break
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			ts.Fatalf("%s did not appear", args[0])
		}
	}
	ts.Check(cmd.Process.Signal(os.Interrupt))
	select {
	case <-ended:
	case <-time.After(5 * time.Minute):
		cmd.Process.Kill()
		ts.Fatalf("%s did not end after an interrupt", args[1])
	}
	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		ts.Fatalf("got exit code %d, want %d; stderr:\n%s", got, exitInterrupted, &stderr)
	}
	if want := "run the same command again to go on"; !bytes.Contains(stderr.Bytes(), []byte(want)) {
		ts.Fatalf("got stderr:\n%s\nwant it to say %q", &stderr, want)
	}
}
