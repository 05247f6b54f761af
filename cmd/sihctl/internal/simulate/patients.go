package simulate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// patientColumns are the columns of a list of patients: those that patients
// are matched by.
const patientColumns = "record_id,system,facility,local_id,cin,guardian_cin,idcs,passport,amo_no,family_name,given_name,maiden_name," +
	"father_name,mother_name,family_name_ar,given_name_ar,sex,birth_date,phone,commune,address"

// WritePatients makes a region's patient records alone: patients.csv under
// dir, which has all systems' records in one list, typed as their clerks typed
// them; and truth.csv, which says by record_id and entity_id whose each is, and
// which were made to be mistaken for another's, by the kind of trap.
// Its memory does not grow with the number of patients. An error or a
// cancelled ctx leaves neither file.
func WritePatients(ctx context.Context, dir string, cfg Config) (Summary, error) {
	if cfg.Patients < 1 {
		return Summary{}, fmt.Errorf("simulate: %d patients", cfg.Patients)
	}
	if cfg.Defects == (Rates{}) {
		cfg.Defects = DefaultRates()
	}
	list, err := createFile(filepath.Join(dir, "patients.csv"))
	if err != nil {
		return Summary{}, fmt.Errorf("simulate: %w", err)
	}
	truth, err := createFile(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return Summary{}, errors.Join(fmt.Errorf("simulate: %w", err), list.abandon())
	}
	summary, err := patients(ctx, list.w, truth.w, cfg)
	if err != nil {
		return Summary{}, errors.Join(fmt.Errorf("simulate: %w", err), list.abandon(), truth.abandon())
	}
	if err := errors.Join(list.close(), truth.close()); err != nil {
		return Summary{}, fmt.Errorf("simulate: %w", err)
	}
	return summary, nil
}

// abandon removes a file that will not be whole.
func (f *file) abandon() error { return errors.Join(f.f.Close(), os.Remove(f.path+".tmp")) }

func patients(ctx context.Context, to, truthTo *bufio.Writer, cfg Config) (Summary, error) {
	g := &generator{seed: cfg.Seed, rates: cfg.Defects, source: rand.NewPCG(cfg.Seed, 0), patientsOnly: true}
	g.rand = rand.New(g.source)
	g.world = newWorld(cfg.Patients, cfg.Seed)
	g.truth = &truth{file: &file{w: bufio.NewWriter(io.Discard)}, traps: map[string]int{}}
	list := &patientList{to: to, truth: truthTo}
	for s := range g.systems {
		g.systems[s] = list
	}
	fmt.Fprintln(to, patientColumns)
	fmt.Fprintln(truthTo, "record_id,entity_id,trap")
	reported := 0
	err := g.households(cfg.Patients, func() error {
		if g.records-reported < 1<<14 {
			return nil
		}
		if cfg.Done != nil {
			cfg.Done(g.records - reported)
		}
		reported = g.records
		return errors.Join(ctx.Err(), list.fail)
	})
	if err == nil {
		err = errors.Join(ctx.Err(), list.fail)
	}
	return Summary{Persons: g.persons, Records: g.records, Defects: g.count, Traps: g.truth.traps}, err
}

// A patientList is all systems at once, as far as their patients go.
type patientList struct {
	to, truth *bufio.Writer
	records   int
	buf       []byte
	fail      error
}

func (l *patientList) patient(rec *record) {
	l.records++
	rec.id = l.records
	rec.key = strconv.Itoa(rec.id)
	l.buf = append(l.buf[:0], 'r')
	l.buf = append(l.buf, rec.key...)
	id := len(l.buf)
	for _, cell := range [...]string{
		systemNames[rec.system], rec.facility.code, rec.key, rec.cin, rec.guardianCIN, rec.idcs, rec.passport, rec.insured,
		rec.family, rec.given, rec.maiden, rec.father, rec.mother, rec.familyAr, rec.givenAr, sexes[rec.system][rec.sex],
		rec.birth.text(rec.system), rec.phone, rec.commune, rec.address,
	} {
		l.buf = appendCell(append(l.buf, ','), cell)
	}
	l.buf = append(l.buf, '\n')
	if _, err := l.to.Write(l.buf); err != nil {
		l.fail = err
	}
	l.buf = strconv.AppendInt(append(l.buf[:id], ','), int64(rec.number), 10)
	l.buf = append(append(l.buf, ','), rec.trap...)
	if _, err := l.truth.Write(append(l.buf, '\n')); err != nil {
		l.fail = err
	}
}

func appendCell(b []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

// sexes are how the systems write a sex: not known, male, female. HOSIX's M,
// which is mujer, would say the contrary in a list with the others.
var sexes = [systems][3]string{enova: {"", "M", "F"}, hosix: {"", "Hombre", "Mujer"}, dedalus: {"", "1", "2"}, bilmed: {"", "E", "K"}, essp: {"", "M", "F"}}

// text writes a birth as clerks of the system do.
func (b birthText) text(s system) string {
	y, m, d := b.y, b.m, b.d
	switch b.how {
	case birthNone:
		return ""
	case birthJanuary:
		m, d = 1, 1
	case birthDecember:
		m, d = 12, 31
	case birthJuly:
		m, d = 7, 1
	case birthZeros:
		m, d = 0, 0
	case birthYear:
		return strconv.Itoa(y)
	case birthHijri: // the Hijri year in which most of the year lies
		return strconv.Itoa((y-622)*33/32 + 1)
	}
	style := slashes
	if s == enova || s == hosix {
		style = isoDay
	}
	if b.how == birthShort {
		return fmt.Sprintf("%02d/%02d/%02d", d, m, y%100)
	}
	return string(appendDay(nil, style, y, m, d))
}

// The rest of what systems know is no part of the list.

func (l *patientList) reference(*world)                  {}
func (l *patientList) cover(*record, *cover)             {}
func (l *patientList) allergy(*record, *allergy)         {}
func (l *patientList) vaccination(*record, *vaccination) {}
func (l *patientList) visit(*record, *visit)             {}
func (l *patientList) failure() error                    { return l.fail }
func (l *patientList) close() error                      { return l.fail }
func (l *patientList) counts() map[string]int            { return map[string]int{"patients": l.records} }
