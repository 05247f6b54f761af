package reconcile

import "github.com/sihctl/sih"

// Subject names what of a patient's safety is counted one by one.
type Subject string

// The subjects.
const (
	SafetyAllergies Subject = "allergies"   // those that say that none is known included
	SafetyBlood     Subject = "blood_group" // patient records that tell a blood group
	SafetyDeaths    Subject = "deaths"      // patient records that tell a death
	SafetyOpenStays Subject = "open_stays"  // inpatient stays without an end
)

// SafetyLine accounts for one subject in one source.
type SafetyLine struct {
	Source  sih.SourceID `json:"source"`
	Subject Subject      `json:"subject"`
	// Expected is what the source holds; nil where nothing counts it there.
	Expected *int64 `json:"expected,omitempty"`
	Found    int64  `json:"found"`    // in the store
	LeftOut  int64  `json:"left_out"` // rejected, excluded, or made nothing of by a rule
	// Doubtful is how many more may be missing because the patient records that
	// may hold them were kept out after they had been counted.
	Doubtful int64 `json:"doubtful"`
}

// Difference is what is not accounted for: positive where something was lost.
func (l SafetyLine) Difference() int64 {
	if l.Expected == nil {
		return 0
	}
	d := *l.Expected - l.Found - l.LeftOut
	if d > 0 {
		d -= min(d, l.Doubtful)
	}
	return d
}
