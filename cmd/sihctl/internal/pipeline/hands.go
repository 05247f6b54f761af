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
	file   string
	// all says that a figure which the file lacks is 0, where it tells of the
	// measure at all: the server was asked for everything, while a hospital
	// declares what it declares.
	all bool
	of  func(*reconcile.Hands) **int64

	at         map[string]int // columns by name
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
		for _, h := range []*hand{
			{file: s.config.Declared, of: func(h *reconcile.Hands) **int64 { return &h.Declared }},
			{file: s.config.ServerTotals, all: true, of: func(h *reconcile.Hands) **int64 { return &h.Server }},
		} {
			if h.file == "" {
				continue
			}
			h.a, h.source = a, s
			if err := h.read(p.Path(h.file)); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads the file: figures in the source's own unit by measure, facility
// and year, parted by commas, semicolons or tabs; amounts by payer and month
// besides.
func (h *hand) read(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return &ConfigError{fmt.Errorf("read control totals: %w", err), "see declared and server_totals of source " + string(h.source.config.ID)}
	}
	fault := func(line int, err error) error {
		return &ConfigError{fmt.Errorf("%s:%d: %w", filepath.Base(name), line, err), handHint}
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
	if err := h.columns(head); err != nil {
		return fault(1, err)
	}
	h.grain()
	if err := h.translate(); err != nil {
		return err
	}
	for {
		row, err := r.Read()
		if err == io.EOF {
			h.complete()
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
		if err := h.add(row); err != nil {
			return fault(line, err)
		}
	}
}

func (h *hand) columns(head []string) error {
	h.at = map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if other, ok := handAliases[name]; ok {
			name = other
		}
		h.at[name] = i
	}
	for _, c := range handColumns {
		if _, ok := h.at[c]; !ok {
			return fmt.Errorf("there is no column %s", c)
		}
	}
	return nil
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

// empty tells whether a figure is none: clients of servers write NULL so.
func empty(s string) bool { return s == "" || strings.EqualFold(s, "null") }

// add adds a line to the figures.
func (h *hand) add(row []string) error {
	field := func(c string) string {
		if i, ok := h.at[c]; ok {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	number := func(c string, most int) (int, error) {
		s := field(c)
		if empty(s) {
			return 0, nil
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > most {
			return 0, fmt.Errorf("%s is no %[1]s", c)
		}
		return n, nil
	}
	year, err := number("year", 9999)
	if err != nil {
		return err
	}
	measure := reconcile.Measure(field("measure"))
	item := reconcile.Item(measure)
	isAmount := slices.Contains(reconcile.Items, item)
	if !isAmount && !slices.Contains(reconcile.Measures, measure) {
		return fmt.Errorf("measure %q is not known", measure)
	}
	places := 0
	if isAmount || measure.Money() {
		places = 2
	}
	n, err := int64(0), error(nil)
	if s := field("amount"); !empty(s) { // the sum of no rows
		n, err = sih.ParseDecimal(strings.Replace(s, ",", ".", 1), places)
	}
	if err != nil {
		return errors.New("amount is no number in the source's own unit")
	}
	h.told[string(measure)] = true
	if isAmount {
		for _, c := range []string{"month", "payer"} {
			if _, ok := h.at[c]; !ok {
				return fmt.Errorf("%s is compared by month and payer, and there is no column %s", item, c)
			}
		}
		month, err := number("month", 12)
		if err != nil {
			return err
		}
		k := reconcile.AmountKey{Source: h.source.config.ID, Item: item}
		if h.byPayer[item] {
			k.Payer = h.payers(item, field("payer"))
		}
		if year != 0 && month != 0 {
			k.Month = fmt.Sprintf("%04d-%02d", year, month)
		}
		h.count(&h.a.tally.Amount(k).Hands, n)
		return nil
	}
	k := reconcile.ControlKey{Source: h.source.config.ID, Measure: measure, Year: year}
	if h.byFacility[measure] {
		k.Facility = h.source.config.Facility.Code
		if local := field("facility"); local != "" {
			k.Facility, _, _ = h.facility(local)
		}
	}
	h.count(&h.a.tally.Control(k).Hands, n)
	return nil
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
