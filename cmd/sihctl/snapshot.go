package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
)

func newSnapshotCommand(g *globals) *cobra.Command {
	return family(&cobra.Command{
		Use:     "snapshot",
		GroupID: groupMigrate,
		Short:   "Show, check, pack and hand over snapshots",
		Long: `Snapshot works on what extract made: a folder, or a source of the project by
its name. A project's keys are used where it has them; outside of one, or to
use others, name them with --identity and --sender.`,
	},
		newSnapshotShowCommand(g), newSnapshotVerifyCommand(g), newSnapshotPackCommand(g), newSnapshotUnpackCommand(g), newSnapshotSlipCommand(g),
	)
}

// keyOptions are the flags of what opens a snapshot.
type keyOptions struct{ identity, sender string }

func (o *keyOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.identity, "identity", "", "`file` of the age key that opens the snapshot (default: identity of sihctl.yaml)")
	cmd.Flags().StringVar(&o.sender, "sender", "", "public `key`, or its file, of the only sender whose signature counts (default: sender of the source in sihctl.yaml)")
}

// keyring returns the keys that the flags name, or else the project's.
func (o *keyOptions) keyring(p *project.Project, s *project.Source) (k snapshot.Keyring, err error) {
	if p != nil && o.identity == "" {
		k, err = p.Keyring(s)
	} else if o.identity != "" {
		k.Identities, err = snapshot.ReadIdentities(o.identity)
	}
	if err != nil || o.sender == "" {
		return k, err
	}
	text := o.sender
	if data, err := os.ReadFile(o.sender); err == nil {
		text = string(data)
	}
	sender, err := snapshot.ParseSender(text)
	if err != nil {
		return k, usagef("give the key that the sender's sihctl keygen printed, or its .pub file", "--sender is %v, nor the file of one", err)
	}
	k.Sender = &sender
	return k, nil
}

// findSnapshot returns the folder that an argument means, a source of the
// project or a folder itself, and the keys for it.
func (g *globals) findSnapshot(name string, keys *keyOptions) (dir string, k snapshot.Keyring, err error) {
	p, s, err := g.openSource(name)
	if err != nil {
		return "", k, err
	}
	dir = name
	if s != nil {
		dir = p.SnapshotDir(s)
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", k, usagef("name a folder, or a source of the project that was extracted", "no snapshot %s", dir)
	}
	k, err = keys.keyring(p, s)
	return dir, k, err
}

// openSource returns the project, where there is one, and its source that name
// means, by its id or by its snapshot's folder, where it has that.
func (g *globals) openSource(name string) (*project.Project, *project.Source, error) {
	p, err := g.open()
	var none *project.NotFoundError
	if errors.As(err, &none) && g.dir == "" {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if s := p.Config.Source(sih.SourceID(name)); s != nil {
		return p, s, nil
	}
	dir, err := filepath.Abs(name)
	if err != nil {
		return nil, nil, err
	}
	for i := range p.Config.Sources {
		if s := &p.Config.Sources[i]; filepath.Clean(p.SnapshotDir(s)) == dir {
			return p, s, nil
		}
	}
	return p, nil, nil
}

// outside refuses a file to be written into a snapshot, which never changes.
func outside(file, dir string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
		return usagef("name another with --out", "%s lies in the snapshot, which must not change", file)
	}
	return nil
}

// showResult is what snapshot show prints as JSON.
type showResult struct {
	Snapshot   string             `json:"snapshot"`
	Source     sih.SourceID       `json:"source"`
	System     string             `json:"system"`
	Driver     string             `json:"driver"`
	Views      []string           `json:"views"`
	Consistent bool               `json:"consistent"`
	Notes      []string           `json:"notes,omitempty"`
	Remarks    []string           `json:"remarks,omitempty"`
	Encrypted  bool               `json:"encrypted"`
	Recipients []string           `json:"recipients"`
	Signer     string             `json:"signer"`
	AuditHead  string             `json:"audit_head,omitempty"`
	Files      int                `json:"files"`
	Bytes      int64              `json:"bytes"`
	Hash       string             `json:"hash"`
	Content    string             `json:"content"`
	Tables     []showTable        `json:"tables"`
	LeftOut    []snapshot.LeftOut `json:"left_out"`
	NotCopied  []showMissed       `json:"not_copied,omitempty"`
}

// showMissed is a row whose file is not in the snapshot, or not as it should be.
type showMissed struct {
	Row   string         `json:"row"`
	Fault snapshot.Fault `json:"fault"`
}

// notCopied lists the rows whose files are not as they should be.
func notCopied(s *snapshot.Snapshot) (out []showMissed, err error) {
	for _, t := range s.Tables {
		for i, c := range t.Chunks {
			named, err := s.Named(c)
			if err != nil {
				return nil, err
			}
			for _, a := range named {
				if a.Fault != "" {
					out = append(out, showMissed{sih.Ref{Source: s.Source, Table: t.Name, Chunk: i, Row: a.Row}.String(), a.Fault})
				}
			}
		}
	}
	return out, nil
}

// showNotCopied writes them, if any.
func (g *globals) showNotCopied(list []showMissed) error {
	if len(list) == 0 {
		return nil
	}
	out := &term.Table{Titles: []string{"row", "its file"}}
	for _, m := range list {
		out.Row(m.Row, string(m.Fault))
	}
	return first(g.screen.Printf("\n"), g.screen.Table(out))
}

type showTable struct {
	Table    string `json:"table"`
	Columns  int    `json:"columns"`
	Rows     int    `json:"rows"`
	Rejected int    `json:"rejected"`
	Chunks   int    `json:"chunks"`
	// Files is set where the files were asked for that a column names.
	Files *showFiles `json:"files,omitempty"`
}

type showFiles struct {
	Column string                 `json:"column"`
	Named  int                    `json:"named"`  // rows that name a file
	Copied int                    `json:"copied"` // rows whose file is there, as it was
	Files  int                    `json:"files"`  // files that are there
	Bytes  int64                  `json:"bytes"`
	Faults map[snapshot.Fault]int `json:"faults"`
}

// filesOf returns what of a table's files is in the snapshot.
func filesOf(t snapshot.TableInfo) *showFiles {
	if t.FileColumn == "" {
		return nil
	}
	a := t.Attached
	return &showFiles{t.FileColumn, a.Named, a.Copied, a.Files, a.Bytes, a.Faults}
}

func newSnapshotShowCommand(g *globals) *cobra.Command {
	var keys keyOptions
	var files bool
	cmd := &cobra.Command{
		Use:   "show SNAPSHOT",
		Short: "Say what a snapshot holds",
		Long: `Show says what a snapshot was taken of, what tables it holds, and to whom it is
encrypted. That takes no key, and shows no value of any row. With --files, and a
key where the snapshot is encrypted, it also lists the rows that name a file
which could not be copied, by where they stand.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, k, err := g.findSnapshot(args[0], &keys)
			if err != nil {
				return err
			}
			s, err := k.Peek(dir)
			if err != nil {
				return err
			}
			return g.showSnapshot(dir, s, files)
		},
	}
	keys.addFlags(cmd)
	cmd.Flags().BoolVar(&files, "files", false, "list the rows whose files are missing or not as they should be")
	return cmd
}

func (g *globals) showSnapshot(dir string, s *snapshot.Snapshot, files bool) error {
	r := showResult{
		Snapshot: dir, Source: s.Source, System: s.System, Driver: s.Driver, Views: s.Views, Consistent: s.Consistent, Notes: s.Notes, Remarks: s.Remarks,
		Encrypted: s.Encrypted, Recipients: s.Recipients, Signer: s.Signer, AuditHead: s.AuditHead, Files: s.Files, Bytes: s.Bytes, Hash: s.Hash, Content: s.Content,
		LeftOut: s.LeftOut,
	}
	if files {
		var err error
		if r.NotCopied, err = notCopied(s); err != nil {
			return err
		}
	}
	tables := &term.Table{Titles: []string{"table", "columns", "rows", "unreadable", "left out"}}
	for _, t := range s.Tables {
		r.Tables = append(r.Tables, showTable{t.Name, len(t.Columns), t.Rows, t.Rejected, len(t.Chunks) + len(t.Rejects), filesOf(t)})
		tables.Row(t.Name, len(t.Columns), t.Rows, t.Rejected, leftOutOf(s, t.Name))
	}
	for _, l := range s.LeftOut {
		if len(l.Columns) == 0 {
			tables.Row(l.Table, "", "", "", term.Words("all"))
		}
	}
	return g.show(r, func() error {
		facts := &term.Table{Titles: []string{"snapshot", dir}}
		facts.Row(term.Words("source"), string(s.Source)+", "+s.System+" by "+s.Driver)
		facts.Row(term.Words("read"), strings.Join(s.Views, ", "))
		consistent := "no"
		if s.Consistent {
			consistent = "yes"
		}
		facts.Row(term.Words("consistent"), term.Words(consistent))
		for _, text := range slices.Concat(s.Notes, s.Remarks) {
			facts.Row(term.Words("note"), term.Words(text))
		}
		facts.Row(term.Words("encrypted to"), term.Words(orNobody(s.Recipients)))
		facts.Row(term.Words("signed by"), term.Words(orNobody(nonEmpty(s.Signer))))
		facts.Row(term.Words("manifest"), s.Hash)
		if s.AuditHead != "" {
			facts.Row(term.Words("audit log before"), s.AuditHead)
		}
		return first(g.screen.Table(facts), g.screen.Printf("\n"), g.screen.Table(tables), g.showFiles(r.Tables), g.showNotCopied(r.NotCopied))
	})
}

// showFiles writes which files were copied with which tables, if any.
func (g *globals) showFiles(tables []showTable) error {
	out := &term.Table{Titles: []string{"files of", "named by", "rows", "copied", "bytes", "not copied"}}
	none := true
	for _, t := range tables {
		if f := t.Files; f != nil {
			none = false
			out.Row(t.Table, f.Column, f.Named, f.Copied, f.Bytes, faultCounts(f.Faults))
		}
	}
	if none {
		return nil
	}
	return first(g.screen.Printf("\n"), g.screen.Table(out))
}

// faultCounts lists why files were not copied, and how many.
func faultCounts(faults map[snapshot.Fault]int) string {
	var out []string
	for _, f := range slices.Sorted(maps.Keys(faults)) {
		out = append(out, fmt.Sprintf("%s %d", f, faults[f]))
	}
	return strings.Join(out, ", ")
}

// leftOutOf lists the columns of a table that were left out.
func leftOutOf(s *snapshot.Snapshot, table string) string {
	for _, l := range s.LeftOut {
		if l.Table == table {
			return strings.Join(l.Columns, ", ")
		}
	}
	return ""
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func orNobody(list []string) string {
	if len(list) == 0 {
		return "nobody"
	}
	return strings.Join(list, ", ")
}

// step returns what shows the progress of one step, or nil.
func (g *globals) step(name string, total int64, unit string) func(int64) {
	bar := g.screen.Progress()
	if bar == nil {
		return nil
	}
	return func(done int64) {
		bar.Show(term.Step{Stage: "snapshot", Name: name, Done: done, Total: total, Unit: unit})
	}
}

// counted writes how many there are of what.
func counted(n int64, what string) string { return fmt.Sprintf("%d %s", n, what) }
