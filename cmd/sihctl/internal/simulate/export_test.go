package simulate

import (
	"fmt"
	"math/rand/v2"

	"github.com/sihctl/sih/extract"
)

// nowhere takes rows and forgets them.
type nowhere struct{}

func (nowhere) Table(extract.Table) (tableWriter, error) { return nowhere{}, nil }
func (nowhere) Append(extract.Row) error                 { return nil }
func (nowhere) Close() error                             { return nil }

// Generate makes a region of hospitals' rows and writes them nowhere. After
// some households it calls next.
func Generate(patients int, dir string, next func() error) (Summary, error) {
	g := &generator{seed: 1, rates: DefaultRates(), source: rand.NewPCG(1, 0)}
	g.rand = rand.New(g.source)
	g.world = newWorld(patients, 1)
	var err error
	if g.truth, err = newTruth(dir + "/truth.csv"); err != nil {
		return Summary{}, err
	}
	books := &registers{spill: dir, seed: 1, rates: &g.rates, count: &g.count, layout: esspLayout(), books: map[[2]int]*register{}}
	for i, l := range Layouts() {
		var db database = nowhere{}
		if system(i) == essp {
			db = books
		}
		o, err := openOutputs(l, db)
		if err != nil {
			return Summary{}, err
		}
		switch system(i) {
		case enova:
			g.systems[i] = newEnova(g, o)
		case hosix:
			g.systems[i] = newHosix(g, o)
		case dedalus:
			g.systems[i] = newDedalus(g, o)
		case bilmed:
			g.systems[i] = newBilmed(g, o)
		case essp:
			g.systems[i] = newEssp(g, o, books)
		}
		g.systems[i].reference(g.world)
	}
	if err := g.households(patients, next); err != nil {
		return Summary{}, err
	}
	return g.summary(), g.truth.file.close()
}

// Names returns every name of the stocks in both scripts.
func Names() (pairs [][2]string) {
	for _, s := range []*stock{maleNames, femaleNames, familyNames} {
		for _, n := range s.names {
			pairs = append(pairs, [2]string{n.latin, n.arabic})
		}
	}
	return pairs
}

var (
	Respell    = respell
	Mistype    = mistype
	IDCSNumber = idcsNumber
	Verhoeff   = verhoeff
)

// Communes returns name, Arabic name, province and weight of all communes.
func Communes() (out [][4]string) {
	for _, r := range regions {
		for _, c := range r.communes {
			out = append(out, [4]string{c.name, c.arabic, c.province, fmt.Sprint(c.weight)})
		}
	}
	return out
}
