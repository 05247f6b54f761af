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
)

// handColumns are those that totals.sql gives; month and payer may be missing.
var handColumns = []string{"measure", "facility", "year", "amount"}

// hands reads what each hospital declared, and what its people counted on
// their server, into the control totals.
func (a *auditor) hands(p *project.Project) error {
	for _, s := range a.p.sources {
		for _, hand := range []struct {
			file  string
			count func(*reconcile.ControlCount) **int64
		}{
			{s.config.Declared, func(c *reconcile.ControlCount) **int64 { return &c.Declared }},
			{s.config.ServerTotals, func(c *reconcile.ControlCount) **int64 { return &c.Server }},
		} {
			if hand.file == "" {
				continue
			}
			err := a.hand(s, p.Path(hand.file), func(k reconcile.ControlKey, n int64) {
				c := hand.count(a.tally.Control(k))
				if *c == nil {
					*c = new(int64)
				}
				**c += n
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// hand reads one file: figures in the source's own unit by measure, facility
// and year, parted by commas, semicolons or tabs. Amounts by payer and month,
// which totals.sql gives too, are no control totals and are passed over.
func (a *auditor) hand(s *sourcePlan, name string, add func(reconcile.ControlKey, int64)) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return &ConfigError{fmt.Errorf("read control totals: %w", err), "see declared and server_totals of source " + string(s.config.ID)}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	fault := func(line int, format string, args ...any) error {
		return &ConfigError{fmt.Errorf("%s:%d: %s", filepath.Base(name), line, fmt.Sprintf(format, args...)), "its columns are measure, facility, year and amount, and perhaps month and payer, as `sihctl mapping totals` gives them"}
	}
	r := csv.NewReader(strings.NewReader(text))
	first, _, _ := strings.Cut(text, "\n")
	for _, c := range ";\t" {
		if strings.ContainsRune(first, c) {
			r.Comma = c
		}
	}
	head, err := r.Read()
	if err != nil {
		return fault(1, "the first line must name the columns")
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, c := range handColumns {
		if _, ok := at[c]; !ok {
			return fault(1, "there is no column %s", c)
		}
	}
	byFacility := map[reconcile.Measure]bool{}
	for _, l := range a.source.Controls {
		if l.Source == s.config.ID && l.Facility != "" {
			byFacility[l.Measure] = true
		}
	}
	facility := a.p.facilities.lookup(s.config)
	for {
		row, err := r.Read()
		if err == io.EOF {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return fault(bad.Line, "%v", bad.Err)
		}
		if err != nil {
			return fmt.Errorf("read control totals: %w", err)
		}
		line, _ := r.FieldPos(0)
		field := func(c string) string { return strings.TrimSpace(row[at[c]]) }
		k := reconcile.ControlKey{Source: s.config.ID, Measure: reconcile.Measure(field("measure"))}
		if slices.Contains(reconcile.Items, reconcile.Item(k.Measure)) {
			continue
		}
		if !slices.Contains(reconcile.Measures, k.Measure) {
			return fault(line, "measure %q is not known", k.Measure)
		}
		if byFacility[k.Measure] {
			k.Facility = s.config.Facility.Code
			if local := field("facility"); local != "" {
				k.Facility, _, _ = facility(local)
			}
		}
		if y := field("year"); y != "" {
			if k.Year, err = strconv.Atoi(y); err != nil || k.Year < 0 || k.Year > 9999 {
				return fault(line, "year is no year")
			}
		}
		places := 0
		if k.Measure.Money() {
			places = 2
		}
		n, err := sih.ParseDecimal(strings.Replace(field("amount"), ",", ".", 1), places)
		if err != nil {
			return fault(line, "amount is no number in the source's own unit")
		}
		add(k, n)
	}
}
