package main

import (
	"context"

	"github.com/sihctl/sih/cmd/sihctl/internal/term"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
)

// verifyResult is what snapshot verify prints as JSON.
type verifyResult struct {
	Snapshot       string `json:"snapshot"`
	Files          int    `json:"files"`
	Bytes          int64  `json:"bytes"`
	Signer         string `json:"signer"`
	SenderChecked  bool   `json:"sender_checked"`
	ContentChecked bool   `json:"content_checked"`
	Rows           int64  `json:"rows"`
	Attached       int64  `json:"attached"` // files that rows name, read and checked
}

func newSnapshotVerifyCommand(g *globals) *cobra.Command {
	var keys keyOptions
	cmd := &cobra.Command{
		Use:   "verify SNAPSHOT",
		Short: "Check that a snapshot is as it was written",
		Long: `Verify finds what of a snapshot is changed, missing or foreign; that takes no
key. With the sender's public key it accepts no other sender, and none that did
not sign. With the key of a recipient, or where the snapshot is plain, it reads
every row and counts them again. What is not right ends with exit code 6, an
intact snapshot that the key does not open with 5.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, k, err := g.findSnapshot(args[0], &keys)
			if err != nil {
				return err
			}
			return g.verifySnapshot(cmd.Context(), dir, k)
		},
	}
	keys.addFlags(cmd)
	return cmd
}

// verifySnapshot looks for damage before it tries a key.
func (g *globals) verifySnapshot(ctx context.Context, dir string, k snapshot.Keyring) error {
	s, err := snapshot.Keyring{Sender: k.Sender}.Open(dir)
	if err != nil {
		return err
	}
	if err := s.Verify(ctx, g.step("checking files", s.Bytes, "bytes")); err != nil {
		return err
	}
	r := verifyResult{Snapshot: dir, Files: s.Files, Bytes: s.Bytes, Signer: s.Signer, SenderChecked: k.Sender != nil}
	if !s.Encrypted || len(k.Identities) > 0 {
		if s, err = k.Open(dir); err != nil {
			return err
		}
		if r.Rows, err = s.VerifyContent(ctx, g.step("counting rows", 0, "rows")); err != nil {
			return err
		}
		r.ContentChecked = true
		for _, t := range s.Tables {
			r.Attached += int64(t.Attached.Files)
		}
	}
	return g.show(r, func() error {
		t := &term.Table{Titles: []string{"checked", "", "found"}}
		t.Row(term.Words("files"), term.Words("intact"), term.Words(counted(int64(r.Files), "files")+", "+counted(r.Bytes, "bytes")))
		switch {
		case r.SenderChecked:
			t.Row(term.Words("sender"), term.Words("as expected"), r.Signer)
		case r.Signer != "":
			t.Row(term.Words("sender"), term.Words("NOT CHECKED"), term.Words("the signature is right, by "+r.Signer+"; --sender says whose it must be"))
		default:
			t.Row(term.Words("sender"), term.Words("NOT CHECKED"), term.Words("the snapshot is not signed"))
		}
		if r.ContentChecked {
			t.Row(term.Words("content"), term.Words("complete"), term.Words(counted(r.Rows, "rows")))
			if r.Attached > 0 {
				t.Row(term.Words("files that rows name"), term.Words("as their hashes say"), term.Words(counted(r.Attached, "files")))
			}
		} else {
			t.Row(term.Words("content"), term.Words("NOT CHECKED"), term.Words("that takes the key of a recipient: --identity"))
		}
		return g.screen.Table(t)
	})
}
