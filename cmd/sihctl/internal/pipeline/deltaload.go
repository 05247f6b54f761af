package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/stage"
)

// blockRows is how many rows are marked or removed in one chunk.
const blockRows = 20_000

func beforeDir(o Options, run sih.ID) string {
	return filepath.Join(runsDir(o), run.String()+".before")
}

// begun asks which chunks of the run are in the store.
func (d *delta) begun(ctx context.Context) error {
	d.loaded = map[string]bool{}
	return d.store.Query(ctx, "SELECT chunk FROM load_chunk WHERE run_id = ?", []any{d.p.id}, func(r store.Row) error {
		d.loaded[r.Text(0)] = true
		return nil
	})
}

// apply writes what has changed, chunk by chunk.
func (d *delta) apply(ctx context.Context) error {
	if err := d.sources(ctx); err != nil {
		return err
	}
	done, total := int64(0), d.report.New+d.report.Changed
	for n, rows := range d.units {
		if len(rows) == 0 {
			continue
		}
		name, _ := d.unit(n, nil)
		if err := d.chunk(ctx, name, rows, rowsIn(d.changedFile(n))); err != nil {
			return err
		}
		done += int64(len(rows))
		d.o.progress(Progress{Stage: "load", Step: name, Done: done, Total: total, Unit: "rows"})
	}
	for _, step := range []func(context.Context) error{d.follow, d.mark, d.remove, d.end} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// end writes what is known when all rows are in.
func (d *delta) end(ctx context.Context) error {
	if err := d.codeMap(ctx); err != nil {
		return err
	}
	slices.SortFunc(d.report.Kept, func(a, b store.Difference) int {
		return cmp.Or(cmp.Compare(sih.TableByName(a.Table).Rank(), sih.TableByName(b.Table).Rank()), cmp.Compare(a.ID, b.ID))
	})
	run := finishedRun(d.o, d.p)
	if err := d.lists.add("run, finished", "", listOf(run), nil); err != nil {
		return err
	}
	return d.put(ctx, "run, finished", entitySeq(run), nil, nil)
}

// put keeps how rows were before a chunk changes them, and writes the chunk.
// The images are whole on the disk before the store changes, and are not made
// again once the chunk is in.
func (d *delta) put(ctx context.Context, name string, rows iter.Seq2[sih.Entity, error], before []sih.Entity, removed []store.Key) error {
	r := &d.out.Load
	r.Chunks++
	if d.loaded[name] {
		r.Skipped++
		return nil
	}
	if len(before) > 0 {
		w := &stage.Writer{Targets: make([]bool, len(sih.Tables))}
		w.Reset(stage.Meta{Source: personSource, Table: "before", Chunk: name, Input: d.p.id.String()})
		for _, e := range before {
			w.Entity(&stage.Entity{Entity: e})
		}
		path := filepath.Join(beforeDir(d.o, d.p.id), fmt.Sprintf("%06d.stage", r.Chunks))
		if _, err := w.Close(path); err != nil {
			return err
		}
	}
	h := newHash()
	fmt.Fprintln(h, name, d.m.Input, d.p.id)
	done, err := d.store.ReplaceChunk(ctx, store.Chunk{Run: d.p.id, Name: name, Hash: sum(h)}, rows, removed)
	if err != nil {
		return err
	}
	for _, c := range done.Tables {
		r.Inserted += c.Inserted
		r.Updated += c.Updated
		r.Unchanged += c.Unchanged
	}
	return nil
}

// chunk writes those rows of a piece of work that have changed, unless somebody
// has changed them in the store as well.
func (d *delta) chunk(ctx context.Context, name string, rows []deltaRow, entities iter.Seq2[sih.Entity, error]) error {
	before, write, err := d.examine(ctx, rows)
	if err != nil {
		return err
	}
	return d.put(ctx, name, only(entities, write), before, nil)
}

// only passes on the entities of the given rows, which are sorted.
func only(entities iter.Seq2[sih.Entity, error], rows []deltaRow) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for e, err := range entities {
			if err == nil {
				if !remembered(e.Table) {
					continue
				}
				key := deltaRow{id: e.Values[0].ID(), rank: uint8(e.Table.Rank())}
				if _, ok := slices.BinarySearchFunc(rows, key, deltaRow.compare); !ok {
					continue
				}
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// examine looks at how the rows stand in the store. It returns those that the
// run before has left there, and the rows that are to be written; what somebody
// else has made of a row is kept and noted.
func (d *delta) examine(ctx context.Context, rows []deltaRow) (before []sih.Entity, write []deltaRow, err error) {
	var h store.Hasher
	for t, some := range byTable(rows) {
		there := map[sih.ID]bool{}
		for e, err := range d.store.Fetch(ctx, t, deltaIDs(some)) {
			if err != nil {
				return nil, nil, err
			}
			id := e.Values[0].ID()
			there[id] = true
			at, _ := slices.BinarySearchFunc(some, deltaRow{id: id, rank: uint8(t.Rank())}, deltaRow.compare)
			switch sum := h.Sum(e); {
			case sum == some[at].is: // it says already what it should
			case sum == some[at].was, some[at].was.IsZero() && unedited(&h, e):
				before = append(before, sih.Entity{Table: t, Values: slices.Clone(e.Values)})
				write = append(write, some[at])
			default:
				d.kept(store.Changed, e)
			}
		}
		for _, r := range some {
			switch {
			case there[r.id]:
			case r.was.IsZero():
				write = append(write, r)
			default:
				d.report.Kept = append(d.report.Kept, store.Difference{Table: t.Name, ID: r.id.String(), Kind: store.Missing})
			}
		}
	}
	slices.SortFunc(write, deltaRow.compare)
	return before, write, nil
}

// unedited tells of a row that other projects have brought too, such as a person
// whom both know, whether it is as it was loaded.
func unedited(h *store.Hasher, e sih.Entity) bool {
	return !e.Table.Has("row_hash") || h.Row(e).String() == e.Get("row_hash").String()
}

// kept notes a row that is left as somebody has made it.
func (d *delta) kept(kind store.DifferenceKind, e sih.Entity) {
	d.report.Kept = append(d.report.Kept, store.Difference{
		Table: e.Table.Name, ID: e.Values[0].String(), Kind: kind,
		Source: sih.SourceID(e.Get("source_system").String()), SourceTable: e.Get("source_table").String(),
	})
}

// byTable yields stretches of sorted rows that are of one table.
func byTable(rows []deltaRow) iter.Seq2[*sih.Table, []deltaRow] {
	return func(yield func(*sih.Table, []deltaRow) bool) {
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].rank == rows[0].rank {
				n++
			}
			if !yield(sih.Tables[rows[0].rank], rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

func deltaIDs(rows []deltaRow) []sih.ID {
	ids := make([]sih.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// mark notes of each row that no snapshot has any more that it has gone. The
// row itself stays. The mark has the row's own id: who reads the store leaves
// such rows out by it. Every row that can vanish has the columns of provenance.
func (d *delta) mark(ctx context.Context) error {
	for n, block := range blocks(d.gone) {
		var marks []sih.Entity
		err := d.fetch(ctx, block, func(e sih.Entity) { marks = append(marks, d.goneRow(e)) })
		if err != nil {
			return err
		}
		list := listOf(marks)
		for i := range list {
			list[i].carried = true
		}
		d.carried = append(d.carried, list...)
		if err := d.put(ctx, fmt.Sprintf("gone %06d", n), entitySeq(marks), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// goneRow is the mark of a row that has vanished.
func (d *delta) goneRow(row sih.Entity) sih.Entity {
	t := sih.TableByName("source_record")
	e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
	set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
	set("id", row.Values[0])
	set("source_system", row.Get("source_system"))
	set("source_table", row.Get("source_table"))
	set("source_key", row.Get("source_key"))
	set("state", sih.CodeValue("gone"))
	set("reason", sih.StrValue("a later snapshot does not yield it"))
	set("place", sih.StrValue(row.Table.Name+" "+row.Values[0].String()))
	set("run_id", sih.IDValue(d.p.id))
	return e
}

// remove takes away the migration's own rows that do not hold any more.
func (d *delta) remove(ctx context.Context) error {
	for n, block := range blocks(d.removed) {
		var before []sih.Entity
		err := d.fetch(ctx, block, func(e sih.Entity) {
			before = append(before, sih.Entity{Table: e.Table, Values: slices.Clone(e.Values)})
		})
		if err != nil {
			return err
		}
		keys := make([]store.Key, len(block))
		for i, r := range block {
			keys[i] = store.Key{Table: sih.Tables[r.rank], Values: []sih.Value{sih.IDValue(r.id)}}
		}
		if err := d.put(ctx, fmt.Sprintf("removed %06d", n), entitySeq(nil), before, keys); err != nil {
			return err
		}
	}
	return nil
}

// fetch reads rows from the store.
func (d *delta) fetch(ctx context.Context, rows []listedRow, fn func(sih.Entity)) error {
	list := make([]deltaRow, len(rows))
	for i, r := range rows {
		list[i] = deltaRow{id: r.id, rank: r.rank}
	}
	for t, some := range byTable(list) {
		for e, err := range d.store.Fetch(ctx, t, deltaIDs(some)) {
			if err != nil {
				return err
			}
			fn(e)
		}
	}
	return nil
}

func blocks(rows []listedRow) iter.Seq2[int, []listedRow] {
	return func(yield func(int, []listedRow) bool) {
		n := 0
		for some := range slices.Chunk(rows, blockRows) {
			if !yield(n, some) {
				return
			}
			n++
		}
	}
}

// ours reads the rows of a small table that are about the project's sources.
func (d *delta) ours(ctx context.Context, table, column string) (list []sih.Entity, err error) {
	for e, err := range d.store.Rows(ctx, sih.TableByName(table)) {
		if err != nil {
			return nil, err
		}
		if d.o.Project.Config.Source(sih.SourceID(e.Get(column).String())) != nil {
			list = append(list, e)
		}
	}
	return list, nil
}

// sources writes the rows about the run and its sources.
func (d *delta) sources(ctx context.Context) error {
	before, err := d.ours(ctx, "source_system", "id")
	if err != nil {
		return err
	}
	return d.put(ctx, runChunk, entitySeq(runRows(d.o, d.p)), before, nil)
}

// codeMap writes how codes were translated, and removes those that no row has
// any more.
func (d *delta) codeMap(ctx context.Context) error {
	before, err := d.ours(ctx, "code_map", "source_system")
	if err != nil {
		return err
	}
	rows := d.codeRows()
	t := sih.TableByName("code_map")
	var removed []store.Key
	for _, e := range before {
		same := func(o sih.Entity) bool {
			return !slices.ContainsFunc(t.Key, func(k string) bool { return e.Get(k) != o.Get(k) })
		}
		if slices.ContainsFunc(rows, same) {
			continue
		}
		k := store.Key{Table: t}
		for _, name := range t.Key {
			k.Values = append(k.Values, e.Get(name))
		}
		removed = append(removed, k)
	}
	return d.put(ctx, "code map", entitySeq(rows), before, removed)
}
