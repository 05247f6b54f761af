package sih

// Reason says why a record or a field could not be taken as it is.
type Reason string

// The reason codes.
const (
	R01 Reason = "R01" // required value missing
	R02 Reason = "R02" // date unreadable or impossible
	R03 Reason = "R03" // code unknown
	R04 Reason = "R04" // points at nothing
	R05 Reason = "R05" // key seen twice
	R06 Reason = "R06" // text undecodable
	R07 Reason = "R07" // identifier malformed
	R08 Reason = "R08" // out of range
	R09 Reason = "R09" // voided in the source
	R10 Reason = "R10" // too long
	R11 Reason = "R11" // times in the wrong order
	R12 Reason = "R12" // lines do not add up
	R13 Reason = "R13" // identities in conflict
	R14 Reason = "R14" // test record
	R15 Reason = "R15" // read differently twice
	R16 Reason = "R16" // what it hangs on was rejected
	R99 Reason = "R99" // other
)

// Reasons lists every reason code with its meaning, in order.
var Reasons = []struct {
	Reason  Reason
	Meaning string
}{
	{R01, "required value missing"},
	{R02, "date unreadable or impossible"},
	{R03, "code unknown"},
	{R04, "points at nothing"},
	{R05, "key seen twice"},
	{R06, "text undecodable"},
	{R07, "identifier malformed"},
	{R08, "out of range"},
	{R09, "voided in the source"},
	{R10, "too long"},
	{R11, "times in the wrong order"},
	{R12, "lines do not add up"},
	{R13, "identities in conflict"},
	{R14, "test record"},
	{R15, "read differently twice"},
	{R16, "what it hangs on was rejected"},
	{R99, "other"},
}

// Meaning returns what r means, in English.
func (r Reason) Meaning() string {
	for _, x := range Reasons {
		if x.Reason == r {
			return x.Meaning
		}
	}
	return "unknown reason"
}

// Severity tells what an issue does to its entity.
type Severity uint8

const (
	// Warning keeps the entity and records the issue.
	Warning Severity = iota
	// Reject keeps the entity out of the store.
	Reject
)

// String returns "warning" or "reject".
func (s Severity) String() string {
	if s == Reject {
		return "reject"
	}
	return "warning"
}

// Issue is a fault in the data. It says where and why and never holds the
// value itself: issues are printed.
type Issue struct {
	Ref      Ref
	Table    string // the unified table concerned
	Slot     string // its slot
	Field    string // the unified column, or empty when the whole row is concerned
	Reason   Reason
	Severity Severity
	// Detail adds what the reason does not say, in words that hold no value
	// of the row.
	Detail string
	// Root is the entity that this one hangs on, for R04 and R16.
	Root ID
}
