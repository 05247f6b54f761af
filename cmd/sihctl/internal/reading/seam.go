package reading

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// DefaultReread is how many rows of a table are read again at most, so that
// they stand in the view of the others. At 40,000 rows a second, which SQL
// Server gives by chunks, it is two minutes.
const DefaultReread = 5_000_000

// rereadLimit is the number that holds.
func (o Options) rereadLimit() int64 {
	switch {
	case o.Reread < 0:
		return 0
	case o.Reread == 0:
		return DefaultReread
	}
	return o.Reread
}

// SeamError tells that tables were read in several views and are too large to
// be read again.
type SeamError struct {
	Tables []string
	Views  string // in words
	Dir    string // the snapshot
	Rows   int64  // of the largest of them, in earlier views
}

// Error names the tables and the views.
func (e *SeamError) Error() string {
	format := "all is read, but %s stands in %s, and is too large to be read again"
	if len(e.Tables) > 1 {
		format = "all is read, but %s stand in %s, and are too large to be read again"
	}
	return fmt.Sprintf(format, upTo(e.Tables, 3), e.Views)
}

// Hint says what can be done.
func (e *SeamError) Hint() string {
	return fmt.Sprintf("to take the snapshot with its seam, which it will tell of, run the same command with --accept-seams; "+
		"to have these rows read again, with --reread %d; for one view from the start, move %s away", e.Rows, e.Dir)
}

// seam is what of a table stands in earlier views.
type seam struct {
	*tableReading
	chunks []snapshot.Chunk
	end    int   // the view in which the table's end was read
	count  int64 // rows in earlier views
}

// seams lists the tables that do not stand in the present view as a whole.
func (x *reading) seams() []seam {
	var out []seam
	present := x.w.View()
	for _, t := range x.tables {
		s := seam{tableReading: t}
		s.chunks, s.end = t.tw.Chunks()
		stale := s.end != present
		for _, c := range s.chunks {
			if c.View != present {
				stale = true
				s.count += int64(c.Rows)
			}
		}
		if stale {
			out = append(out, s)
		}
	}
	return out
}

// mend reads again, in the present view, what of a database was read in an
// earlier one. What is too large for that has to be accepted by name.
func (x *reading) mend(ctx context.Context) error {
	if x.db == nil {
		return nil // files are held to their stamp
	}
	stale := x.seams()
	if len(stale) == 0 {
		return nil
	}
	views := x.views(stale)
	limit := x.o.rereadLimit()
	var small []*tableReading
	again := map[*tableReading]seam{}
	large := &SeamError{Views: views, Dir: x.dir}
	for _, s := range stale {
		if s.count <= limit {
			small = append(small, s.tableReading)
			again[s.tableReading] = s
			continue
		}
		large.Tables = append(large.Tables, s.planned.Name)
		large.Rows = max(large.Rows, s.count)
	}
	if len(large.Tables) > 0 && !x.o.AcceptSeams {
		return large
	}
	x.notes.tell(fmt.Sprintf("%s: %s read again in the last one", views, plural(len(small), "table is", "tables are")))
	// The chunks of a table that was gone on with in this run are known as well.
	known, err := x.ledger.ChunkNotes(x.s.ID)
	if err != nil {
		return err
	}
	x.known = known
	changed := 0
	err = x.each(ctx, small, func(t *tableReading, ctx context.Context) error {
		before, _, _ := t.tw.Done()
		differs, err := again[t].reread(ctx)
		if err != nil || differs == nil {
			return err
		}
		text := differs.words(t.planned.Name, before)
		if text == "" {
			return nil
		}
		x.mu.Lock()
		changed++
		x.mu.Unlock()
		t.planned.Counted = false // why there are other rows than planned is told
		x.notes.tell(text)
		return x.w.Remark(text)
	})
	if err != nil {
		if _, ok := err.(*WindowError); ok {
			x.notes.tell("the window was too short to read again, in one view, what earlier views gave; --accept-seams ends without that")
		}
		return err
	}
	for _, name := range large.Tables {
		x.notes.add(fmt.Sprintf("%s was read in %s, which was accepted: what was written to it between them may be missing or be there twice", name, views))
	}
	if len(small) > 0 {
		return x.w.Remark(fmt.Sprintf("%s: %s read again in the last one, of which %d had changed", views, plural(len(small), "table was", "tables were"), changed))
	}
	return nil
}

// views says in words in which views the rows stand, the present one last.
func (x *reading) views(stale []seam) string {
	numbers := []int{x.w.View()}
	for _, s := range stale {
		numbers = append(numbers, s.end)
		for _, c := range s.chunks {
			numbers = append(numbers, c.View)
		}
	}
	slices.Sort(numbers)
	var times []time.Time
	for _, n := range slices.Compact(numbers) {
		if at, err := time.Parse(time.RFC3339, x.w.Opened(n)); err == nil {
			times = append(times, at.In(x.o.now().Location()))
		}
	}
	return viewWords(times)
}

// viewWords says "two views, 23:04 and 01:17"; over more than a day the dates
// too, within a minute the seconds.
func viewWords(times []time.Time) string {
	layout := "15:04"
	for i := 1; i < len(times); i++ {
		switch d := times[i].Sub(times[i-1]); {
		case times[i].Sub(times[0]) >= 24*time.Hour:
			layout = "2006-01-02 15:04"
		case d < time.Minute && layout == "15:04":
			layout = "15:04:05"
		}
	}
	words := make([]string, len(times))
	for i, t := range times {
		words[i] = t.Format(layout)
	}
	if len(words) < 2 {
		return "one view, " + strings.Join(words, "")
	}
	last := len(words) - 1
	number := map[int]string{2: "two", 3: "three"}[len(words)]
	return fmt.Sprintf("%s views, %s and %s", cmp.Or(number, strconv.Itoa(len(words))), strings.Join(words[:last], ", "), words[last])
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// differences counts what has changed in a table between two views.
type differences struct {
	changed, added, gone int
	// whole is set where the table was read again from its beginning, rows then
	// being how many it has now: without a key one cannot tell which changed.
	whole bool
	rows  int
}

// words tells them, or nothing where there are none.
func (d *differences) words(table string, before int) string {
	switch {
	case d.whole && d.rows != before:
		return fmt.Sprintf("%s was read again from its beginning: %d rows before, %d now", table, before, d.rows)
	case d.whole || d.changed+d.added+d.gone == 0:
		return ""
	}
	return fmt.Sprintf("%s: between the views %d rows had changed, %d were new, %d were gone", table, d.changed, d.added, d.gone)
}

// reread reads a table's rows of earlier views again. It returns nil where the
// window has closed.
func (s seam) reread(ctx context.Context) (*differences, error) {
	notes, ok := s.notesOf(s.chunks)
	if s.order == nil || len(s.chunks) == 0 || !ok {
		return s.fromBeginning(ctx)
	}
	release, err := attachFiles(ctx, s.o, s.s, s.tw, s.planned.Name)
	if err != nil {
		return nil, err
	}
	defer release()
	d := &differences{}
	var after extract.Row
	for i, c := range s.chunks {
		in := extract.Range{After: after, UpTo: notes[i].Last}
		after = notes[i].Last
		if c.View == s.w.View() {
			continue
		}
		if i == len(s.chunks)-1 && s.end != s.w.View() {
			in.UpTo = nil // what has come since stands behind the last row
		}
		ended, err := s.chunk(ctx, c, notes[i], in, d)
		if err != nil || !ended {
			return nil, err
		}
	}
	return d, s.tw.Reread()
}

// fromBeginning reads the whole table in the present view.
func (s seam) fromBeginning(ctx context.Context) (*differences, error) {
	if err := s.tw.Restart(); err != nil {
		return nil, err
	}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	rows, _, complete := s.tw.Done()
	if !complete {
		return nil, nil
	}
	return &differences{whole: true, rows: rows}, nil
}

// chunk reads a chunk's part of the table again, and keeps or replaces it.
func (s seam) chunk(ctx context.Context, c snapshot.Chunk, was project.ChunkNote, in extract.Range, d *differences) (ended bool, err error) {
	again := s.tw.Again(c)
	s.tally.reset()
	var now []project.Mark
	again.Noted = func(c snapshot.Chunk, lines []byte) error {
		last, keys := s.tally.cut(c.Rows)
		now = append(now, marks(keys, lines)...)
		return s.noted(last, keys)(c, lines)
	}
	ended, err = s.rows(ctx, s.db.RowsIn(ctx, s.planned.Name, in), func(row, narrow extract.Row) error {
		s.tally.add(row)
		return again.Append(narrow)
	})
	if err != nil || !ended {
		return false, err
	}
	lines, one := again.Lines()
	if digest := sha256.Sum256(lines); one && bytes.Equal(digest[:], was.Digest) {
		return true, again.Keep()
	}
	if err := again.Replace(); err != nil {
		return false, err
	}
	before, err := s.ledger.Marks(s.s.ID, c.Path)
	if err != nil {
		return false, err
	}
	d.count(before, now)
	return true, nil
}

// count compares the rows of a chunk by their marks: rows of one key that
// differ have changed, rows whose key only one side has are new or gone.
func (d *differences) count(before, now []project.Mark) {
	type sides struct{ old, new int }
	same := map[project.Mark]int{}
	for _, m := range before {
		same[m]++
	}
	keys := map[uint32]sides{}
	for _, m := range now {
		if same[m] > 0 {
			same[m]--
			continue
		}
		k := keys[m.Key]
		k.new++
		keys[m.Key] = k
	}
	for m, n := range same {
		k := keys[m.Key]
		k.old += n
		keys[m.Key] = k
	}
	for _, k := range keys {
		both := min(k.old, k.new)
		d.changed += both
		d.added += k.new - both
		d.gone += k.old - both
	}
}
