package simulate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// Config says what region to make.
type Config struct {
	Patients int    // distinct persons, at least one
	Seed     uint64 // equal seeds make equal regions
	// Done is called now and then with the rows written since the last call.
	// It may be nil.
	Done func(rows int)
	// Defects are the rates of all defects; the zero value stands for
	// DefaultRates.
	Defects Rates
}

// Summary says what was made.
type Summary struct {
	Persons int // distinct persons
	Records int // patient records, those of nobody included
	// Rows counts the rows of each source's tables as they were meant: lines
	// that a file has twice count once.
	Rows    map[sih.SourceID]map[string]int
	Defects Defects
	Traps   map[string]int // records by trap
}

// Total is the number of rows of all sources.
func (s Summary) Total() int {
	n := 0
	for _, tables := range s.Rows {
		for _, rows := range tables {
			n += rows
		}
	}
	return n
}

// Defects counts what was done wrong on purpose.
type Defects struct {
	Typos, Swapped, BadBirths, GuardianCINs, SpouseCINs, CINTypos, Fillers, LeftOvers, Again, Tests int
	OldEncoding, DoubleUTF8, LostText                                                               int
	DischargeBefore, StillOpen, AfterDeath, BeforeBirth, WrongSex, DeletedRows                      int
	OrphanStays, OrphanActs, UnknownCodes, NoUnits, NoneKnown, Twice                                int
	BillsNoStay, NegativeBills, TwiceBilled, WrongSums, Unreadable                                  int
	DuplicateKeys, Ragged, OpenQuotes, JunkCells                                                    int
}

// snapshotted are the systems that hospitals send as snapshots, and the
// drivers that they were read with.
var snapshotted = [...]system{enova, hosix, bilmed}

// Write makes a region under dir, which it creates: snapshots/enova, hosix and
// bilmed; incoming/dedalus/*.csv and incoming/essp/*.xlsx; incoming/enova, what
// that hospital's people counted on their server, and what it declared;
// facilities.csv, the master list; truth.csv, which says whose each patient
// record is. Everything is written beside dir's content first and moved there
// when it is whole: an error or a cancelled ctx leaves nothing. What dir already
// holds under these names is an error.
func Write(ctx context.Context, dir string, cfg Config) (Summary, error) {
	if cfg.Patients < 1 {
		return Summary{}, fmt.Errorf("simulate: %d patients", cfg.Patients)
	}
	if cfg.Defects == (Rates{}) {
		cfg.Defects = DefaultRates()
	}
	products := []string{"snapshots", "incoming", "facilities.csv", "truth.csv"}
	for _, p := range products {
		if _, err := os.Lstat(filepath.Join(dir, p)); !errors.Is(err, os.ErrNotExist) {
			return Summary{}, fmt.Errorf("simulate: %s exists in the folder already", p)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Summary{}, fmt.Errorf("simulate: %w", err)
	}
	work, err := os.MkdirTemp(dir, ".simulate-")
	if err != nil {
		return Summary{}, fmt.Errorf("simulate: %w", err)
	}
	defer os.RemoveAll(work)
	summary, err := write(ctx, work, cfg)
	if err != nil {
		return Summary{}, fmt.Errorf("simulate: %w", err)
	}
	for i, p := range products {
		if err := os.Rename(filepath.Join(work, p), filepath.Join(dir, p)); err != nil {
			for _, moved := range products[:i] {
				os.RemoveAll(filepath.Join(dir, moved))
			}
			return Summary{}, fmt.Errorf("simulate: %w", err)
		}
	}
	return summary, nil
}

// snapshotDatabase writes a system's tables into a snapshot.
type snapshotDatabase struct{ *snapshot.Writer }

// Table begins a table of the snapshot.
func (d snapshotDatabase) Table(t extract.Table) (tableWriter, error) { return d.Writer.Table(t) }

func write(ctx context.Context, dir string, cfg Config) (s Summary, err error) {
	g := &generator{seed: cfg.Seed, rates: cfg.Defects, source: rand.NewPCG(cfg.Seed, 0)}
	g.rand = rand.New(g.source)
	g.world = newWorld(cfg.Patients, cfg.Seed)
	if g.truth, err = newTruth(filepath.Join(dir, "truth.csv")); err != nil {
		return s, err
	}
	defer g.truth.file.f.Close()
	layouts := Layouts()
	var snapshots []*snapshot.Writer
	files := &csvDatabase{dir: filepath.Join(dir, "incoming", "dedalus"), rand: rand.New(rand.NewPCG(cfg.Seed, 1<<42)), rates: &g.rates, count: &g.count}
	defer func() {
		if err != nil {
			for _, w := range snapshots {
				w.Abandon()
			}
			files.abandon()
		}
	}()
	// The clock of a snapshot is the region's own.
	taken := Clock()
	for _, sys := range snapshotted {
		l := layouts[sys]
		w, err := snapshot.Create(filepath.Join(dir, "snapshots", sys.String()), snapshot.Info{Source: l.Source, System: sys.String(), Driver: l.Driver, Taken: taken})
		if err != nil {
			return s, err
		}
		snapshots = append(snapshots, w)
		o, err := openOutputs(l, snapshotDatabase{w})
		if err != nil {
			return s, err
		}
		g.systems[sys] = [systems]func(*generator, *outputs) legacy{enova: newEnova, hosix: newHosix, bilmed: newBilmed}[sys](g, o)
	}
	o, err := openOutputs(layouts[dedalus], files)
	if err != nil {
		return s, err
	}
	g.systems[dedalus] = newDedalus(g, o)
	books := &registers{dir: filepath.Join(dir, "incoming", "essp"), spill: filepath.Join(dir, "rows"), seed: cfg.Seed, rates: &g.rates, count: &g.count, layout: layouts[essp], books: map[[2]int]*register{}}
	if err := os.Mkdir(books.spill, 0o700); err != nil {
		return s, err
	}
	if o, err = openOutputs(layouts[essp], books); err != nil {
		return s, err
	}
	g.systems[essp] = newEssp(g, o, books)
	if err := g.region(ctx, cfg); err != nil {
		return s, err
	}
	if err := books.write(ctx); err != nil {
		return s, err
	}
	for _, w := range snapshots {
		if err := w.Close(); err != nil {
			return s, err
		}
	}
	if err := g.systems[enova].(*enovaSystem).counted.write(filepath.Join(dir, "incoming", "enova")); err != nil {
		return s, err
	}
	if err := writeFacilities(filepath.Join(dir, "facilities.csv"), g.world); err != nil {
		return s, err
	}
	if err := g.truth.file.close(); err != nil {
		return s, err
	}
	return g.summary(), nil
}

// region writes all tables, and closes them.
func (g *generator) region(ctx context.Context, cfg Config) error {
	for _, s := range g.systems {
		s.reference(g.world)
	}
	reported := 0
	turn := 0
	next := func() error {
		if turn++; turn%256 != 0 {
			return nil
		}
		if cfg.Done != nil {
			rows := g.rows()
			cfg.Done(rows - reported)
			reported = rows
		}
		for _, s := range g.systems {
			if err := s.failure(); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	if err := g.households(cfg.Patients, next); err != nil {
		return err
	}
	for _, s := range g.systems {
		if err := s.close(); err != nil {
			return err
		}
	}
	if cfg.Done != nil {
		cfg.Done(g.rows() - reported)
	}
	return ctx.Err()
}

func (g *generator) rows() int {
	n := 0
	for _, s := range g.systems {
		for _, rows := range s.counts() {
			n += rows
		}
	}
	return n
}

func (g *generator) summary() Summary {
	s := Summary{Persons: g.persons, Records: g.records, Rows: map[sih.SourceID]map[string]int{}, Defects: g.count, Traps: g.truth.traps}
	for i, l := range g.systems {
		s.Rows[sih.SourceID(system(i).String())] = l.counts()
	}
	return s
}

// Clock is the region's own clock, which stands at the evening of its today:
// what is done to a simulated region by this clock is the same whenever it is
// done.
func Clock() time.Time { return time.Date(2026, 1, 31, 20, 0, 0, 0, time.UTC) }
