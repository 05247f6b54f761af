package project

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"os/user"
	"path/filepath"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// AuditFile is the copy of the audit log in the project, a line of JSON each,
// for who has no SQLite at hand.
const AuditFile = "audit.ndjson"

// Audit appends a line to the audit log: who and where are filled in. The
// ledger has it first, and the copy is completed from it where a crash has left
// it short.
func (l *Ledger) Audit(line audit.Line) (head audit.Head, err error) {
	line.User, line.Machine = here()
	l.mu.Lock()
	defer l.mu.Unlock()
	if line.Time.IsZero() {
		line.Time = parseTime(l.now())
	}
	end, err := sqlitex.ImmediateTransaction(l.conn)
	if err != nil {
		return head, ledgerError("write audit log", err)
	}
	var text []byte
	var before int64
	write := func() error {
		if head, before, err = l.auditEnd(); err != nil {
			return err
		}
		if text, head, err = head.Next(line); err != nil {
			return err
		}
		return l.exec("INSERT INTO audit_log (seq, line) VALUES (?, ?)", nil, head.Seq, string(text))
	}
	err = write()
	end(&err)
	if err != nil {
		return head, ledgerError("write audit log", err)
	}
	if err := l.copyAudit(before, append(text, '\n')); err != nil {
		return head, fmt.Errorf("write %s: %w", AuditFile, err)
	}
	return head, nil
}

// here names the user and the machine, as well as the system knows them.
func here() (who, machine string) {
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	machine, _ = os.Hostname()
	return who, machine
}

// auditEnd returns the head of the log, by its last line alone, and the length
// of its text. The caller holds l.mu.
func (l *Ledger) auditEnd() (head audit.Head, length int64, err error) {
	last := ""
	err = l.exec("SELECT line FROM audit_log ORDER BY seq DESC LIMIT 1", func(s *sqlite.Stmt) { last = s.ColumnText(0) })
	if err != nil || last == "" {
		return head, 0, err
	}
	line, err := audit.Parse([]byte(last))
	if err != nil {
		return head, 0, fmt.Errorf("the last line of the audit log: %w", err)
	}
	err = l.exec("SELECT sum(length(CAST(line AS BLOB)) + 1) FROM audit_log", func(s *sqlite.Stmt) { length = s.ColumnInt64(0) })
	return audit.Head{Seq: line.Seq, Hash: line.Hash}, length, err
}

// copyAudit appends a line to the copy, whose length should be before. One that
// a crash has left short is completed first; one that is anything else stays as
// it is, for CheckAudit to find. The ledger is locked meanwhile: another process
// may have a line of its own, and may have completed the copy with this one.
func (l *Ledger) copyAudit(before int64, line []byte) (err error) {
	end, err := sqlitex.ImmediateTransaction(l.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	f, err := os.OpenFile(filepath.Join(l.dir, AuditFile), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	have, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if int64(len(have)) > before && bytes.HasPrefix(have[before:], line) {
		return nil
	}
	if int64(len(have)) != before {
		var whole []byte
		err := l.exec("SELECT line FROM audit_log ORDER BY seq", func(s *sqlite.Stmt) { whole = append(append(whole, s.ColumnText(0)...), '\n') })
		if err != nil {
			return err
		}
		if rest, ok := bytes.CutPrefix(whole, have); ok {
			line = rest // which ends with it
		}
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	return f.Sync()
}

// AuditHead returns the head of the audit log.
func (l *Ledger) AuditHead() (audit.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	head, _, err := l.auditEnd()
	if err != nil {
		err = ledgerError("read audit log", err)
	}
	return head, err
}

// AuditLines returns the lines of the audit log.
func (l *Ledger) AuditLines() (lines [][]byte, err error) {
	err = l.do("read audit log", "SELECT line FROM audit_log ORDER BY seq", func(s *sqlite.Stmt) {
		lines = append(lines, []byte(s.ColumnText(0)))
	})
	return lines, err
}

// CheckAudit checks the audit log, its copy, and that both hold the heads that
// were kept elsewhere. What is not as it was written is an
// [*audit.BrokenError].
func (l *Ledger) CheckAudit(heads ...audit.Head) (audit.Head, error) {
	lines, err := l.AuditLines()
	if err != nil {
		return audit.Head{}, err
	}
	head, err := audit.Check(each(lines), heads...)
	if err != nil {
		return head, err
	}
	f, err := os.Open(filepath.Join(l.dir, AuditFile))
	if errors.Is(err, fs.ErrNotExist) && len(lines) == 0 {
		return head, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return head, &audit.BrokenError{Line: 1, Why: "its copy " + AuditFile + " is not there"}
	}
	if err != nil {
		return head, fmt.Errorf("read audit log: %w", err)
	}
	defer f.Close()
	copied := bufio.NewReader(f)
	for i, want := range lines {
		got, err := copied.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return head, fmt.Errorf("read %s: %w", AuditFile, err)
		}
		if !bytes.Equal(got, append(bytes.Clone(want), '\n')) {
			return head, &audit.BrokenError{Line: int64(i + 1), Why: AuditFile + " does not say what the ledger does"}
		}
	}
	if _, err := copied.ReadByte(); err != io.EOF {
		return head, &audit.BrokenError{Line: int64(len(lines) + 1), Why: AuditFile + " goes on where the ledger ends"}
	}
	return head, nil
}

func each(lines [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}
