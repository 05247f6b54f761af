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

// Record is a unit of work that is done.
type Record struct {
	Stage, Step, Unit string
	// InputHash is of all that the unit was made from, and OutputHash of what
	// was made. A unit whose input has another hash now is to be done again.
	InputHash, OutputHash string
	Finished              time.Time
}

const selectRecord = "SELECT stage, step, unit, input_hash, output_hash, finished FROM progress "

// Progress returns what is known of a unit of work, and false where it is not
// done.
func (l *Ledger) Progress(stage, step, unit string) (rec Record, ok bool, err error) {
	err = l.do("read progress", selectRecord+"WHERE stage = ? AND step = ? AND unit = ?",
		func(s *sqlite.Stmt) { rec, ok = record(s), true }, stage, step, unit)
	return rec, ok, err
}

// Done returns the units of a stage that are done, by step and unit.
func (l *Ledger) Done(stage string) ([]Record, error) {
	var list []Record
	err := l.do("read progress", selectRecord+"WHERE stage = ? ORDER BY step, unit",
		func(s *sqlite.Stmt) { list = append(list, record(s)) }, stage)
	return list, err
}

// Record notes that a unit of work is done. What was noted before of the same
// unit is replaced.
func (l *Ledger) Record(stage, step, unit, inputHash, outputHash string) error {
	return l.do("record progress", "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?, ?, 'done', ?)", nil,
		stage, step, unit, inputHash, outputHash, l.now())
}

// Forget drops all that is known of a stage: it is to be done again.
func (l *Ledger) Forget(stage string) error {
	return l.do("forget progress", "DELETE FROM progress WHERE stage = ?", nil, stage)
}

// Setting returns a remembered value, or nothing.
func (l *Ledger) Setting(name string) (value string, err error) {
	err = l.do("read setting", "SELECT value FROM setting WHERE name = ?",
		func(s *sqlite.Stmt) { value = s.ColumnText(0) }, name)
	return value, err
}

// SetSetting remembers a value.
func (l *Ledger) SetSetting(name, value string) error {
	return l.do("write setting", "INSERT OR REPLACE INTO setting VALUES (?, ?)", nil, name, value)
}

func record(s *sqlite.Stmt) Record {
	return Record{s.ColumnText(0), s.ColumnText(1), s.ColumnText(2), s.ColumnText(3), s.ColumnText(4), parseTime(s.ColumnText(5))}
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
