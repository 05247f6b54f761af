package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/mappings"
	"github.com/spf13/cobra"
)

// templates are the files of a new project.
//
//go:embed templates
var templates embed.FS

func newInitCommand(g *globals) *cobra.Command {
	var (
		dryRun  bool
		systems []string
	)
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		GroupID: groupTry,
		Short:   "Begin a project: a config to fill in, and mappings to edit",
		Long: `Init writes a project into a folder, the working directory where none is named:
sihctl.yaml with every field explained, the list of facilities to fill in, and a
.gitignore that keeps patients' data out of a repository. With --from-system it
copies a built-in mapping into mappings/, where the project's own then takes the
place of the built-in one. Nothing that exists is overwritten.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if g.dir != "" {
				dir = g.dir
			}
			if len(args) > 0 {
				dir = args[0]
			}
			return runInit(g, dir, systems, dryRun)
		},
	}
	cmd.Flags().StringSliceVar(&systems, "from-system", nil, "`systems` whose built-in mappings to copy: "+strings.Join(mappings.Systems(), ", "))
	dryRunFlag(cmd, &dryRun)
	return cmd
}

// initResult is what init prints as JSON.
type initResult struct {
	Dir   string   `json:"dir"`
	Files []string `json:"files"` // written, or to be written; below Dir
}

func runInit(g *globals, dir string, systems []string, dryRun bool) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	files, err := projectFiles(filepath.Base(dir), systems)
	if err != nil {
		return err
	}
	// A project that exists may still be given mappings to edit.
	if _, err := os.Stat(filepath.Join(dir, project.File)); err == nil && len(systems) > 0 {
		files = files.below("mappings/")
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
			return usagef("init overwrites nothing: choose another folder, or put the file aside", "%s exists", filepath.Join(dir, f.name))
		}
	}
	result := initResult{Dir: dir, Files: []string{}}
	for _, f := range files {
		result.Files = append(result.Files, f.name)
		if !dryRun {
			if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
				return err
			}
		}
	}
	err = g.show(result, func() error { return g.screen.Printf("%s\n", strings.Join(result.Files, "\n")) })
	g.screen.Notef("next: name the sources in %s, then sihctl extract", filepath.Join(dir, project.File))
	return err
}

// file is a file to be written.
type file struct {
	name string // below the project, with "/"
	text []byte
}

type files []file

// below returns those of the files whose names begin with prefix.
func (f files) below(prefix string) files {
	var some files
	for _, one := range f {
		if strings.HasPrefix(one.name, prefix) {
			some = append(some, one)
		}
	}
	return some
}

// unfit are the letters that a project's name is not to have.
var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// projectFiles returns the files of a new project of that name.
func projectFiles(name string, systems []string) (files, error) {
	name = strings.Trim(unfit.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name == "" {
		name = "migration"
	}
	var list files
	for _, f := range [][2]string{{project.File, "sihctl.yaml"}, {"facilities.csv", "facilities.csv"}, {".gitignore", "gitignore"}} {
		text, err := templates.ReadFile("templates/" + f[1])
		if err != nil {
			return nil, err
		}
		list = append(list, file{f[0], []byte(strings.ReplaceAll(string(text), "PROJECT", name))})
	}
	for _, system := range systems {
		copied, err := mappingFiles(system)
		if err != nil {
			return nil, err
		}
		list = append(list, copied...)
	}
	return list, nil
}

// mappingFiles returns the files of a built-in mapping.
func mappingFiles(system string) (files, error) {
	fsys, ok := mappings.System(system)
	if !ok {
		return nil, usagef("there are "+strings.Join(mappings.Systems(), ", "), "no built-in mapping for system %q", system)
	}
	var list files
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		list = append(list, file{"mappings/" + system + "/" + name, text})
		return err
	})
	return list, err
}

// writeNew writes a file that does not exist, and its folder.
func writeNew(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err = f.Write(text)
	if err := first(err, f.Close()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
