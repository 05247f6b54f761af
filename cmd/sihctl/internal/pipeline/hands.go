package pipeline

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/load/reconcile"
	"github.com/sihctl/sih/transform/mapping"
)

// handColumns are those that a file of totals must have; month and payer may be
// missing where no amounts are told. totals.sql calls year and month otherwise,
// which are words of SQL.
var handColumns = []string{"measure", "facility", "year", "amount"}

var handAliases = map[string]string{"report_year": "year", "report_month": "month"}

const handHint = "its columns are measure, facility, year and amount, for amounts month and payer too, as `sihctl mapping totals` gives them"

// A hand is a file of figures that a hospital gives of one source.
type hand struct {
	a      *auditor
	source *sourcePlan
	// all says that a figure which the file lacks is 0, where it tells of the
	// measure at all: the server was asked for everything, while a hospital
	// declares what it declares.
	all bool
	of  func(*reconcile.Hands) **int64

	byFacility map[reconcile.Measure]bool
	byPayer    map[reconcile.Item]bool
	payers     func(reconcile.Item, string) string
	facility   func(string) (string, sih.ID, bool)
	told       map[string]bool // measures and amounts
}

// hands reads what each hospital declared, and what its people counted on
// their server, into the control totals and the amounts.
func (a *auditor) hands(p *project.Project) error {
	for _, s := range a.p.sources {
		declared := &hand{a: a, source: s, of: func(h *reconcile.Hands) **int64 { return &h.Declared }}
		server := &hand{a: a, source: s, all: true, of: func(h *reconcile.Hands) **int64 { return &h.Server }}
		if err := declared.read(p, s.config.Declared); err != nil {
			return err
		}
		if err := server.read(p, s.config.ServerTotals); err != nil {
			return err
		}
	}
	return nil
}

func (h *hand) read(p *project.Project, file string) error {
	if file == "" {
		return nil
	}
	h.grain()
	if err := h.translate(); err != nil {
		return err
	}
	if err := eachFigure(p, h.source.config, file, h.add); err != nil {
		return err
	}
	h.complete()
	return nil
}

// checkHands reads the files that the config names, for what can be wrong with
// them without knowing any count.
func checkHands(p *project.Project) error {
	for i := range p.Config.Sources {
		c := &p.Config.Sources[i]
		for _, file := range []string{c.Declared, c.ServerTotals} {
			if file == "" {
				continue
			}
			if err := eachFigure(p, c, file, func(handFigure) {}); err != nil {
				return err
			}
		}
	}
	return nil
}

// handFigure is a line of a hospital's file, in its own codes.
type handFigure struct {
	measure, facility, payer string
	year, month              int   // 0 where it has none
	n                        int64 // a count, or centimes
}

func (f handFigure) amount() bool { return slices.Contains(reconcile.Items, reconcile.Item(f.measure)) }

// eachFigure reads a file: figures in the source's own unit by measure, facility
// and year, parted by commas, semicolons or tabs; amounts by payer and month
// besides.
func eachFigure(p *project.Project, c *project.Source, file string, each func(handFigure)) error {
	name := p.Path(file)
	data, err := os.ReadFile(name)
	if err != nil {
		return &ConfigError{Err: fmt.Errorf("read control totals: %w", err), Advice: "see declared and server_totals of source " + string(c.ID)}
	}
	fault := func(line int, err error) error {
		return &ConfigError{Err: fmt.Errorf("%s:%d: %w", filepath.Base(name), line, err), Advice: handHint}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	first, _, _ := strings.Cut(text, "\n")
	for _, c := range ";\t" {
		if strings.ContainsRune(first, c) {
			r.Comma = c
		}
	}
	head, err := r.Read()
	if err != nil {
		return fault(1, errors.New("the first line must name the columns"))
	}
	at, err := handPlaces(head)
	if err != nil {
		return fault(1, err)
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return fault(bad.Line, bad.Err)
		}
		if err != nil {
			return fmt.Errorf("read control totals: %w", err)
		}
		// The answers to several statements, one below the other, name their
		// columns each time.
		if slices.Equal(row, head) {
			continue
		}
		line, _ := r.FieldPos(0)
		f, err := readFigure(at, row)
		if err != nil {
			return fault(line, err)
		}
		each(f)
	}
}

// handPlaces finds the columns by their names.
func handPlaces(head []string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if other, ok := handAliases[name]; ok {
			name = other
		}
		at[name] = i
	}
	for _, c := range handColumns {
		if _, ok := at[c]; !ok {
			return nil, fmt.Errorf("there is no column %s", c)
		}
	}
	return at, nil
}

// readFigure reads a line.
func readFigure(at map[string]int, row []string) (f handFigure, err error) {
	field := func(c string) string {
		i, ok := at[c]
		if !ok || strings.EqualFold(strings.TrimSpace(row[i]), "null") { // clients of servers write NULL so
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	number := func(c string, most int) (int, error) {
		s := field(c)
		if s == "" {
			return 0, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > most {
			return 0, fmt.Errorf("%s is no %[1]s", c)
		}
		return n, nil
	}
	f = handFigure{measure: field("measure"), facility: field("facility"), payer: field("payer")}
	if !f.amount() && !slices.Contains(reconcile.Measures, reconcile.Measure(f.measure)) {
		return f, fmt.Errorf("measure %q is not known", f.measure)
	}
	if f.year, err = number("year", 9999); err != nil {
		return f, err
	}
	places := 0
	if f.amount() || reconcile.Measure(f.measure).Money() {
		places = 2
	}
	if s := field("amount"); s != "" { // else it is the sum of no rows
		if f.n, err = sih.ParseDecimal(strings.Replace(s, ",", ".", 1), places); err != nil {
			return f, errors.New("amount is no number in the source's own unit")
		}
	}
	if !f.amount() {
		return f, nil
	}
	for _, c := range []string{"month", "payer"} {
		if _, ok := at[c]; !ok {
			return f, fmt.Errorf("%s is compared by month and payer, and there is no column %s", f.measure, c)
		}
	}
	f.month, err = number("month", 12)
	return f, err
}

// grain finds what the source's own rows tell by facility and by payer: nothing
// is compared more finely.
func (h *hand) grain() {
	h.byFacility, h.byPayer, h.told = map[reconcile.Measure]bool{}, map[reconcile.Item]bool{}, map[string]bool{}
	for _, l := range h.a.source.Controls {
		if l.Source == h.source.config.ID && l.Facility != "" {
			h.byFacility[l.Measure] = true
		}
	}
	for _, l := range h.a.source.Amounts {
		if l.Source == h.source.config.ID && l.Payer != "" {
			h.byPayer[l.Item] = true
		}
	}
}

// translate makes the source's own codes of facilities and payers readable.
func (h *hand) translate() error {
	h.facility = h.a.p.facilities.lookup(h.source.config)
	lists, err := mapping.LoadCodes(h.source.files)
	if err != nil {
		return fmt.Errorf("read control totals of %s: %w", h.source.config.ID, err)
	}
	h.payers = func(item reconcile.Item, local string) string {
		code := local
		for _, t := range h.source.snap.Tables {
			for _, c := range h.source.plans[t.Name].File.Controls {
				if list := lists[c.Code]; reconcile.Item(c.Measure) == item && list != nil {
					if found, ok := list.Lookup(local); ok {
						return found.Target
					}
					code = "" // as the control does with a code that its list lacks
				}
			}
		}
		return code
	}
	return nil
}

// add adds a figure to what is compared.
func (h *hand) add(f handFigure) {
	h.told[f.measure] = true
	if f.amount() {
		k := reconcile.AmountKey{Source: h.source.config.ID, Item: reconcile.Item(f.measure)}
		if h.byPayer[k.Item] {
			k.Payer = h.payers(k.Item, f.payer)
		}
		if f.year != 0 && f.month != 0 {
			k.Month = fmt.Sprintf("%04d-%02d", f.year, f.month)
		}
		h.count(&h.a.tally.Amount(k).Hands, f.n)
		return
	}
	k := reconcile.ControlKey{Source: h.source.config.ID, Measure: reconcile.Measure(f.measure), Year: f.year}
	if h.byFacility[k.Measure] {
		k.Facility = h.source.config.Facility.Code
		if f.facility != "" {
			k.Facility, _, _ = h.facility(f.facility)
		}
	}
	h.count(&h.a.tally.Control(k).Hands, f.n)
}

func (h *hand) count(figures *reconcile.Hands, n int64) {
	figure := h.of(figures)
	if *figure == nil {
		*figure = new(int64)
	}
	**figure += n
}

// complete has a file that tells all of a measure tell 0 of what it does not
// name: a row that is there and not on the server would not be missed else.
func (h *hand) complete() {
	if !h.all {
		return
	}
	for _, l := range h.a.source.Controls {
		if l.Source == h.source.config.ID && h.told[string(l.Measure)] {
			h.count(&h.a.tally.Control(l.ControlKey).Hands, 0)
		}
	}
	for _, l := range h.a.source.Amounts {
		if l.Source == h.source.config.ID && h.told[string(l.Item)] {
			h.count(&h.a.tally.Amount(l.AmountKey).Hands, 0)
		}
	}
}
