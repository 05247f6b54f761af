package project

import (
	"time"

	"zombiezen.com/go/sqlite"
)

// Run is a command that changed the project, or tried to.
type Run struct {
	ID       int64
	Command  string
	Started  time.Time
	Finished time.Time // zero while it runs, or where it was killed
	Outcome  string    // done, failed, interrupted; empty as long as Finished is zero
	Note     string
}

// StartRun notes that a command begins and returns the run's number.
func (l *Ledger) StartRun(command string) (id int64, err error) {
	err = l.do("start run", "INSERT INTO run (command, started) VALUES (?, ?) RETURNING id",
		func(s *sqlite.Stmt) { id = s.ColumnInt64(0) }, command, l.now())
	return id, err
}

// FinishRun notes how a run ended. The note holds no patient's value.
func (l *Ledger) FinishRun(id int64, outcome, note string) error {
	return l.do("finish run", "UPDATE run SET finished = ?, outcome = ?, note = ? WHERE id = ?", nil,
		l.now(), outcome, note, id)
}

// Runs returns the last runs, the newest first.
func (l *Ledger) Runs(limit int) ([]Run, error) {
	var runs []Run
	err := l.do("read runs", "SELECT id, command, started, coalesce(finished, ''), coalesce(outcome, ''), note FROM run ORDER BY id DESC LIMIT ?",
		func(s *sqlite.Stmt) {
			runs = append(runs, Run{s.ColumnInt64(0), s.ColumnText(1), parseTime(s.ColumnText(2)), parseTime(s.ColumnText(3)), s.ColumnText(4), s.ColumnText(5)})
		}, limit)
	return runs, err
}

// parseTime reads what the ledger wrote; what another hand wrote there is a
// time that is not known.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
