package simulate

// Rates says how often each habit and defect occurs, as a share from 0 to 1 of
// what its comment names. All of them are in this one place. The defaults are
// plausible for a real region, not measured in one.
type Rates struct {
	// Of the patient records.
	Respelled    float64 // a name written in another way than on the card
	Typo         float64 // a letter inserted, left out or exchanged in a name
	SwappedNames float64 // given and family name exchanged
	Title        float64 // a title before the name
	DayMonth     float64 // day and month of the birth exchanged, where both can be
	BirthTypo    float64 // one digit of the birth wrong
	NoBirth      float64
	BadBirth     float64 // an impossible birth: in the future, or of long ago
	NoCIN        float64 // an adult's number not asked for
	CINTypo      float64 // one digit wrong, or a letter for the digit it looks like
	CINFiller    float64 // XXX, 0000, SANS … instead of a number
	CINLeftOver  float64 // the number of the patient before, typed over
	GuardianCIN  float64 // of minors' records: a parent's number as the child's
	SpouseCIN    float64 // of wives' records: the husband's number
	NoPhone      float64
	NewPhone     float64 // another number than the household's
	Emergency    float64 // of hospital records: registered in haste, few fields
	Again        float64 // of hospital records: registered a second time there
	Merged       float64 // of second records: merged by the hospital itself
	MarriedName  float64 // of wives' records: under the husband's family name
	Placeholder  float64 // of newborns' records: "BB DE …", "NN"
	TestPatient  float64 // records of nobody, beside the others
	Deleted      float64 // deleted copies of a record, beside the others
	UnknownSex   float64
	Hijri        float64 // of old people's births in files: a Hijri year
	TwoDigitYear float64 // births in files with two digits of the year
	Moved        float64 // of persons: a record in another region's system too
	// Of texts.
	OldEncoding  float64 // of ENOVA's Arabic names: cp1256 bytes in latin1
	LostText     float64 // of Arabic names in latin1 and cp1254: question marks
	DoubleUTF8   float64 // of accented texts in ENOVA: encoded twice
	ArabicNoise  float64 // of Arabic names: tatweel, presentation forms …
	StrayControl float64 // of texts: no-break space or a control character
	// Of visits.
	DischargeBefore float64 // end before start
	StillOpen       float64 // of admissions: never closed
	AfterDeath      float64 // of records of the dead: a visit after the death
	BeforeBirth     float64 // start before the patient's birth
	WrongSex        float64 // of men's admissions: a delivery
	Cancelled       float64
	DeletedRow      float64 // of visits and acts: soft-deleted copies
	OrphanStay      float64 // stays whose patient does not exist
	OrphanAct       float64 // acts whose stay does not exist
	UnknownCode     float64 // codes that no list has
	NoUnit          float64 // of laboratory results
	NoneKnown       float64 // of allergy rows: a way to say that there is none
	// Of money.
	BillNoStay       float64
	BillNegative     float64
	BillTwice        float64 // the same bill under a second number
	BillSum          float64 // total is not the sum of the lines
	UnreadableAmount float64 // of receipts: "-", "gratuit"
	// Of lines and cells in files.
	DuplicateKey   float64 // a line written twice
	Ragged         float64 // a line with a field too few or too many
	OpenQuote      float64 // a quote that is never closed
	JunkCell       float64 // of register rows: a remark beside the table
	Serial         float64 // of register dates: a serial number, not text
	Base1904       float64 // of workbooks: dates counted from 1904
	DuplicateVital float64 // of ENOVA's vital signs: the row twice
}

// DefaultRates returns the rates that a zero Config stands for.
func DefaultRates() Rates {
	return Rates{
		Respelled: 0.22, Typo: 0.03, SwappedNames: 0.015, Title: 0.01, DayMonth: 0.01, BirthTypo: 0.015, NoBirth: 0.004, BadBirth: 0.0008,
		NoCIN: 0.22, CINTypo: 0.02, CINFiller: 0.012, CINLeftOver: 0.003, GuardianCIN: 0.35, SpouseCIN: 0.02, NoPhone: 0.18, NewPhone: 0.18,
		Emergency: 0.03, Again: 0.12, Merged: 0.15, MarriedName: 0.12, Placeholder: 0.25, TestPatient: 0.0008, Deleted: 0.002, UnknownSex: 0.006,
		Hijri: 0.01, TwoDigitYear: 0.006, Moved: 0.15,
		OldEncoding: 0.25, LostText: 0.03, DoubleUTF8: 0.04, ArabicNoise: 0.03, StrayControl: 0.004,
		DischargeBefore: 0.0006, StillOpen: 0.01, AfterDeath: 0.03, BeforeBirth: 0.0004, WrongSex: 0.01, Cancelled: 0.01, DeletedRow: 0.004,
		OrphanStay: 0.0005, OrphanAct: 0.0008, UnknownCode: 0.002, NoUnit: 0.02, NoneKnown: 0.30,
		BillNoStay: 0.004, BillNegative: 0.001, BillTwice: 0.002, BillSum: 0.003, UnreadableAmount: 0.003,
		DuplicateKey: 0.0004, Ragged: 0.00008, OpenQuote: 0.00002, JunkCell: 0.003, Serial: 0.55, Base1904: 0.05, DuplicateVital: 0.001,
	}
}
