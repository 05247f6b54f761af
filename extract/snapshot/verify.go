package snapshot

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Verify reads every file and finds what is changed, missing or not listed.
// Done, where it is set, is told the bytes read so far.
func (s *Snapshot) Verify(ctx context.Context, done func(bytes int64)) error {
	present, err := files(s.dir)
	if err != nil {
		return fmt.Errorf("verify snapshot: %w", err)
	}
	for _, p := range append(present, manifestFile, signatureFile, sumsFile) {
		// A link could be one thing now and another tomorrow.
		info, err := os.Lstat(filepath.Join(s.dir, filepath.FromSlash(p)))
		if err == nil && !info.Mode().IsRegular() {
			return s.damaged(p, "is no file of its own")
		}
	}
	for _, p := range present {
		if _, ok := s.files[p]; !ok {
			return s.damaged(p, "is not in the manifest")
		}
	}
	names := make([]string, 0, len(s.files))
	for p := range s.files {
		names = append(names, p)
	}
	slices.Sort(names)
	total := int64(0)
	for _, p := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		// A volume may be longer than the memory.
		if err := s.copyListed(p, &told{ctx, &total, done}); err != nil {
			return err
		}
	}
	return nil
}

// told counts what is written to it and ends with its context.
type told struct {
	ctx   context.Context
	total *int64
	done  func(int64)
}

// Write tells how many bytes have passed in all. Its error is the context's.
func (t *told) Write(p []byte) (int, error) {
	if *t.total += int64(len(p)); t.done != nil {
		t.done(*t.total)
	}
	return len(p), t.ctx.Err()
}

// VerifyContent reads every row, rejected record and attached file, which takes
// the key of a recipient, and counts them again. It returns how many there are. Done, where
// it is set, is told the number so far.
func (s *Snapshot) VerifyContent(ctx context.Context, done func(rows int64)) (rows int64, err error) {
	if err := s.Readable(); err != nil {
		return 0, err
	}
	for _, t := range s.Tables {
		for _, c := range slices.Concat(t.Chunks, t.Rejects) {
			if err := ctx.Err(); err != nil {
				return rows, err
			}
			if c.Rejected {
				_, err = s.Rejected(c)
			} else {
				for _, err = range s.Rows(t, c) {
				}
			}
			if err != nil {
				return rows, err
			}
			if err := s.verifyAttached(ctx, c); err != nil {
				return rows, err
			}
			rows += int64(c.Rows)
			if done != nil {
				done(rows)
			}
		}
	}
	return rows, nil
}
