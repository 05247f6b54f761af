package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// IndexSpec says by which columns the records of a table are to be found, and
// which of their columns an [Index] holds.
type IndexSpec struct {
	Table   string
	Key     []int
	Columns []int
	// Fates has the index hold, instead of columns, what became of the record:
	// accepted, joined, excluded or rejected.
	Fates bool
}

// AppendKey appends the key of a record of the table. It is false where a part
// is missing: NULL agrees with nothing.
func (s *IndexSpec) AppendKey(b []byte, row []sih.Raw) ([]byte, bool) {
	return appendKey(b, row, s.Key)
}

// Index finds the records of a table by a key. Several goroutines may use it.
type Index interface {
	// Find calls found for each record that goes by one of the keys, which are
	// sorted and each there once: by key, and then in the source's order. Key
	// is the key's number; chunk and row are the record's place in its table;
	// fields are valid until found returns.
	Find(keys []string, found func(key, chunk, row int, fields []sih.Raw) error) error
}

// appendKey appends columns of a row as a key: numbers sort by size, so that
// records that were written one after the other stand near each other.
func appendKey(b []byte, row []sih.Raw, columns []int) ([]byte, bool) {
	for _, at := range columns {
		s := strings.TrimSpace(row[at].Text)
		if row[at].Null || s == "" {
			return b, false
		}
		if number(s) {
			b = append(b, byte(len(s)))
		} else {
			b = append(b, 0xff)
		}
		b = append(b, s...)
		b = append(b, 0)
	}
	return b, true
}

// number tells whether s is a whole number as a database writes it.
func number(s string) bool {
	if len(s) > 20 || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// joinPlan is a join compiled for a record's table.
type joinPlan struct {
	spec   *Join
	other  Table
	absent bool  // the other table was left out of the snapshot: nothing agrees
	theirs []int // columns of the other table …
	ours   []int // … and the record's, that must agree
	level  int   // 0 where ours are the record's own, else above the joins that they are of
	where  *expression
	order  []orderColumn
	by     int // column that tells the attribute, or -1
	value  int
	// take lists what is taken in: columns of the other table, or numbers of
	// attributes; at says where it stands in the record.
	take, at []int
	// index is set by Link, for all joins that find the same records the same
	// way; need lists the columns that this one reads.
	index *IndexSpec
	need  []int
}

type orderColumn struct {
	at   int
	down bool
}

// tableColumns is the columnSet of a plain table.
type tableColumns Table

func (t tableColumns) column(name string) (int, error) {
	i := slices.Index(t.Columns, name)
	if i < 0 {
		return 0, fmt.Errorf("table %s has no column %q%s", t.Name, name, Suggest(name, t.Columns))
	}
	return i, nil
}

func (t tableColumns) joined(string) bool { return false }
func (t tableColumns) names() []string    { return t.Columns }

// join compiles one of the file's joins.
func (p *Plan) join(j *Join) (out joinPlan, err error) {
	f := p.File
	out = joinPlan{spec: j, by: -1, value: -1}
	fault := func(err error) error { return f.fault(j.pos, "join %s: %w", j.Name, err) }
	if slices.Contains(p.Table.Columns, j.Name) || p.joined(j.Name) {
		return out, f.fault(j.pos, "join %s: something else has this name already", j.Name)
	}
	for _, on := range j.On {
		at, err := p.column(on.Ours)
		if err != nil {
			return out, fault(err)
		}
		p.use(at)
		out.ours = append(out.ours, at)
		if at >= len(p.Table.Columns) {
			out.level = max(out.level, p.joins[p.virtual[at-len(p.Table.Columns)].join].level+1)
		}
	}
	var known bool
	if out.other, known = p.setting.Tables[j.From]; !known {
		if out.absent = p.setting.LeftOut[j.From]; out.absent {
			return out, nil
		}
		names := make([]string, 0, len(p.setting.Tables))
		for name := range p.setting.Tables {
			names = append(names, name)
		}
		slices.Sort(names)
		return out, f.fault(j.pos, "join %s: the source has no table %q%s", j.Name, j.From, Suggest(j.From, names))
	}
	find := func(name string) int {
		at, missing := tableColumns(out.other).column(name)
		if missing != nil && err == nil {
			err = fault(missing)
		}
		return at
	}
	for _, on := range j.On {
		out.theirs = append(out.theirs, find(on.Theirs))
	}
	for _, o := range j.Order {
		out.order = append(out.order, orderColumn{find(o.Column), o.Down})
	}
	if j.By != "" {
		out.by, out.value = find(j.By), find(j.Value)
	}
	if err == nil && j.Where != "" {
		if out.where, err = compileCondition(j.Where, tableColumns(out.other)); err != nil {
			err = f.fault(j.pos, "join %s: where: %w", j.Name, err)
		}
	}
	return out, err
}

// virtual is a column that a join adds to the record.
type virtual struct {
	join int
	name string
}

// joined tells whether the file has a join of this name.
func (p *Plan) joined(name string) bool {
	return slices.ContainsFunc(p.joins, func(j joinPlan) bool { return j.spec.Name == name })
}

// column finds a column of the record by name, its own or a join's, which is
// then taken in.
func (p *Plan) column(name string) (int, error) {
	if i := slices.Index(p.Table.Columns, name); i >= 0 {
		return i, nil
	}
	join, column, _ := strings.Cut(name, ".")
	at := slices.IndexFunc(p.joins, func(j joinPlan) bool { return j.spec.Name == join })
	if at < 0 || column == "" {
		return 0, fmt.Errorf("table %s has no column %q%s", p.Table.Name, name, Suggest(name, p.names()))
	}
	if i := slices.Index(p.virtual, virtual{at, column}); i >= 0 {
		return len(p.Table.Columns) + i, nil
	}
	j := &p.joins[at]
	if !j.absent {
		source, err := j.source(column)
		if err != nil {
			return 0, fmt.Errorf("join %s: %w", join, err)
		}
		j.take = append(j.take, source)
		j.at = append(j.at, len(p.Table.Columns)+len(p.virtual))
	}
	p.virtual = append(p.virtual, virtual{at, column})
	return len(p.Table.Columns) + len(p.virtual) - 1, nil
}

// source finds what a column of a join is: a column of the other table, or the
// number of an attribute.
func (j *joinPlan) source(column string) (int, error) {
	if j.by < 0 {
		return tableColumns(j.other).column(column)
	}
	var names []string
	for i, a := range j.spec.Attributes {
		if a.Name == column {
			return i, nil
		}
		names = append(names, a.Name)
	}
	return 0, fmt.Errorf("there is no attribute %q%s", column, Suggest(column, names))
}

// names lists the record's columns and those of its joins.
func (p *Plan) names() []string {
	out := slices.Clone(p.Table.Columns)
	for _, j := range p.joins {
		if j.by >= 0 {
			for _, a := range j.spec.Attributes {
				out = append(out, j.spec.Name+"."+a.Name)
			}
			continue
		}
		for _, c := range j.other.Columns {
			out = append(out, j.spec.Name+"."+c)
		}
	}
	for _, v := range p.virtual {
		if name := p.joins[v.join].spec.Name + "." + v.name; !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// needs lists the columns of the other table that the join reads, sorted.
func (j *joinPlan) needs() []int {
	var out []int
	for _, o := range j.order {
		out = append(out, o.at)
	}
	if j.where != nil {
		for _, u := range j.where.columns {
			out = append(out, u.index)
		}
	}
	if j.by >= 0 {
		out = append(out, j.by, j.value)
	} else {
		out = append(out, j.take...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// columnName is what a column of the record is called in the file.
func (p *Plan) columnName(at int) string {
	if at < len(p.Table.Columns) {
		return p.Table.Columns[at]
	}
	v := p.virtual[at-len(p.Table.Columns)]
	return p.joins[v.join].spec.Name + "." + v.name
}
