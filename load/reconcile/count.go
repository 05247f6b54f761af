package reconcile

import (
	"cmp"

	"github.com/sihctl/sih"
)

// RowsKey is what the first equation is kept by.
type RowsKey struct {
	Source sih.SourceID `json:"source"`
	Table  string       `json:"table"` // the source's name of it
	// Facility is empty where the source's rows do not say.
	Facility string `json:"facility"`
}

// RowsCount holds the terms of the first equation, in source rows. Each row
// that was extracted is exactly one of the other four.
type RowsCount struct {
	Extracted int64 `json:"extracted"` // rows in the snapshot, by its own count
	Accepted  int64 `json:"accepted"`  // became at least one entity
	Rejected  int64 `json:"rejected"`  // became none, for a reason
	Excluded  int64 `json:"excluded"`  // left out by the mapping
	Joined    int64 `json:"joined"`    // folded into another row's entity
	// Listed are the rejected and excluded rows that the store lists, each with
	// its reason: asked of it after loading.
	Listed int64 `json:"listed,omitempty"`
	// LeftOut is what these rows would have brought, in centimes, counted when
	// they were kept out, and Noted what the store's list says of it.
	LeftOut int64 `json:"left_out,omitempty"`
	Noted   int64 `json:"noted,omitempty"`
}

func (c *RowsCount) add(o RowsCount) {
	c.Extracted += o.Extracted
	c.Accepted += o.Accepted
	c.Rejected += o.Rejected
	c.Excluded += o.Excluded
	c.Joined += o.Joined
	c.Listed += o.Listed
	c.LeftOut += o.LeftOut
	c.Noted += o.Noted
}

// Sum is the right side of the equation.
func (c RowsCount) Sum() int64 { return c.Accepted + c.Rejected + c.Excluded + c.Joined }

// Difference is zero where no row was lost.
func (c RowsCount) Difference() int64 { return c.Extracted - c.Sum() }

// Unlisted is zero where each row that was left out can be looked up.
func (c RowsCount) Unlisted() int64 { return c.Rejected + c.Excluded - c.Listed }

// Unnoted is zero where no centime of what was left out was lost.
func (c RowsCount) Unnoted() int64 { return c.LeftOut - c.Noted }

// RowsLine is a line of the first equation.
type RowsLine struct {
	RowsKey
	RowsCount
}

// EntitiesKey is what the second equation is kept by.
type EntitiesKey struct {
	Source   sih.SourceID `json:"source"`
	Table    string       `json:"table"` // the unified table
	Facility string       `json:"facility"`
	// Year is the local year, or 0 where the entity has none.
	Year int `json:"year"`
}

// EntitiesCount holds the terms of the second equation, in entities.
type EntitiesCount struct {
	// Produced are those that transform made, and those that it refused to
	// make: each of the latter is rejected as well.
	Produced  int64 `json:"produced"`
	Created   int64 `json:"created"`   // added by the program, such as a mother known by name
	Inserted  int64 `json:"inserted"`  // new in the store
	Updated   int64 `json:"updated"`   // changed in the store
	Unchanged int64 `json:"unchanged"` // in the store already
	// Merged counts, for the table person, source persons who joined another's
	// person instead of founding their own.
	Merged int64 `json:"merged"`
	// Rejected are those that transform or resolve kept out.
	Rejected int64 `json:"rejected"`
}

func (c *EntitiesCount) add(o EntitiesCount) {
	c.Produced += o.Produced
	c.Created += o.Created
	c.Inserted += o.Inserted
	c.Updated += o.Updated
	c.Unchanged += o.Unchanged
	c.Merged += o.Merged
	c.Rejected += o.Rejected
}

// Made is the left side of the equation.
func (c EntitiesCount) Made() int64 { return c.Produced + c.Created }

// Sum is the right side of the equation.
func (c EntitiesCount) Sum() int64 {
	return c.Inserted + c.Updated + c.Unchanged + c.Merged + c.Rejected
}

// Difference is zero where no entity was lost.
func (c EntitiesCount) Difference() int64 { return c.Made() - c.Sum() }

// EntitiesLine is a line of the second equation.
type EntitiesLine struct {
	EntitiesKey
	EntitiesCount
}

// Measure names a control total.
type Measure string

// The measures by which the Cour des comptes audits a hospital's year.
// A mapping's controls may add others; none is called "rows",
// "entities", "listed" or "left_out".
const (
	Admissions     Measure = "admissions"
	BedDays        Measure = "bed_days"
	Consultations  Measure = "outpatient_consultations"
	LaboratoryActs Measure = "laboratory_acts"
	RadiologyActs  Measure = "radiology_acts"
	Receipts       Measure = "receipts" // centimes
	// Patients and allergies are checked one by one besides.
	Patients  Measure = "patients"
	Allergies Measure = "allergies"
)

// Measures lists the auditors' measures in their order.
var Measures = []Measure{Patients, Admissions, BedDays, Consultations, LaboratoryActs, RadiologyActs, Receipts, Allergies}

// Money tells whether m is counted in centimes.
func (m Measure) Money() bool { return m == Receipts }

// rank orders the auditors' measures first, as they list them.
func (m Measure) rank() int {
	for i, x := range Measures {
		if x == m {
			return i
		}
	}
	return len(Measures)
}

// ControlKey is what a control total is kept by.
type ControlKey struct {
	Source   sih.SourceID `json:"source"`
	Facility string       `json:"facility"`
	Year     int          `json:"year"` // the local year, 0 where unknown
	Measure  Measure      `json:"measure"`
}

// Hands are the figures of the hospital itself: what it reported, and what its
// own people counted on the server; nil where nobody did.
type Hands struct {
	Declared *int64 `json:"declared,omitempty"`
	Server   *int64 `json:"server,omitempty"`
}

func (h *Hands) add(o Hands) {
	h.Declared, h.Server = plus(h.Declared, o.Declared), plus(h.Server, o.Server)
}

// Off are the differences of the declared and the server's figure from what
// was extracted: 0 where there is no such figure.
func (h Hands) Off(extracted int64) (declared, server int64) {
	if h.Declared != nil {
		declared = *h.Declared - extracted
	}
	if h.Server != nil {
		server = *h.Server - extracted
	}
	return declared, server
}

// plus adds two counts of which either may not be there.
func plus(a, b *int64) *int64 {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	n := *a + *b
	return &n
}

// ControlCount holds a control total, in its measure's unit.
type ControlCount struct {
	Expected int64 `json:"expected"` // what the source holds: counted on the snapshot by the mapping's controls
	Found    int64 `json:"found"`    // what the store holds: asked of it after loading
	LeftOut  int64 `json:"left_out"` // of what was expected, what was rejected or excluded
	Hands
	// Undated counts rows of which the control could not read the date that
	// tells the year: those that it did count stand under the year 0.
	Undated int64 `json:"undated,omitempty"`
}

func (c *ControlCount) add(o ControlCount) {
	c.Expected += o.Expected
	c.Found += o.Found
	c.LeftOut += o.LeftOut
	c.Undated += o.Undated
	c.Hands.add(o.Hands)
}

// Difference is zero where the store has all that was not left out.
func (c ControlCount) Difference() int64 { return c.Expected - c.Found - c.LeftOut }

// ControlLine is a control total.
type ControlLine struct {
	ControlKey
	ControlCount
}

// Item names one of the amounts that are followed from source to store.
type Item string

// The amounts. Remaining is billed less exempted less received: what anybody
// still owes; over all payers where the receipts do not tell who paid.
// [Tally.Report] derives it; nobody counts it.
const (
	Billed    Item = "billed"
	Insurer   Item = "insurer_part"
	Patient   Item = "patient_part"
	Exempted  Item = "exempted"
	Received  Item = "received"
	Remaining Item = "remaining"
)

// Items lists the amounts in the order of the workbook.
var Items = []Item{Billed, Insurer, Patient, Exempted, Received, Remaining}

func (i Item) rank() int {
	for n, x := range Items {
		if x == i {
			return n
		}
	}
	return len(Items)
}

// AmountKey is what an amount is kept by.
type AmountKey struct {
	Source sih.SourceID `json:"source"`
	Payer  string       `json:"payer"` // scheme, empty where unknown
	Month  string       `json:"month"` // local month as 2024-03, empty where unknown
	Item   Item         `json:"item"`
}

// AmountCount holds an amount in centimes.
type AmountCount struct {
	Expected int64 `json:"expected"` // of the source's rows that can be read, accepted and rejected alike
	Found    int64 `json:"found"`    // what the store holds: asked of it after loading
	LeftOut  int64 `json:"left_out"` // of what was expected, what was rejected or excluded
	Hands
	// Unreadable counts rows, not centimes: those whose amount could not be
	// read.
	Unreadable int64 `json:"unreadable"`
}

func (c *AmountCount) add(o AmountCount) {
	c.Expected += o.Expected
	c.Found += o.Found
	c.LeftOut += o.LeftOut
	c.Unreadable += o.Unreadable
	c.Hands.add(o.Hands)
}

// Difference is zero where the store has every centime that was not rejected.
func (c AmountCount) Difference() int64 { return c.Expected - c.Found - c.LeftOut }

// AmountLine is an amount.
type AmountLine struct {
	AmountKey
	AmountCount
}

// FieldKey names a unified column as one source fills it.
type FieldKey struct {
	Source sih.SourceID `json:"source"`
	Table  string       `json:"table"`
	Column string       `json:"column"`
}

// FieldCount tells how complete a column is, in entities.
type FieldCount struct {
	Rows   int64 `json:"rows"`   // entities
	Before int64 `json:"before"` // of them, those whose source field is not empty
	After  int64 `json:"after"`  // those whose column has a value
	Valid  int64 `json:"valid"`  // those whose value passed every check
}

func (c *FieldCount) add(o FieldCount) {
	c.Rows += o.Rows
	c.Before += o.Before
	c.After += o.After
	c.Valid += o.Valid
}

// FieldLine tells how complete a column is.
type FieldLine struct {
	FieldKey
	FieldCount
}
