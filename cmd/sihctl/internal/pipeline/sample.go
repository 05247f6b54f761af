package pipeline

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/load/workbook"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/stage"
)

// stratum is what draws are dealt out by: a table of a source.
type stratum struct {
	source *sourcePlan
	table  snapshot.TableInfo
	chunks []*chunkPlan
	rows   int64
}

// drawSample draws rows of the snapshots by chance, and puts what the store has
// of each beside it. It begins at the source: a row that the store lacks is as
// likely to be drawn as one that it has.
func drawSample(ctx context.Context, o Options, p *runPlan, s store.Store) (*workbook.Sample, error) {
	var strata []*stratum
	var sizes []int64
	out := &workbook.Sample{Confidence: o.Project.Config.Sample.Confidence, Tolerable: o.Project.Config.Sample.Tolerable, Seed: cmp.Or(o.Project.Config.Sample.Seed, p.id.String())}
	byTable := map[string]*stratum{}
	for _, c := range p.chunks {
		if c.chunk.Rejected || len(c.source.plans[c.table.Name].File.Entities) == 0 {
			continue
		}
		k := string(c.source.config.ID) + "\x00" + c.table.Name
		x := byTable[k]
		if x == nil {
			x = &stratum{source: c.source, table: c.table}
			byTable[k] = x
			strata = append(strata, x)
		}
		x.chunks = append(x.chunks, c)
		x.rows += int64(c.chunk.Rows)
	}
	for _, x := range strata {
		sizes = append(sizes, x.rows)
		out.Population += x.rows
	}
	d := drawer{ctx: ctx, p: p, store: s, out: out}
	shares := reconcile.Allot(reconcile.SampleSize(out.Population, out.Confidence, out.Tolerable), sizes)
	for i, x := range strata {
		h := newHash()
		fmt.Fprintf(h, "%s\x00%s\x00%s", out.Seed, x.source.config.ID, x.table.Name)
		seed := binary.BigEndian.Uint64(h.Sum(nil))
		if err := d.stratum(x, reconcile.Draw(seed, x.rows, shares[i])); err != nil {
			return nil, fmt.Errorf("sample %s of %s: %w", x.table.Name, x.source.config.ID, err)
		}
	}
	out.Size = d.number
	return out, nil
}

type drawer struct {
	ctx    context.Context
	p      *runPlan
	store  store.Store
	out    *workbook.Sample
	number int64
}

// stratum looks up the drawn rows, which count from 0 over the table's chunks.
func (d *drawer) stratum(x *stratum, rows []int64) error {
	first := int64(0)
	for _, c := range x.chunks {
		end, _ := slices.BinarySearch(rows, first+int64(c.chunk.Rows))
		here := make([]int, 0, end)
		for _, r := range rows[:end] {
			here = append(here, int(r-first))
		}
		rows = rows[end:]
		first += int64(c.chunk.Rows)
		if len(here) == 0 {
			continue
		}
		if err := d.chunk(x, c, here); err != nil {
			return err
		}
	}
	return nil
}

// drawn is a row of the sample: what the snapshot holds, and what transform
// made of it.
type drawn struct {
	row    extract.Row
	entity *stage.Entity // the first one, or nil
	left   string        // why there is none
}

func (d *drawer) chunk(x *stratum, c *chunkPlan, rows []int) error {
	found := map[int]*drawn{}
	n, last := 0, rows[len(rows)-1]
	for row, err := range x.source.snap.Rows(x.table, c.chunk) {
		if err == nil {
			err = d.ctx.Err()
		}
		if err != nil {
			return err
		}
		if _, ok := slices.BinarySearch(rows, n); ok {
			found[n] = &drawn{row: slices.Clone(row), left: "missing"}
		}
		if n++; n > last {
			break
		}
	}
	r, err := stage.Open(c.path)
	if err != nil {
		return err
	}
	defer r.Close()
	var tables []string // those of which a row's first entity may be
	for _, e := range x.source.plans[x.table.Name].File.Entities {
		tables = append(tables, e.Table.Name)
	}
	wanted := len(found)
	for e, err := range r.Entities(tables...) {
		if err != nil {
			return err
		}
		if f := found[e.Row]; f != nil && e.Primary {
			copied := *e
			copied.Values = slices.Clone(e.Values)
			f.entity = &copied
			if wanted--; wanted == 0 {
				break
			}
		}
	}
	left, _, err := r.Notes()
	if err != nil {
		return err
	}
	for _, l := range left {
		if f := found[l.Row]; f != nil && f.entity == nil {
			if f.left = l.State; l.State == "rejected" {
				f.left = l.Reason
			}
		}
	}
	for _, at := range rows {
		f := found[at]
		if f == nil {
			return fmt.Errorf("chunk %s has no row %d", c.chunk.Name(), at+1)
		}
		if f.entity == nil && f.left == "missing" && x.source.plans[x.table.Name].File.Joined {
			f.left = "joined"
		}
		if err := d.show(x, f); err != nil {
			return err
		}
	}
	return nil
}

// show adds a drawn row's fields to the sample.
func (d *drawer) show(x *stratum, f *drawn) error {
	d.number++
	plan := x.source.plans[x.table.Name]
	// A row's texts share the memory of their whole chunk: those that stay are
	// copied, or the sample would keep every chunk that it has seen.
	line := workbook.SampleLine{Number: d.number, Source: x.source.config.ID, SourceTable: x.table.Name, SourceKey: strings.Clone(plan.Key(f.row))}
	entity := &plan.File.Entities[0]
	if f.entity != nil {
		line.Facility = strings.Clone(f.entity.Facility)
		for i := range plan.File.Entities {
			if e := &plan.File.Entities[i]; e.Table == f.entity.Table {
				entity = e
				break
			}
		}
	}
	fields := sampled(entity)
	held, reason, err := d.held(f, entity, fields)
	if err != nil {
		return err
	}
	var lines []workbook.SampleLine
	for i, field := range fields {
		l := line
		l.SourceColumn = strings.Join(field.From, ", ")
		l.SourceValue = strings.Clone(sourceText(x.table, f.row, field.From))
		l.Table, l.Field = entity.Table.Name, field.Name
		l.Person = entity.Table.Group == sih.Identity || entity.Table.Name == "staff" || entity.Table.Name == "coverage"
		if held == nil {
			l.Absent, l.Value = true, reason
		} else {
			l.Value = held[i]
		}
		lines = append(lines, l)
		if held == nil {
			break // one line says that it is not there
		}
	}
	d.out.Lines = append(d.out.Lines, telling(lines)...)
	return nil
}

// telling leaves out the lines in which there is nothing to compare: neither
// side has a value, or the store has the source's in another of the fields that
// the column may go to, as a number that is a card's or a passport's. Each row
// keeps a line.
func telling(lines []workbook.SampleLine) []workbook.SampleLine {
	kept := map[string]bool{} // the columns whose value the store has
	for _, l := range lines {
		if l.Value != "" {
			kept[l.SourceColumn] = true
		}
	}
	rest := slices.DeleteFunc(slices.Clone(lines), func(l workbook.SampleLine) bool {
		return l.Value == "" && (l.SourceValue == "" || kept[l.SourceColumn])
	})
	if len(rest) == 0 {
		return lines[:min(len(lines), 1)]
	}
	return rest
}

// sampled are the fields that come from the source's own columns: all of them,
// since a row is right only where each is.
func sampled(e *mapping.Entity) []*mapping.Field {
	var out []*mapping.Field
	for i := range e.Fields {
		f := &e.Fields[i]
		for f != nil && len(f.From) == 0 {
			f = f.Or
		}
		at := e.Table.Column(e.Fields[i].Name)
		if f == nil || at < 0 || e.Table.Columns[at].Ref != "" {
			continue
		}
		out = append(out, f)
	}
	return out
}

// held asks the store for the values of a drawn row's entity. Nil values mean
// that it is not there, and reason says why.
func (d *drawer) held(f *drawn, e *mapping.Entity, fields []*mapping.Field) (values []string, reason string, err error) {
	if f.entity == nil {
		return nil, f.left, nil
	}
	id := f.entity.Values[0].ID()
	t := f.entity.Table
	var columns []string
	for _, field := range fields {
		c := &t.Columns[t.Column(field.Name)]
		switch c.Kind {
		case sih.KindDate, sih.KindPDate:
			columns = append(columns, d.store.Dialect().ISO(c.Name, 10))
		default:
			columns = append(columns, c.Name)
		}
	}
	columns = append(columns, "id")
	err = d.store.Query(d.ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+t.Name+" WHERE id = ?", []any{id}, func(r store.Row) error {
		values = make([]string, len(fields))
		for i, field := range fields {
			values[i] = strings.Clone(r.Text(i))
			switch kind := t.Columns[t.Column(field.Name)].Kind; {
			case kind == sih.KindMoney && !r.Null(i):
				values[i] = sih.NumValue(r.Int(i) * 100).String() // four decimals, in dirhams
			case kind == sih.KindTS:
				// As the hospital's clock showed it, which is how the source has it.
				if at, err := time.Parse(time.RFC3339, values[i]); err == nil {
					values[i] = at.In(d.p.zone).Format("2006-01-02 15:04:05")
				}
			}
		}
		return nil
	})
	if values != nil || err != nil {
		return values, "", err
	}
	reason = "missing"
	err = d.store.Query(d.ctx, "SELECT reason FROM reject WHERE entity_id = ? AND severity = 'reject'", []any{id}, func(r store.Row) error {
		reason = strings.Clone(r.Text(0))
		return nil
	})
	return nil, reason, err
}

// sourceText is what the source has in the columns.
func sourceText(t snapshot.TableInfo, row extract.Row, columns []string) string {
	var words []string
	for _, name := range columns {
		i := slices.IndexFunc(t.Columns, func(c extract.Column) bool { return c.Name == name })
		switch {
		case i < 0 || row[i].Null:
		case row[i].Bytes:
			words = append(words, fmt.Sprintf("%d bytes", len(row[i].Text)))
		default:
			words = append(words, row[i].Text)
		}
	}
	return strings.Join(words, " ")
}
