package workbook

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// The sheets, in the order of their tabs.
const (
	tabSummary      = "summary"
	tabCharts       = "charts"
	tabScope        = "scope"
	tabDefinitions  = "definitions"
	tabRows         = "rows"
	tabEntities     = "entities"
	tabTolerances   = "tolerances"
	tabControls     = "controls"
	tabAmounts      = "amounts"
	tabSequences    = "sequences"
	tabHashes       = "hashes"
	tabCompleteness = "completeness"
	tabCodes        = "codes"
	tabPersons      = "persons"
	tabOverlaps     = "overlaps"
	tabMerges       = "merges"
	tabReview       = "review"
	tabRejects      = "rejects"
	tabRejectRows   = "reject_rows"
	tabExcluded     = "excluded"
	tabExcludedRows = "excluded_rows"
	tabCorrections  = "corrections"
	tabFaults       = "faults"
	tabIdentifiers  = "identifiers"
	tabClashes      = "clashes"
	tabSafety       = "safety"
	tabAlerts       = "alerts"
	tabSample       = "sample"
	tabRuns         = "runs"
	tabSignOff      = "sign_off"
)

var tabs = []string{
	tabSummary, tabCharts, tabScope, tabDefinitions, tabRows, tabEntities, tabTolerances, tabControls, tabAmounts, tabSequences, tabHashes,
	tabCompleteness, tabCodes, tabPersons, tabOverlaps, tabMerges, tabReview, tabRejects, tabRejectRows, tabExcluded, tabExcludedRows,
	tabCorrections, tabFaults, tabIdentifiers, tabClashes, tabSafety, tabAlerts, tabSample, tabRuns, tabSignOff,
}

// has tells whether the workbook has a sheet. Some need what only a project
// knows; without it there is no such sheet, rather than an empty one.
func (b *book) has(tab string) bool {
	if b.Facility != "" {
		return slices.Contains([]string{tabEntities, tabControls, tabRejects, tabRejectRows}, tab)
	}
	switch tab {
	case tabRuns:
		return b.Runs != nil
	case tabScope:
		return b.Report.Scope != nil
	case tabReview:
		return b.Pairs != nil
	case tabSample:
		return b.Sample != nil
	}
	return true
}

// book is a workbook being written. Every sheet is streamed: the library
// turns a number beside a formula into text on sheets that are not.
type book struct {
	Content
	file   *excelize.File
	words  words
	styles *styles
	grids  map[string]*grid
	// notes stand in row 2 of a sheet instead of the word of its tab.
	notes   map[string]string
	weights weights
	details []detail
	files   []Detail // beside the workbook
	lists   []*wholeList
	tmp     string // a folder of the workbook's own, which is removed
	// excludedRows counts what Excluded yielded.
	excludedRows int64
}

// detail is how much of a list its sheet holds.
type detail struct {
	tab        string
	all, shown int64
}

func newBook(c Content, tmp string) (*book, error) {
	w, err := wordsOf(c.Lang)
	if err != nil {
		return nil, err
	}
	b := &book{
		Content: c, words: w, grids: map[string]*grid{}, notes: map[string]string{}, files: c.Details, tmp: tmp,
		file: excelize.NewFile(excelize.Options{TmpDir: tmp}),
	}
	if err := b.prepare(); err != nil {
		b.file.Close()
		return nil, err
	}
	return b, nil
}

// close ends what is open, whatever has become of it.
func (b *book) close() error {
	for _, l := range b.lists {
		l.file.Close() // most are closed: what was to stay was seen to then
	}
	return b.file.Close()
}

func (b *book) prepare() error {
	if err := b.file.SetDefaultFont(font); err != nil {
		return err
	}
	var err error
	if b.styles, err = newStyles(b.file, b.words, b.rtl()); err != nil {
		return err
	}
	first := true
	for _, tab := range tabs {
		if !b.has(tab) {
			continue
		}
		if first {
			err = b.file.SetSheetName("Sheet1", b.tab(tab))
		} else {
			_, err = b.file.NewSheet(b.tab(tab))
		}
		if err != nil {
			return err
		}
		first = false
	}
	// Excel computes every formula anew when it opens the file, so that what
	// the auditor sees is his machine's result.
	yes := true
	if err := b.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &yes}); err != nil {
		return err
	}
	at := b.Run.Generated.UTC().Format(time.RFC3339)
	return b.file.SetDocProps(&excelize.DocProperties{
		Creator: "sihctl", LastModifiedBy: "sihctl", Created: at, Modified: at,
		Title: b.words["title"], Subject: b.Run.Project, Identifier: b.Run.ID.String(), Version: b.Run.Tool,
	})
}

// fill writes every sheet. The Summary comes last, since it speaks of the
// sheets behind it.
func (b *book) fill() error {
	for _, step := range []struct {
		tab  string
		fill func() error
	}{
		{tabScope, b.scope}, {tabDefinitions, b.definitions},
		{tabRows, b.rows}, {tabEntities, b.entities}, {tabTolerances, b.tolerances},
		{tabControls, b.controls}, {tabAmounts, b.amounts}, {tabSequences, b.sequences}, {tabHashes, b.hashes},
		{tabCompleteness, b.completeness}, {tabCodes, b.codes},
		{tabPersons, b.persons}, {tabOverlaps, b.overlaps}, {tabMerges, b.merges}, {tabReview, b.review},
		{tabRejects, b.rejects}, {tabExcluded, b.excluded}, {tabCorrections, b.corrections},
		{tabFaults, b.faults}, {tabIdentifiers, b.identifiers}, {tabClashes, b.clashes}, {tabSafety, b.safety}, {tabAlerts, b.alerts},
		{tabSample, b.sample}, {tabRuns, b.runs}, {tabSignOff, b.signOff},
		{tabSummary, b.summary}, {tabCharts, b.charts},
	} {
		if !b.has(step.tab) {
			continue
		}
		if err := step.fill(); err != nil {
			return fmt.Errorf("fill sheet %s: %w", step.tab, err)
		}
	}
	return nil
}

func (b *book) writeTo(w io.Writer) error {
	// The zip format knows no time before 1980; none is written then.
	modified := b.Run.Generated.UTC()
	if modified.Year() < 1980 {
		modified = time.Time{}
	}
	// The library would gather the whole file in a buffer of its own; the
	// archive writes past it.
	b.file.ZipWriter = func(io.Writer) excelize.ZipWriter { return &archive{dst: w, modified: modified} }
	return b.file.Write(io.Discard)
}

// rtl tells whether sheets run from right to left.
func (b *book) rtl() bool { return b.words["direction"] == "rtl" }

// jump is a link to a row of a sheet of this workbook, shown as text. It is a
// formula of ours: no data stands in it.
func (b *book) jump(tab string, row int, text string) live {
	at := "#'" + strings.ReplaceAll(b.tab(tab), "'", "''") + "'!A" + strconv.Itoa(row)
	return live{"HYPERLINK(" + strconv.Quote(at) + "," + strconv.Quote(text) + ")", text}
}

// tab returns the name of a sheet.
func (b *book) tab(tab string) string { return b.words["tab."+tab] }

// footer names the project, the run and the page. Its text may not hold the
// codes that begin with "&".
func (b *book) footer() string {
	who := strings.ReplaceAll(join(b.Run.Project, b.Facility), "&", "&&")
	if r := []rune(who); len(r) > 80 {
		who = string(r[:80])
	}
	left := "&L&8" + who
	if !b.Run.ID.IsZero() {
		left += " · " + b.Run.ID.String()
	}
	return left + "&C&8&A&R&8" + b.words["page"] + " &P " + b.words["of"] + " &N"
}
