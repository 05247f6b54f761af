package workbook

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// cause is what rejects are grouped by.
type cause struct {
	reason               sih.Reason
	severity             sih.Severity
	source               sih.SourceID
	sourceTable          string
	table, field, detail string
}

// toll is what a cause has cost.
type toll struct {
	cause
	count, hanging, amount int64
	first                  int // row of its first line, or 0 where none is listed
}

// causes bounds the groups. Details are free text: where they are too many to
// tell apart, later ones are grouped without.
const causes = 5_000

// rejectColumns are those of the issues one by one.
var rejectColumns = []column{
	{key: "reason", width: 8}, {key: "severity", width: 14}, {key: "source", width: 18}, {key: "source_table", width: 20},
	{key: "key", width: 18}, {key: "facility", width: 17}, {key: "table", width: 18}, {key: "field", width: 18},
	{key: "value", width: 12}, {key: "hanging", kind: whole, width: 11}, {key: "amount", kind: money, width: 12},
	{key: "root", width: 29}, {key: "detail", kind: long, width: 40},
}

// reject is a line of these columns.
func (b *book) reject(r Reject) []any {
	var root any
	if !r.Root.IsZero() {
		root = r.Root.String()
	}
	return []any{string(r.Reason), b.words.code("severity", r.Severity.String()), string(r.Source), r.SourceTable,
		r.SourceKey, r.Facility, r.Table, r.Field, b.value(r.Value), some(r.Hanging), owed(r.Amount), root, b.detail(r.Detail)}
}

// rejects writes the issues by cause, and each by itself.
func (b *book) rejects() error {
	s, err := b.openList(tabRejectRows, rejectColumns...)
	if err != nil {
		return err
	}
	groups := map[cause]*toll{}
	if b.Rejects != nil {
		for r, err := range b.Rejects {
			if err != nil {
				return err
			}
			k := cause{r.Reason, r.Severity, r.Source, r.SourceTable, r.Table, r.Field, r.Detail}
			g, ok := groups[k]
			if !ok && len(groups) >= causes {
				k.detail = ""
				g, ok = groups[k]
			}
			if !ok {
				g = &toll{cause: k}
				groups[k] = g
			}
			g.count++
			g.hanging += r.Hanging
			g.amount += r.Amount
			row, err := s.item(b.reject(r)...)
			if err != nil {
				return err
			}
			if g.first == 0 {
				g.first = row
			}
		}
	}
	if err := s.closeList(tabRejectRows); err != nil {
		return err
	}
	return b.rejectCauses(groups)
}

// rejectCauses writes the groups: rejections before warnings, causes before
// what hangs on them, the most frequent first.
func (b *book) rejectCauses(groups map[cause]*toll) error {
	list := make([]*toll, 0, len(groups))
	var sum toll
	for _, g := range groups {
		list = append(list, g)
		sum.count += g.count
		sum.hanging += g.hanging
		sum.amount += g.amount
	}
	slices.SortFunc(list, func(x, y *toll) int {
		return cmp.Or(-cmp.Compare(x.severity, y.severity), cmp.Compare(hangs(x.reason), hangs(y.reason)), -cmp.Compare(x.count, y.count),
			cmp.Compare(x.reason, y.reason), cmp.Compare(x.source, y.source), strings.Compare(x.sourceTable, y.sourceTable),
			strings.Compare(x.table, y.table), strings.Compare(x.field, y.field), strings.Compare(x.detail, y.detail))
	})
	s, err := b.open(tabRejects, len(list),
		column{key: "reason", width: 30}, column{key: "severity", width: 14}, column{key: "source", width: 19}, column{key: "source_table", width: 21},
		column{key: "table", width: 19}, column{key: "field", width: 19},
		column{key: "count", kind: whole, width: 12, summed: true}, column{key: "hanging", kind: whole, width: 12, summed: true},
		column{key: "amount", kind: money, width: 16, summed: true}, column{key: "detail", kind: long, width: 48}, column{key: "lines", kind: link, width: 9})
	if err != nil {
		return err
	}
	if err := s.totals(map[string]any{"count": sum.count, "hanging": sum.hanging, "amount": centimes(sum.amount)}); err != nil {
		return err
	}
	for _, g := range list {
		if err := s.add(b.words.reason(g.reason), b.words.code("severity", g.severity.String()), string(g.source), g.sourceTable,
			g.table, g.field, g.count, g.hanging, owed(g.amount), b.detail(g.detail), b.toLines(tabRejectRows, g.first)); err != nil {
			return err
		}
	}
	return s.close()
}

// toLines leads from a group to the first of its lines, where it is listed.
func (b *book) toLines(tab string, row int) any {
	if row == 0 {
		return nil
	}
	return b.jump(tab, row, b.words["lines"])
}

// hangs is 1 for what was rejected because of something else.
func hangs(r sih.Reason) int {
	if r == sih.R16 {
		return 1
	}
	return 0
}

// some shows a count where there is one.
func some(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// owed shows an amount where there is one.
func owed(n int64) any {
	if n == 0 {
		return nil
	}
	return centimes(n)
}

// exclusion is what excluded rows are grouped by.
type exclusion struct {
	source      sih.SourceID
	sourceTable string
	reason      string
}

// excluded writes the rows that mappings leave out, by reason and each by
// itself.
func (b *book) excluded() error {
	s, err := b.openList(tabExcludedRows, columnSource, column{key: "source_table", width: 30}, column{key: "key", width: 30},
		column{key: "amount", kind: money, width: 16}, column{key: "reason", width: 50})
	if err != nil {
		return err
	}
	groups := map[exclusion]*toll{}
	if b.Excluded != nil {
		for x, err := range b.Excluded {
			if err != nil {
				return err
			}
			k := exclusion{x.Source, x.SourceTable, x.Reason}
			g, ok := groups[k]
			if !ok {
				g = new(toll)
				groups[k] = g
			}
			g.count++
			g.amount += x.Amount
			row, err := s.item(string(x.Source), x.SourceTable, x.SourceKey, owed(x.Amount), b.detail(x.Reason))
			if err != nil {
				return err
			}
			if g.first == 0 {
				g.first = row
			}
		}
	}
	b.excludedRows = s.items
	if err := s.closeList(tabExcludedRows); err != nil {
		return err
	}
	return b.exclusions(groups)
}

func (b *book) exclusions(groups map[exclusion]*toll) error {
	keys := make([]exclusion, 0, len(groups))
	var sum toll
	for k, g := range groups {
		keys = append(keys, k)
		sum.count += g.count
		sum.amount += g.amount
	}
	slices.SortFunc(keys, func(x, y exclusion) int {
		return cmp.Or(cmp.Compare(x.source, y.source), strings.Compare(x.sourceTable, y.sourceTable), strings.Compare(x.reason, y.reason))
	})
	s, err := b.open(tabExcluded, len(keys), columnSource, column{key: "source_table", width: 30},
		column{key: "count", kind: whole, width: 14, summed: true}, column{key: "amount", kind: money, width: 18, summed: true}, column{key: "reason", width: 50}, column{key: "lines", kind: link, width: 9})
	if err != nil {
		return err
	}
	if err := s.totals(map[string]any{"count": sum.count, "amount": centimes(sum.amount)}); err != nil {
		return err
	}
	for _, k := range keys {
		g := groups[k]
		if err := s.add(string(k.source), k.sourceTable, g.count, owed(g.amount), b.detail(k.reason), b.toLines(tabExcludedRows, g.first)); err != nil {
			return err
		}
	}
	return s.close()
}
