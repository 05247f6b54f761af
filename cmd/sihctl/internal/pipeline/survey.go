package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
	"golang.org/x/sync/errgroup"
)

// unit returns the name and the rows of a piece of work.
func (d *delta) unit(n int, out *applied) (string, iter.Seq2[sih.Entity, error]) {
	if n == 0 {
		return facilitiesChunk, entitySeq(d.p.facilities.entities())
	}
	if n--; n < len(d.m.Parts) {
		return personChunk(n), rowsIn(d.m.Parts[n])
	}
	n -= len(d.m.Parts)
	return d.p.chunks[n].name(), d.a.rows(n, out)
}

// unitPrint stands for all that a piece of work comes to, if it is dear to make.
func (d *delta) unitPrint(n int) (string, error) {
	if n == 0 {
		return "", nil
	}
	if n--; n < len(d.m.Parts) {
		return partPrint(d.m.Parts[n])
	}
	return d.a.print(n - len(d.m.Parts))
}

func (d *delta) unitCount() int { return 1 + len(d.m.Parts) + len(d.p.chunks) }

// changedFile is where the rows of a piece of work are kept that are not what
// they were in the same piece of the run before.
func (d *delta) changedFile(n int) string {
	return filepath.Join(d.scratch(), fmt.Sprintf("%06d.stage", n))
}

// scratch is a folder that goes with the delta's end.
func (d *delta) scratch() string { return filepath.Join(d.lists.partial(), "changed") }

// survey finds what the run would load and what the run before has not loaded
// alike, and counts what became of the sources' rows. A piece of work that comes
// from the same as before is what it was, and is not looked into.
func (d *delta) survey(ctx context.Context) error {
	d.a.causes = true
	results := make([]applied, d.unitCount())
	named := make([]string, len(results))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(d.o.workers())
	done, total := int64(0), d.p.rows()
	var mu sync.Mutex
	for n := range results {
		g.Go(func() error {
			err := d.surveyUnit(ctx, n, &named[n], &results[n])
			if i := n - 1 - len(d.m.Parts); i >= 0 && err == nil {
				mu.Lock()
				done += int64(d.p.chunks[i].chunk.Rows)
				d.o.progress(Progress{Stage: "load", Step: "comparing with the run before", Done: done, Total: total, Unit: "rows"})
				mu.Unlock()
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := d.leftBehind(named); err != nil {
		return err
	}
	return d.count(results)
}

// surveyUnit compares a piece of work with the one of that name in the run
// before.
func (d *delta) surveyUnit(ctx context.Context, n int, named *string, out *applied) error {
	name, rows := d.unit(n, out)
	*named = name
	print, err := d.unitPrint(n)
	if err != nil {
		return err
	}
	before, known := d.base.unit(name)
	if known && print != "" && print == before.Print {
		counts, err := d.base.counts(before)
		if err != nil {
			return err
		}
		out.restore(counts)
		d.lists.keep(before)
		d.same.Add(before.Rows)
		return nil
	}
	var old []listedRow
	if known {
		if old, err = d.base.rows(before); err != nil {
			return err
		}
	}
	list, changed := []listedRow(nil), []listedRow(nil)
	still := make([]bool, len(old))
	w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
	w.Reset(stage.Meta{Source: personSource, Table: "changed", Chunk: name})
	var h store.Hasher
	for e, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !remembered(e.Table) {
			continue
		}
		r := remember(&h, e)
		list = append(list, r)
		if at, there := slices.BinarySearchFunc(old, r, listedRow.compare); there && old[at].sum == r.sum {
			still[at] = true
			d.same.Add(1)
			continue
		}
		r.unit = uint32(n)
		changed = append(changed, r)
		w.Entity(&stage.Entity{Entity: e})
	}
	if len(changed) > 0 {
		if _, err := w.Close(d.changedFile(n)); err != nil {
			return err
		}
	}
	at := 0
	old = slices.DeleteFunc(old, func(listedRow) bool { at++; return still[at-1] })
	return errors.Join(d.is.add(changed...), d.was.add(old...), d.lists.add(name, print, list, out.counts()))
}

// leftBehind takes up the rows of the run before that no piece of work of now
// was compared with.
func (d *delta) leftBehind(named []string) error {
	slices.Sort(named)
	for _, u := range d.base.index.Units {
		if _, ok := slices.BinarySearch(named, u.Name); ok {
			continue
		}
		rows, err := d.base.rows(u)
		if err != nil {
			return err
		}
		if err := d.was.add(rows...); err != nil {
			return err
		}
	}
	carried, err := d.base.carried()
	if err != nil {
		return err
	}
	return d.was.add(carried...)
}

// count gathers what the pieces of work have counted, in their order.
func (d *delta) count(results []applied) error {
	line := d.tally.Entities(reconcile.EntitiesKey{Source: facilitiesSource, Table: "organisation"})
	n := int64(len(d.p.facilities.entities()))
	line.Created, line.Inserted = n, n
	line = d.tally.Entities(reconcile.EntitiesKey{Source: personSource, Table: "person"})
	line.Produced, line.Merged = d.m.Report.Records, d.m.Report.Merged
	for _, path := range d.m.Parts {
		r, err := stage.Open(path)
		if err != nil {
			return err
		}
		line.Inserted += r.Meta.Entities["person"]
		r.Close()
	}
	line.Inserted -= d.m.Replaced // they are no persons any more
	for i := range d.p.chunks {
		r := &results[1+len(d.m.Parts)+i]
		d.tally.Merge(&r.tally)
		d.causes = append(d.causes, r.causes...)
		d.out.Load.Rejected += r.rejected
		d.countCodes(d.p.chunks[i].source.config.ID, r.codes)
	}
	return nil
}

// counts are what a run's lists keep of what was counted.
func (r *applied) counts() *unitCounts {
	return &unitCounts{Counts: r.tally.Report(nil), Rejected: r.rejected, Codes: r.codes, Causes: r.causes}
}

// restore takes over what an earlier run has counted.
func (r *applied) restore(c *unitCounts) {
	r.tally.Add(c.Counts)
	r.rejected, r.codes, r.causes = c.Rejected, c.Codes, c.Causes
}

// partPrint stands for what a part of the persons holds.
func partPrint(path string) (string, error) {
	r, err := stage.Open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return r.Meta.Content, nil
}

// print stands for all that decides what a chunk comes to when it is applied:
// its stage file and the records behind it, what resolving found wrong, who its
// patients are and when they lived, and which of its bills do not add up. It
// takes a small part of the time that applying takes.
func (a *applier) print(index int) (string, error) {
	if err := a.ready(); err != nil {
		return "", err
	}
	person := uint8(sih.TableByName("source_person").Rank())
	if !a.p.targets[person] {
		return "", nil // the file does not tell of all its patients
	}
	c := a.p.chunks[index]
	r, err := stage.Open(c.path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := newHash()
	fmt.Fprintln(h, a.p.version, a.zone, r.Meta.Content, c.chunk.Content, a.m.Faults[index], a.across.off(index))
	next := r.Refs(mergeBuffer)
	var b []byte
	for last := (sih.ID{}); ; {
		ref, ok, err := next()
		switch {
		case err != nil:
			return "", err
		case !ok || ref.Rank > person:
			return sum(h), nil
		case ref.Rank < person || ref.ID == last:
			continue
		}
		last = ref.ID
		l, _ := a.m.person(ref.ID)
		life, _ := a.across.life(ref.ID)
		b = append(append(b[:0], ref.ID[:]...), l.Person[:]...)
		b = binary.LittleEndian.AppendUint32(append(b, l.Method), uint32(l.Weight))
		b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, uint32(life.born)), uint32(life.died))
		h.Write(b)
	}
}
