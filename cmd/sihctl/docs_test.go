package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sihctl/sih/cmd/sihctl/internal/pipeline"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite the derived part of docs/cli.md")

// The page's derived part stands between these lines.
const (
	derivedBegin = "<!-- derived from the program: go test ./cmd/sihctl -update -->\n"
	derivedEnd   = "<!-- end of the derived part -->\n"
)

// TestDocs holds docs/cli.md to the program: its commands and flags, its exit
// codes and environment variables, and the fields of its JSON.
func TestDocs(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "cli.md")
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(page, []byte(derivedBegin))
	derived, after, end := bytes.Cut(rest, []byte(derivedEnd))
	if !ok || !end {
		t.Fatalf("%s lacks the lines that enclose its derived part", name)
	}
	root := newRoot(newGlobals(io.Discard, io.Discard))
	want := describe(root)
	if *update {
		whole := string(before) + derivedBegin + want + derivedEnd + string(after)
		if err := os.WriteFile(name, []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
		derived = []byte(want)
	}
	if diff := cmp.Diff(want, string(derived)); diff != "" {
		t.Errorf("the derived part (-program +page); go test ./cmd/sihctl -update rewrites it:\n%s", diff)
	}

	written := string(before) + string(after)
	for _, c := range []int{exitDone, exitFailed, exitDiffers, exitUsage, exitUnreachable, exitDamaged, exitHeld, exitClosed, exitInterrupted} {
		if !strings.Contains(written, fmt.Sprintf("\n| %d | ", c)) {
			t.Errorf("exit code %d is not explained", c)
		}
	}
	for _, result := range []struct {
		command string
		value   any
	}{
		{"demo", demoResult{}}, {"init", initResult{}}, {"simulate", simulateResult{}}, {"migrate", migrateResult{}}, {"extract", extractResult{}}, {"extract --estimate", estimateResult{}}, {"inspect", inspectResult{}}, {"doctor", doctorResult{}}, {"mission", missionResult{}}, {"extract --schedule", scheduleResult{}}, {"extract script", scriptResult{}},
		{"keygen", keygenResult{}}, {"snapshot show", showResult{}}, {"snapshot verify", verifyResult{}},
		{"snapshot pack", packResult{}}, {"snapshot unpack", unpackResult{}}, {"snapshot slip", slipResult{}},
		{"verify", pipeline.VerifyReport{}}, {"reconcile", reconcileResult{}}, {"export crosswalk", crosswalkResult{}}, {"rollback", pipeline.RollbackReport{}}, {"find", findResult{}}, {"review export", pipeline.ReviewExportReport{}}, {"review import", reviewImportResult{}}, {"review list", reviewListResult{}}, {"review undo", reviewUndoResult{}}, {"seal", pipeline.SealReport{}}, {"audit show", auditShowResult{}}, {"audit head", auditHeadResult{}}, {"link", linkResult{}}, {"match train", modelResult{}}, {"match explain", explainResult{}}, {"match evaluate", evaluateResult{}}, {"status", statusResult{}}, {"schema doc", schemaResult{}},
	} {
		for _, field := range jsonFields(reflect.TypeOf(result.value), map[reflect.Type]bool{}) {
			if !strings.Contains(written, "`"+field+"`") {
				t.Errorf("field %q of the JSON of %s is not explained", field, result.command)
			}
		}
	}
}

// describe writes the commands and their flags as Markdown.
func describe(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("\nFlags of every command, each with the environment variable that stands for it:\n\n| flag | variable | meaning |\n|---|---|---|\n")
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", spelling(f), envName(f.Name), usage(f))
	})
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "help" {
			return
		}
		if c != root {
			long := c.Long
			if long == "" {
				long = c.Short + "."
			}
			fmt.Fprintf(&b, "\n### %s\n\n    %s\n\n%s\n", c.CommandPath(), strings.TrimSuffix(c.UseLine(), " [flags]"), long)
			head := "\n| flag | meaning |\n|---|---|\n"
			c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
				if f.Name == "help" {
					return
				}
				fmt.Fprintf(&b, "%s| `%s` | %s |\n", head, spelling(f), usage(f))
				head = ""
			})
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk(root)
	b.WriteString("\n")
	return b.String()
}

func spelling(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	return strings.TrimSpace("--" + f.Name + " " + value)
}

func usage(f *pflag.Flag) string {
	_, text := pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "false", "0", "[]":
		return text
	}
	return text + " (default " + f.DefValue + ")"
}

// jsonFields returns the names that a type's JSON has, however deep.
func jsonFields(t reflect.Type, seen map[reflect.Type]bool) []string {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return jsonFields(t.Elem(), seen)
	case reflect.Struct:
	default:
		return nil
	}
	if seen[t] || t.PkgPath() == "time" {
		return nil
	}
	seen[t] = true
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
		names = append(names, jsonFields(f.Type, seen)...)
	}
	return names
}
