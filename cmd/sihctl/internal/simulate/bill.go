package simulate

import "github.com/sihctl/sih"

// bill is an invoice and its receipt; amounts are centimes.
type bill struct {
	on                              sih.Date
	noStay, cancelled               bool
	total, insurer, patient, exempt int64
	lines                           []billLine
	paid                            int64 // 0: nothing
	paidOn                          sih.Date
	unreadable                      string
	payMode                         int
	twin                            bool // the bill is made out a second time
	unpaidBack                      bool // the receipt was taken back
}

type billLine struct {
	*act
	quantity      int
	price, amount int64
}

// billing makes the visit's bill out, and its receipt.
func (g *generator) billing(v *visit, rec *record) {
	r, rate := g.rand, &g.rates
	if v.cancelled || v.orphan || rec.system == essp || v.class >= consultation && r.IntN(3) == 0 {
		return
	}
	if len(v.bills) < cap(v.bills) {
		v.bills = v.bills[:1]
	} else {
		v.bills = append(v.bills, bill{})
	}
	b := &v.bills[0]
	day := sih.Date(max(v.start, v.end) / 1440)
	*b = bill{on: day, lines: b.lines[:0], cancelled: r.IntN(120) == 0, payMode: [8]int{0, 0, 0, 0, 0, 1, 2, 3}[r.IntN(8)]}
	line := func(a *act, quantity int) {
		b.lines = append(b.lines, billLine{act: a, quantity: quantity, price: a.price, amount: a.price * int64(quantity)})
		b.total += a.price * int64(quantity)
	}
	if v.class >= emergencyVisit {
		line(&acts[r.IntN(2)], 1)
	} else if v.end > v.start {
		line(&dayCharge, 1+int((v.end-v.start)/1440))
	}
	for i := range v.acts {
		line(v.acts[i].act, 1)
	}
	if len(v.requests) > 0 && v.class != consultation {
		line(&labCharge, 20+r.IntN(300))
	}
	if len(b.lines) == 0 {
		line(&acts[1], 1)
	}
	g.settle(b, rec)
	b.noStay = hit(r, rate.BillNoStay)
	if hit(r, rate.BillNegative) {
		b.total, b.insurer, b.patient, b.exempt, b.paid = -b.total, -b.insurer, -b.patient, -b.exempt, 0
		for i := range b.lines {
			b.lines[i].amount = -b.lines[i].amount
		}
		g.count.NegativeBills++
	} else if hit(r, rate.BillSum) {
		b.total += 100 * int64(1+r.IntN(50))
		b.patient = b.total - b.insurer - b.exempt
		g.count.WrongSums++
	}
	if b.twin = hit(r, rate.BillTwice); b.twin {
		g.count.TwiceBilled++
	}
	if b.noStay {
		g.count.BillsNoStay++
	}
}

var (
	dayCharge = act{"HOS", "Journée d'hospitalisation", "", 0, 1, 40000}
	labCharge = act{"BIO", "Analyses biologiques", "B", 0, 1, 110}
)

// settle parts the total between insurer and patient, and pays.
func (g *generator) settle(b *bill, rec *record) {
	r := g.rand
	switch s := rec.person.home.scheme; s {
	case paying:
		b.patient = b.total
	case free:
		b.exempt = b.total
	case tadamon, ramed:
		b.insurer = b.total
	default:
		b.insurer = b.total * 8 / 10
		b.patient = b.total - b.insurer
	}
	if b.patient > 0 && !b.cancelled && r.IntN(10) < 8 {
		b.paid, b.paidOn = b.patient, b.on+sih.Date(r.IntN(3))
		if r.IntN(12) == 0 {
			b.paid /= 2
		}
		b.unpaidBack = r.IntN(150) == 0
		if hit(r, g.rates.UnreadableAmount) {
			b.unreadable = [2]string{"-", "gratuit"}[r.IntN(2)]
			g.count.Unreadable++
		}
	}
}
