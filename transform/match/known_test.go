package match_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/match"
)

// TestDecisions holds that what humans decided binds, and that nobody else's
// cluster changes.
func TestDecisions(t *testing.T) {
	records := newRegion(1500, 31).records
	m := loadPatient(t)
	plain := link(t, m, records, match.Options{})
	joined := plain.Merges()[0]
	doubtful := plain.Doubtful()[0]
	a, b := plain.ID(joined.Pair.A), plain.ID(joined.Pair.B)
	c, d := plain.ID(doubtful.A), plain.ID(doubtful.B)
	res := link(t, m, records, match.Options{Decisions: []match.Decision{
		{A: b, B: a}, {A: c, B: d, Same: true}, {A: sih.ID{1}, B: a, Same: true},
	}})
	founder := func(res *match.Result, id sih.ID) uint32 { return res.Founder(mustRecord(t, res, id)) }
	if founder(res, a) == founder(res, b) {
		t.Error("two records that are decided to be two people are one")
	}
	if founder(res, c) != founder(res, d) {
		t.Error("two records that are decided to be one person are two")
	}
	for _, p := range res.Doubtful() {
		if res.ID(p.A) == a && res.ID(p.B) == b || res.ID(p.A) == c && res.ID(p.B) == d {
			t.Error("a decided pair is asked again")
		}
	}
	if n := changed(plain, res); n > 12 {
		t.Errorf("%d records changed their cluster for two decisions", n)
	}
	both := link(t, m, records, match.Options{Decisions: []match.Decision{{A: a, B: b}, {A: a, B: b, Same: true}}})
	if founder(both, a) == founder(both, b) || both.Stats.Contradicted == 0 {
		t.Errorf("of two decisions against each other the careful one does not win: %d contradicted", both.Stats.Contradicted)
	}
}

// changed counts the records whose cluster has another founder.
func changed(x, y *match.Result) (n int) {
	for i := range uint32(x.Len()) {
		if x.Founder(i) != y.Founder(i) {
			n++
		}
	}
	return n
}

// TestBefore holds that persons of a former run stay as they were when a batch
// is added, whatever it would join, and that the batch joins them.
func TestBefore(t *testing.T) {
	records := newRegion(3000, 37).records
	m := loadPatient(t)
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	cut := len(records) * 4 / 5
	first := link(t, m, records[:cut], match.Options{})
	person := map[sih.ID]sih.ID{}
	for id, founder := range first.Founders() {
		person[id] = founder
	}
	before := func(id sih.ID) (sih.ID, bool) { p, ok := person[id]; return p, ok }
	res := link(t, m, records, match.Options{Before: before})
	of := map[sih.ID]uint32{}
	joined := 0
	for i, r := range records {
		founder := res.Founder(mustRecord(t, res, r.id))
		if i >= cut {
			if _, ok := res.Person(mustRecord(t, res, r.id)); ok {
				joined++
			}
			continue
		}
		p := person[r.id]
		if was, ok := of[p]; ok && was != founder {
			t.Fatal("a person of the former run was parted")
		}
		of[p] = founder
		if got, ok := res.Person(founder); !ok || got != p {
			t.Fatal("a person of the former run has another's id")
		}
	}
	seen := map[uint32]bool{}
	for _, f := range of {
		if seen[f] {
			t.Fatal("two persons of the former run were joined")
		}
		seen[f] = true
	}
	if joined < (len(records)-cut)/4 {
		t.Errorf("%d of %d new records joined a person", joined, len(records)-cut)
	}
	precision, recall := score(t, res, records)
	t.Logf("precision %.4f, recall %.4f", precision, recall)
	if precision < 0.999 || recall < 0.78 {
		t.Errorf("precision %.4f, recall %.4f", precision, recall)
	}
}
