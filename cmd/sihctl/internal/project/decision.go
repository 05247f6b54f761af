package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// The verdicts on two records.
const (
	Same   = "same"   // they are one person
	Apart  = "apart"  // they are two people
	Unsure = "unsure" // the reviewer cannot tell: it binds nothing
)

// Decision is a reviewer's verdict on two records.
type Decision struct {
	ID       int64
	A, B     sih.ID // source persons, the smaller id first
	Verdict  string
	Evidence string // hash of what the two records said when he decided
	Reviewer string
	// Comment is the reviewer's, who may name a patient in it.
	Comment string
	Decided time.Time
	Ended   time.Time // zero as long as the decision holds
	Why     string    // it ended: undone or replaced
}

// ReviewPair is a row of a review workbook as it was written.
type ReviewPair struct {
	Key      string
	A, B     sih.ID
	Evidence string
	Cells    []byte // hashes of the row's cells
}

// KeepReview notes the rows of a workbook, so that what comes back can be held
// against them.
func (l *Ledger) KeepReview(pairs []ReviewPair) error {
	return l.transaction("note review", func() error {
		for _, p := range pairs {
			if err := l.exec("INSERT OR REPLACE INTO review_pair (key, a, b, evidence, cells) VALUES (?, ?, ?, ?, ?)", nil,
				p.Key, p.A.String(), p.B.String(), p.Evidence, p.Cells); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReviewPair returns the row of that key, and false where none was written.
func (l *Ledger) ReviewPair(key string) (p ReviewPair, ok bool, err error) {
	err = l.do("read review", "SELECT key, a, b, evidence, cells FROM review_pair WHERE key = ?", func(s *sqlite.Stmt) {
		p = ReviewPair{Key: s.ColumnText(0), Evidence: s.ColumnText(3), Cells: make([]byte, s.ColumnLen(4))}
		p.A, p.B = parseID(s.ColumnText(1)), parseID(s.ColumnText(2))
		s.ColumnBytes(4, p.Cells)
		ok = true
	}, key)
	return p, ok, err
}

// Decided counts what became of decisions that were handed in.
type Decided struct {
	Added    int `json:"added"`    // on a pair that the reviewer had not decided
	Replaced int `json:"replaced"` // his verdict, evidence or comment is another now
	Known    int `json:"known"`    // they stood there as they are
}

// Decide notes decisions, all or none. A reviewer's decision takes the place of
// the one that he made before on the same pair, which stays in the ledger as
// replaced.
func (l *Ledger) Decide(list []Decision) (n Decided, err error) {
	err = l.transaction("note decisions", func() error {
		n = Decided{}
		for _, d := range list {
			if slices.Compare(d.A[:], d.B[:]) > 0 {
				d.A, d.B = d.B, d.A
			}
			a, b := d.A.String(), d.B.String()
			var before *Decision
			err := l.exec(decisionColumns+" WHERE a = ? AND b = ? AND reviewer = ? AND ended IS NULL",
				func(s *sqlite.Stmt) { d := readDecision(s); before = &d }, a, b, d.Reviewer)
			if err != nil {
				return err
			}
			switch {
			case before == nil:
				n.Added++
			case before.Verdict == d.Verdict && before.Evidence == d.Evidence && before.Comment == d.Comment:
				n.Known++
				continue
			default:
				n.Replaced++
				if err := l.exec("UPDATE decision SET ended = ?, why = 'replaced' WHERE id = ?", nil, l.now(), before.ID); err != nil {
					return err
				}
			}
			if err := l.exec("INSERT INTO decision (a, b, verdict, evidence, reviewer, comment, decided) VALUES (?, ?, ?, ?, ?, ?, ?)", nil,
				a, b, d.Verdict, d.Evidence, d.Reviewer, d.Comment, l.now()); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Undo takes decisions back, all or none. They stay in the ledger as undone.
func (l *Ledger) Undo(ids []int64) error {
	return l.transaction("undo decisions", func() error {
		for _, id := range ids {
			if err := l.exec("UPDATE decision SET ended = ?, why = 'undone' WHERE id = ? AND ended IS NULL", nil, l.now(), id); err != nil {
				return err
			}
			if l.conn.Changes() == 0 {
				return &NoDecisionError{id}
			}
		}
		return nil
	})
}

// NoDecisionError tells that there is no such decision, or not any more.
type NoDecisionError struct{ ID int64 }

// Error names it.
func (e *NoDecisionError) Error() string { return fmt.Sprintf("no decision %d holds", e.ID) }

// Hint says what to do.
func (e *NoDecisionError) Hint() string { return "sihctl review list shows the decisions that hold" }

// Decisions returns the decisions that hold, or all that were ever made, in the
// order in which they were noted.
func (l *Ledger) Decisions(ended bool) (list []Decision, err error) {
	query := decisionColumns
	if !ended {
		query += " WHERE ended IS NULL"
	}
	err = l.do("read decisions", query+" ORDER BY id", func(s *sqlite.Stmt) { list = append(list, readDecision(s)) })
	return list, err
}

const decisionColumns = "SELECT id, a, b, verdict, evidence, reviewer, comment, decided, coalesce(ended, ''), why FROM decision"

func readDecision(s *sqlite.Stmt) Decision {
	return Decision{
		ID: s.ColumnInt64(0), A: parseID(s.ColumnText(1)), B: parseID(s.ColumnText(2)), Verdict: s.ColumnText(3), Evidence: s.ColumnText(4),
		Reviewer: s.ColumnText(5), Comment: s.ColumnText(6), Decided: parseTime(s.ColumnText(7)), Ended: parseTime(s.ColumnText(8)), Why: s.ColumnText(9),
	}
}

// parseID reads what the ledger wrote; what another hand wrote there is nobody's.
func parseID(s string) sih.ID {
	id, err := sih.ParseID(s)
	if err != nil {
		return sih.ID{}
	}
	return id
}

// transaction calls f within a transaction: all that it does is done, or
// nothing.
func (l *Ledger) transaction(what string, f func() error) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end, err := sqlitex.ImmediateTransaction(l.conn)
	if err != nil {
		return ledgerError(what+" in ledger", err)
	}
	err = f()
	end(&err)
	var none *NoDecisionError
	if err == nil || errors.As(err, &none) {
		return err
	}
	return ledgerError(what+" in ledger", err)
}

// Binding is what reviewers agree on about a pair: it binds the matcher.
type Binding struct {
	A, B sih.ID
	Same bool
	// Evidence lists the hashes on which they decided, By their names.
	Evidence []string
	By       string
}

// Bindings returns what the decisions that hold come to, by pair, and the pairs
// on which reviewers contradict each other, which bind nothing. Who is unsure
// contradicts nobody.
func Bindings(list []Decision) (bound []Binding, against [][]Decision) {
	list = slices.DeleteFunc(slices.Clone(list), func(d Decision) bool { return !d.Ended.IsZero() || d.Verdict == Unsure })
	pair := func(x, y Decision) int {
		if c := slices.Compare(x.A[:], y.A[:]); c != 0 {
			return c
		}
		return slices.Compare(x.B[:], y.B[:])
	}
	slices.SortStableFunc(list, pair)
	for len(list) > 0 {
		n := 1
		for n < len(list) && pair(list[0], list[n]) == 0 {
			n++
		}
		of := list[:n]
		list = list[n:]
		if slices.ContainsFunc(of, func(d Decision) bool { return d.Verdict != of[0].Verdict }) {
			against = append(against, of)
			continue
		}
		b := Binding{A: of[0].A, B: of[0].B, Same: of[0].Verdict == Same}
		var by []string
		for _, d := range of {
			b.Evidence, by = append(b.Evidence, d.Evidence), append(by, d.Reviewer)
		}
		slices.Sort(by)
		b.By = strings.Join(by, ", ")
		bound = append(bound, b)
	}
	return bound, against
}

// Bindings returns what binds the project's matcher: nothing where there is no
// ledger yet.
func (p *Project) Bindings() ([]Binding, error) {
	if _, err := os.Stat(filepath.Join(p.Dir, LedgerFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	l, err := p.OpenLedger()
	if err != nil {
		return nil, err
	}
	list, err := l.Decisions(false)
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	bound, _ := Bindings(list)
	return bound, nil
}
