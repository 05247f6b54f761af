package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
)

// packResult is what snapshot pack prints as JSON.
type packResult struct {
	Snapshot string   `json:"snapshot"`
	Files    []string `json:"files"`
	Bytes    int64    `json:"bytes"`
}

func newSnapshotPackCommand(g *globals) *cobra.Command {
	var out, split string
	cmd := &cobra.Command{
		Use:   "pack SNAPSHOT",
		Short: "Pack a snapshot into one file, or into parts for a stick",
		Long: `Pack writes a snapshot as one tar, for sending. The same snapshot gives the same
bytes: nothing of it tells where and by whom it was packed. A FAT32 stick takes
no file of 4 GiB: --split 3900M writes NAME.1of2, NAME.2of2, which are the tar
one after the other. Nothing that exists is overwritten.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			size, err := parseSize(split)
			if err != nil {
				return err
			}
			// Packing takes no key.
			dir, _, err := g.findSnapshot(args[0], &keyOptions{})
			if err != nil {
				return err
			}
			return runPack(cmd.Context(), g, dir, out, size)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write (default: the source's name and .tar)")
	cmd.Flags().StringVar(&split, "split", "", "greatest `size` of a part, such as 3900M: units K, M and G are of 1024")
	return cmd
}

// minPart is the least size of a part: below it a stick is not what is meant.
const minPart = 1 << 10

// parseSize reads a size in bytes, or in K, M or G; 0 for nothing.
func parseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	digits, unit := s, int64(1)
	if i := strings.IndexByte("KMG", s[len(s)-1]); i >= 0 {
		digits, unit = s[:len(s)-1], 1<<(10*(i+1))
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n*unit < minPart {
		return 0, usagef("write a size of 1K or more, such as 3900M", "--split %q is no size", s)
	}
	return n * unit, nil
}

func runPack(ctx context.Context, g *globals, dir, out string, size int64) error {
	s, err := snapshot.Open(dir)
	if err != nil {
		return err
	}
	if out == "" {
		out = string(s.Source) + ".tar"
	}
	if err := outside(out, dir); err != nil {
		return err
	}
	total, err := s.PackSize()
	if err != nil {
		return err
	}
	parts, err := snapshot.NewParts(out, total, size)
	if errors.Is(err, fs.ErrExist) {
		return usagef("remove it, or name another with --out", "%v", err)
	}
	if err != nil {
		return err
	}
	if err := s.Pack(ctx, parts, g.step("packing", s.Bytes, "bytes")); err != nil {
		return errors.Join(err, parts.Abandon())
	}
	if err := parts.Close(); err != nil {
		return fmt.Errorf("pack snapshot: %w", err)
	}
	if err := g.loggedHere("snapshot pack", audit.Touched{Verb: "exported", Kind: "snapshot", Name: string(s.Source), SHA256: s.Hash}); err != nil {
		return err
	}
	err = g.show(packResult{dir, parts.Names(), total}, func() error {
		return g.screen.Printf("%s\n", strings.Join(parts.Names(), "\n"))
	})
	g.screen.Notef("next: sihctl snapshot slip %s, then hand over both", dir)
	return err
}

// unpackResult is what snapshot unpack prints as JSON.
type unpackResult struct {
	Snapshot string `json:"snapshot"`
	Signer   string `json:"signer"`
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
}

func newSnapshotUnpackCommand(g *globals) *cobra.Command {
	var keys keyOptions
	cmd := &cobra.Command{
		Use:   "unpack FILE [DIR]",
		Short: "Unpack and check what pack wrote",
		Long: `Unpack makes a folder of what pack wrote: the working directory's folder of the
file's name, where none is named. Of parts name any one; all must lie together.
It takes nothing but what pack writes, to the byte, and checks every file and
the signature before the folder appears.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := ""
			if len(args) > 1 {
				dir = args[1]
			}
			return runUnpack(cmd.Context(), g, args[0], dir, &keys)
		},
	}
	keys.addFlags(cmd)
	return cmd
}

func runUnpack(ctx context.Context, g *globals, file, dir string, keys *keyOptions) error {
	names, err := snapshot.FindParts(file)
	if err != nil {
		return err
	}
	if dir == "" {
		if dir, _, _ = strings.Cut(filepath.Base(names[0]), ".tar"); dir == "" || dir == filepath.Base(names[0]) {
			return usagef("sihctl snapshot unpack "+file+" FOLDER", "name the folder to unpack into")
		}
	}
	p, s, err := g.openSource(dir)
	if err != nil {
		return err
	}
	if s != nil {
		dir = p.SnapshotDir(s)
	}
	k, err := keys.keyring(p, s)
	if err != nil {
		return err
	}
	in := snapshot.JoinParts(names)
	defer in.Close()
	snap, err := k.Unpack(ctx, &counting{r: in, done: g.step("unpacking", 0, "bytes")}, dir)
	if errors.Is(err, fs.ErrExist) {
		return usagef("name another folder, or remove what is in it", "%s is not empty", dir)
	}
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := g.loggedHere("snapshot unpack", audit.Touched{Verb: "wrote", Kind: "snapshot", Name: string(snap.Source), SHA256: snap.Hash}); err != nil {
		return err
	}
	err = g.show(unpackResult{dir, snap.Signer, snap.Files, snap.Bytes}, func() error { return g.screen.Printf("%s\n", dir) })
	if k.Sender == nil {
		g.screen.Notef("whether it comes from the right sender was not checked: --sender says whose signature it must have")
	}
	g.screen.Notef("next: sihctl snapshot verify %s", dir)
	return err
}

// counting tells how much of a stream has been read.
type counting struct {
	r    io.Reader
	n    int64
	done func(int64)
}

// Read counts what is read.
func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); c.done != nil {
		c.done(c.n)
	}
	return n, err
}

// writeFresh writes a file that is private to its user and does not exist.
func writeFresh(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	_, err = f.Write(text)
	if err := first(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
