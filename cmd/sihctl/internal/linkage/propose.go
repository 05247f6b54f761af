package linkage

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
	"github.com/sihctl/sih/extract/profile"
	"github.com/sihctl/sih/transform/match"
)

// A Proposal is the first draft of a model for files that nobody wrote one for:
// what each column seems to be, by its name and by what stands in it.
type Proposal struct {
	ID      string           `json:"id"` // the column of the records' ids
	Rows    int64            `json:"rows"`
	Columns []ProposedColumn `json:"columns"`
	Passes  []ProposedPass   `json:"passes"`
}

// ProposedColumn is what a column seems to be.
type ProposedColumn struct {
	Column string `json:"column"`
	// Kind is the kind of its field; empty for one that is left out.
	Kind     string  `json:"kind,omitempty"`
	Filled   float64 `json:"filled"`   // share of the rows
	Distinct int64   `json:"distinct"` // values, estimated where they are many
	Why      string  `json:"why"`
}

// ProposedPass is a pass and the pairs that it would make.
type ProposedPass struct {
	Pass  match.Pass `json:"pass"`
	Pairs float64    `json:"pairs"` // per record, before its blocks are refined
}

// lookAt is how many rows a proposal looks at.
const lookAt = 50_000

// Propose reads the first rows of a file and proposes a model.
func Propose(ctx context.Context, file, id, encoding string) (*Proposal, error) {
	src, err := csvfile.New(csvfile.Config{Dir: filepath.Dir(file), Tables: map[string][]string{"records": {literal(filepath.Base(file))}}, Encoding: encoding})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return nil, err
	}
	var rows []extract.Row
	seen, looks := profile.New(tables[0], profile.Options{}), make([]look, len(tables[0].Columns))
	for row, err := range src.Rows(ctx, "records", func(extract.Rejected) error { return nil }) {
		if err != nil {
			return nil, err
		}
		seen.Row(row)
		for i := range looks {
			looks[i].add(row[i].Text)
		}
		if rows = append(rows, slices.Clone(row)); len(rows) == lookAt {
			break
		}
	}
	t := seen.Table()
	p := &Proposal{ID: id, Rows: int64(len(rows))}
	if p.Rows == 0 {
		return nil, faultf("a proposal needs records to look at", "%s has no records", file)
	}
	if p.ID == "" {
		p.ID = identity(t.Columns, p.Rows)
	}
	if !slices.ContainsFunc(t.Columns, func(c profile.Column) bool { return strings.EqualFold(c.Column, p.ID) }) {
		return nil, faultf("name it with --id, or give every record a number", "%s has no column that names a record", file)
	}
	for i, c := range t.Columns {
		if c.Column == csvfile.FileColumn || c.Column == csvfile.LineColumn {
			continue
		}
		x := ProposedColumn{Column: c.Column, Filled: float64(c.Valued) / float64(p.Rows), Distinct: c.Distinct}
		x.Kind, x.Why = kindOf(&c, &looks[i], p)
		p.Columns = append(p.Columns, x)
	}
	p.leaveOutRepeated(rows, t.Columns)
	p.leaveOutHouseholds(rows, t.Columns)
	if p.leaveOutSurplus(); !slices.ContainsFunc(p.Columns, func(c ProposedColumn) bool { return c.Kind != "" }) {
		return nil, faultf("a model needs columns in which records differ", "no column of %s tells its records apart", file)
	}
	return p, p.count(rows, t.Columns)
}

// A look counts how the values of a column are written.
type look struct{ values, digits, bare, words, days, dates int64 }

func (l *look) add(v string) {
	if v = strings.TrimSpace(v); v == "" {
		return
	}
	l.values++
	if strings.ContainsFunc(v, unicode.IsDigit) {
		l.digits++
		if !strings.ContainsFunc(v, unicode.IsLetter) {
			l.bare++
		}
	}
	l.words += int64(len(strings.Fields(v)))
	if isDate(v) {
		l.dates++
		if len(v) >= 8 { // more than a year, which may be any number
			l.days++
		}
	}
}

var (
	idNames     = regexp.MustCompile(`(?i)^(record|rec|unique|row)?_?(id|no|num|key)$|^(record|rec|unique)`)
	truthNames  = regexp.MustCompile(`(?i)^(cluster|entity|truth|person)(_?id)?$`)
	personNames = regexp.MustCompile(`(?i)name|^nom|nom$|pr[eé]nom|apellido|cognome`)
	// partNames are those of them that name no house and no place.
	partNames = regexp.MustCompile(`(?i)(first|given|fore|middle|last|sur|family|maiden)[ _-]?name|pr[eé]nom|vorname|nachname|apellido|cognome`)
)

// identity returns the column of the records' ids: one that every row has,
// each with another value, best one that is called so.
func identity(columns []profile.Column, rows int64) string {
	best := ""
	for _, c := range columns {
		if c.Column == csvfile.FileColumn || c.Column == csvfile.LineColumn || c.Valued != rows || c.Distinct < rows-rows/50 || c.DistinctExact && c.Distinct != rows {
			continue
		}
		if idNames.MatchString(c.Column) {
			return c.Column
		}
		if best == "" {
			best = c.Column
		}
	}
	return best
}

// kindOf says what a column seems to be, and why.
func kindOf(c *profile.Column, l *look, p *Proposal) (kind, why string) {
	share := func(n int64) float64 { return float64(n) / float64(max(l.values, 1)) }
	switch {
	case strings.EqualFold(c.Column, p.ID):
		return "", "the record's id"
	case truthNames.MatchString(c.Column):
		return "", "it seems to say who is who"
	case share(l.values) == 0 || c.Valued*100 < p.Rows:
		return "", "it is all but empty"
	case c.Distinct < 2:
		return "", "it says the same of all"
	case partNames.MatchString(c.Column) && share(l.digits) < 0.2:
		return "name", "called a name"
	case c.Distinct <= 40 && c.Distinct*20 <= c.Valued:
		return "category", "few values, each of them often"
	case share(l.dates) > 0.8 && share(l.days) > 0.4:
		return "date", "dates"
	case share(l.digits) > 0.5 && share(l.words) < 2.5 || share(l.bare) > 0.5:
		return "code", "digits in most values"
	case personNames.MatchString(c.Column) && share(l.digits) < 0.2:
		return "name", "called a name"
	}
	return "place", "words"
}

// mostColumns is how many comparisons a model may have.
const mostColumns = 16

// telling orders the kinds by how much they tell of who somebody is.
var telling = []string{"name", "date", "code", "place", "category"}

// leaveOutSurplus leaves out what tells least of more columns than a model may
// have: by kind, and of one kind those with the fewest values.
func (p *Proposal) leaveOutSurplus() {
	var order []*ProposedColumn
	for i := range p.Columns {
		if p.Columns[i].Kind != "" {
			order = append(order, &p.Columns[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *ProposedColumn) int {
		return cmp.Or(cmp.Compare(slices.Index(telling, a.Kind), slices.Index(telling, b.Kind)), cmp.Compare(b.Distinct, a.Distinct))
	})
	for _, c := range order[min(mostColumns, len(order)):] {
		c.Kind, c.Why = "", "a model has sixteen columns at most, and others tell more; "+c.Why
	}
}

// Text is the model, to be edited and trained.
func (p *Proposal) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A first draft, from %d records. Look at every line; then estimate the weights:\n#   sihctl match train FILE --model THIS --out trained.yaml\n", p.Rows)
	fmt.Fprintf(&b, "name: draft\nid: %s\nfields:\n", quoted(p.ID))
	for _, c := range p.Columns {
		line := fmt.Sprintf("  - {name: %s, kind: %s, from: %s}", fieldName(c.Column), c.Kind, quoted(c.Column))
		if c.Kind == "" {
			line = "  # " + quoted(c.Column) + " is left out"
		}
		fmt.Fprintf(&b, "%-72s # %s; %.0f %% filled, %d values\n", line, c.Why, 100*c.Filled, c.Distinct)
	}
	if len(p.Passes) > 0 {
		b.WriteString("# Behind each, its pairs per record among those; blocks of more than 100 are parted by refine.\npasses:\n")
	}
	for _, x := range p.Passes {
		line := fmt.Sprintf("  - {name: %s, key: [%s], refine: [%s]}", x.Pass.Name, strings.Join(x.Pass.Key, ", "), strings.Join(x.Pass.Refine, ", "))
		fmt.Fprintf(&b, "%-72s # %.1f\n", line, x.Pairs)
	}
	return b.String()
}

// fieldName makes a name of a column's that keys of passes can use.
func fieldName(column string) string {
	return strings.ReplaceAll(fold(column), " ", "_")
}

// quoted writes a column's name as YAML.
func quoted(s string) string {
	if fieldName(s) == s && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// count finds which passes the model would have, and how many pairs they make
// among the rows.
func (p *Proposal) count(rows []extract.Row, columns []profile.Column) error {
	m, err := match.ParseModel([]byte(p.Text()))
	if err != nil {
		return faultf("name the columns with letters and digits", "no model can be made of these columns: %w", err)
	}
	cleaners := Cleaners()
	for _, pass := range m.Passes {
		counts := map[string]int64{}
		for _, row := range rows {
			key := ""
			for _, part := range pass.Key {
				v := partOf(m, cleaners, part, row, columns)
				if v == "" {
					key = ""
					break
				}
				key += v + "\x00"
			}
			if key != "" {
				counts[key]++
			}
		}
		pairs := int64(0)
		for _, n := range counts {
			pairs += n * (n - 1) / 2
		}
		if pairs > 0 {
			p.Passes = append(p.Passes, ProposedPass{pass, float64(pairs) / float64(p.Rows)})
		}
	}
	return nil
}

// partOf returns the part of a key that a row has: that of a field, of its
// first three letters, or of its year.
func partOf(m *match.Model, cleaners match.Cleaners, part string, row extract.Row, columns []profile.Column) string {
	name, what, _ := strings.Cut(part, ".")
	field := m.Fields[slices.IndexFunc(m.Fields, func(f match.Field) bool { return f.Name == name })]
	at := slices.IndexFunc(columns, func(c profile.Column) bool { return c.Column == field.From[0].Column })
	v := strings.TrimSpace(row[at].Text)
	if clean := cleaners[field.From[0].Clean]; clean != nil {
		v = clean(v)
	}
	switch what {
	case "start3":
		r := []rune(v)
		v = string(r[:min(3, len(r))])
	case "year":
		v = v[:min(4, len(v))]
	}
	return v
}
