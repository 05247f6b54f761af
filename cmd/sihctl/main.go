// Every second certificate that an SQL Server up to 2017 makes for itself has a
// negative serial number, which Go would not read.
//
//go:debug x509negativeserial=1

// Command sihctl moves the records of legacy hospital information systems into
// one unified schema, with one record per real person. docs/cli.md describes
// its commands; package sih tells the story.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	// Chunks are decoded into large short-lived texts: collecting twice as
	// often costs little time and a third of the memory less.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run runs one command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	// The first Ctrl-C cancels and lets the stages end between two chunks;
	// after that the signal has its usual effect and kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	g := newGlobals(stdout, stderr)
	root := newRoot(g)
	root.SetArgs(args)
	return g.finish(ctx, root.ExecuteContext(ctx))
}
