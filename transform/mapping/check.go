package mapping

import (
	"math/bits"

	"github.com/sihctl/sih"
)

// longStay is after how many days a stay that is still open, or was as long,
// is looked at: a year.
const longStay = 365

// check looks at several fields of an entity that is whole otherwise. It keeps
// nothing out: what it finds is a warning.
type check func(v []sih.Value, today sih.Date, report func(field string, reason sih.Reason, detail string))

// ordered lists, by table, a time and one that must not lie before it.
var ordered = []struct{ table, first, second, detail string }{
	{"encounter", "start_ts", "end_ts", "the discharge lies before the admission"},
	{"procedure_act", "start_ts", "end_ts", "the end lies before the beginning"},
	{"appointment", "start_ts", "end_ts", "the end lies before the beginning"},
	{"diagnosis", "onset", "abated", "the end lies before the beginning"},
	{"coverage", "valid_from", "valid_to", "the last day lies before the first"},
	{"person_identifier", "valid_from", "valid_to", "the last day lies before the first"},
	{"staff_assignment", "valid_from", "valid_to", "the last day lies before the first"},
	{"staff_training", "started", "ended", "the last day lies before the first"},
	{"equipment_event", "opened_ts", "closed_ts", "the end lies before the beginning"},
	{"claim", "period_from", "period_to", "the last day lies before the first"},
	{"source_person", "birth_date", "death_ts", "the death lies before the birth"},
}

// checksOf returns what is looked at in the entities of a table.
func checksOf(t *sih.Table) (out []check) {
	for _, o := range ordered {
		if o.table != t.Name {
			continue
		}
		first, second := t.Column(o.first), t.Column(o.second)
		out = append(out, func(v []sih.Value, _ sih.Date, report func(string, sih.Reason, string)) {
			if before(v[second], v[first]) {
				report(o.second, sih.R11, o.detail)
			}
		})
	}
	switch t.Name {
	case "encounter":
		out = append(out, stayLength(t.Column("class"), t.Column("status"), t.Column("start_ts"), t.Column("end_ts")))
	case "observation":
		low, high := t.Column("ref_low"), t.Column("ref_high")
		out = append(out, func(v []sih.Value, _ sih.Date, report func(string, sih.Reason, string)) {
			if !v[low].IsNull() && !v[high].IsNull() && v[low].Int() > v[high].Int() {
				report("ref_low", sih.R08, "the lower bound lies above the upper one")
			}
		})
	case "claim":
		out = append(out, partsAddUp(t.Column("total"), t.Column("insurer_part"), t.Column("patient_part"), t.Column("exempted")))
	case "claim_line":
		out = append(out, priceTimesQuantity(t.Column("quantity"), t.Column("unit_price"), t.Column("amount")))
	}
	return out
}

// before tells whether all that a may be lies before all that b may be.
func before(a, b sih.Value) bool {
	if a.IsNull() || b.IsNull() {
		return false
	}
	if a.Kind() == sih.KindTS && b.Kind() == sih.KindTS {
		return a.Int() < b.Int()
	}
	_, last := span(a)
	first, _ := span(b)
	// A moment is told in UTC and a day in the country's time, an hour apart.
	if a.Kind() != b.Kind() {
		last++
	}
	return last < first
}

// span is the first and the last day that a time may be.
func span(v sih.Value) (first, last sih.Date) {
	switch v.Kind() {
	case sih.KindPDate:
		p := v.PDate()
		return p.First, p.Last
	case sih.KindTS:
		d := sih.Timestamp(v.Int()).Time()
		day := sih.Date(d.Unix() / 86400)
		if d.Unix() < 0 && d.Unix()%86400 != 0 {
			day--
		}
		return day, day
	}
	return sih.Date(v.Int()), sih.Date(v.Int())
}

// stayLength finds stays of more than a year, and those open for longer.
func stayLength(class, status, start, end int) check {
	return func(v []sih.Value, today sih.Date, report func(string, sih.Reason, string)) {
		if v[class].String() != "IMP" || v[start].IsNull() {
			return
		}
		from, _ := span(v[start])
		if !v[end].IsNull() {
			if to, _ := span(v[end]); to-from > longStay {
				report("end_ts", sih.R08, "a stay of more than a year")
			}
			return
		}
		if open := v[status].String(); today != 0 && open != "finished" && open != "cancelled" && open != "entered-in-error" && today-from > longStay {
			report("end_ts", sih.R08, "a stay that has been open for more than a year")
		}
	}
}

// partsAddUp holds a bill's parts against its total, where both parts are
// known.
func partsAddUp(total, insurer, patient, exempted int) check {
	return func(v []sih.Value, _ sih.Date, report func(string, sih.Reason, string)) {
		if v[total].IsNull() || v[insurer].IsNull() || v[patient].IsNull() {
			return
		}
		if v[insurer].Int()+v[patient].Int()+v[exempted].Int() != v[total].Int() {
			report("total", sih.R12, "the parts do not add up to the total")
		}
	}
}

// priceTimesQuantity holds a line's amount against its price and quantity, to
// the centime.
func priceTimesQuantity(quantity, price, amount int) check {
	return func(v []sih.Value, _ sih.Date, report func(string, sih.Reason, string)) {
		if v[quantity].IsNull() || v[price].IsNull() || v[amount].IsNull() {
			return
		}
		q, p, a := v[quantity].Int(), v[price].Int(), v[amount].Int()
		hi, lo := bits.Mul64(magnitude(q), magnitude(p))
		if hi >= 10000 {
			return // no amount is as large: its own column would have refused it
		}
		product, _ := bits.Div64(hi, lo, 10000) // quantities are in ten-thousandths
		off := int64(product) - int64(magnitude(a))
		if off < -1 || off > 1 || p != 0 && q != 0 && (q < 0) != (p < 0) != (a < 0) && a != 0 {
			report("amount", sih.R12, "the amount is not the price times the quantity")
		}
	}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}
