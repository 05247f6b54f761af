package simulate

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/sihctl/sih"
)

// figures are what a hospital's own people count on their server, by the visits
// and the bills themselves: nothing of it is read from the rows that come of
// these.
type figures map[figure]int64

// figure is what one of them is about.
type figure struct {
	measure, facility string
	year, month       int // 0 where it has none
	payer             string
}

// money tells whether a measure is an amount, which is told in dirhams.
func (f figure) money() bool {
	switch f.measure {
	case "receipts", "received", "billed", "insurer_part", "patient_part", "exempted":
		return true
	}
	return false
}

// add counts n of a measure in the year of a day, which may be unknown.
func (f figures) add(measure, facility string, day sih.Date, n int64) {
	k := figure{measure: measure, facility: facility}
	if day != 0 {
		k.year = day.Year()
	}
	f[k] += n
}

// addMonth adds an amount in the month of a day.
func (f figures) addMonth(measure, facility, payer string, day sih.Date, centimes int64) {
	y, m, _ := day.Civil()
	f[figure{measure, facility, y, m, payer}] += centimes
}

// visit counts a visit as the Cour des comptes does.
func (f figures) visit(facility string, v *visit) {
	if v.deleted || v.cancelled {
		return
	}
	from, to := dayOf(v.start), dayOf(v.end)
	switch v.class {
	case consultation:
		f.add("outpatient_consultations", facility, from, 1)
	case inpatient, dayCase:
		f.add("admissions", facility, from, 1)
		if v.end != 0 && to >= from {
			f.add("bed_days", facility, to, max(int64(to-from), 1))
		}
	}
}

// bill counts a bill that stands.
func (f figures) bill(facility, payer string, b *bill) {
	if b.cancelled {
		return
	}
	f.addMonth("billed", facility, payer, b.on, b.total)
	f.addMonth("insurer_part", facility, payer, b.on, b.insurer)
	f.addMonth("patient_part", facility, payer, b.on, b.patient)
	f.addMonth("exempted", facility, payer, b.on, b.exempt)
}

// receipt counts a receipt that was not taken back, and whose amount is one.
func (f figures) receipt(facility string, b *bill) {
	if b.unpaidBack || b.unreadable != "" {
		return
	}
	f.add("receipts", facility, b.paidOn, b.paid)
	f.addMonth("received", facility, "", b.paidOn, b.paid)
}

// dayOf is the day of a moment in minutes; the zero date for 0.
func dayOf(minute int64) sih.Date { return sih.Date(floorDiv(minute, 1440)) }

// firstDeclared is the first year of which the hospitals still have the reports
// that they sent to the ministry.
const firstDeclared = 2022

// write writes the figures under dir in two files: those of the server, as a
// client of MySQL gives the answers to totals.sql, and those that the hospitals
// declared, as somebody has typed them from their yearly reports.
func (f figures) write(dir string) error {
	keys := slices.SortedFunc(maps.Keys(f), func(a, b figure) int {
		return cmp.Or(cmp.Compare(a.measure, b.measure), cmp.Compare(a.facility, b.facility), cmp.Compare(a.year, b.year),
			cmp.Compare(a.month, b.month), cmp.Compare(a.payer, b.payer))
	})
	server := func(w *bufio.Writer) {
		last := ""
		for _, k := range keys {
			if k.measure != last { // each statement's answer has its own heads
				fmt.Fprintln(w, "measure\tfacility\treport_year\treport_month\tpayer\tamount")
				last = k.measure
			}
			amount := fmt.Sprint(f[k])
			if k.money() {
				amount = string(appendDecimal(nil, f[k], 2, 4, false))
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\n", k.measure, k.facility, k.year, k.month, k.payer, amount)
		}
	}
	declared := func(w *bufio.Writer) {
		fmt.Fprint(w, "measure;facility;year;amount\r\n")
		for _, k := range keys {
			if k.year < firstDeclared || k.month != 0 {
				continue
			}
			amount := fmt.Sprint(f[k])
			if k.money() {
				amount = string(appendDecimal(nil, f[k], 2, 2, true))
			}
			fmt.Fprintf(w, "%s;%s;%d;%s\r\n", k.measure, k.facility, k.year, amount)
		}
	}
	return errors.Join(writeText(filepath.Join(dir, "server.tsv"), server), writeText(filepath.Join(dir, "declared.csv"), declared))
}

func writeText(name string, fill func(*bufio.Writer)) error {
	f, err := createFile(name)
	if err != nil {
		return err
	}
	fill(f.w)
	return f.close()
}
