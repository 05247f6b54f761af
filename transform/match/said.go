package match

import "bytes"

// lookedAt is how many records tell which fields hold the words of others.
const lookedAt = 5000

// leastSaid is the share of a field's words from which another is taken to
// hold them by design, and not by chance.
const leastSaid = 0.1

// said returns, for each two comparisons of texts of one dictionary, the share
// of the first one's words that the second holds too, in the same record: a
// whole name and its parts say the same, whoever the records are of. Pairs of
// records cannot tell that before it is known which of them are strangers.
func (f *frozen) said() [][]float64 {
	n := len(f.plan.comparisons)
	held, all := make([][]float64, n), make([][]float64, n)
	for i := range n {
		held[i], all[i] = make([]float64, n), make([]float64, n)
	}
	words := make([][][]byte, n)
	step := max(len(f.ids)/lookedAt, 1)
	for record := 0; record < len(f.ids); record += step { // ids are hashes
		row := f.row(uint32(record))
		for i := range f.plan.comparisons {
			x := &f.plan.comparisons[i]
			words[i] = words[i][:0]
			if x.kind == textField {
				words[i] = bytes.Fields(f.dictionaries[x.texts].maybe(-1, x.of(row)))
			}
		}
		for i := range n {
			for j := range n {
				if i == j || len(words[i]) == 0 || len(words[j]) == 0 || f.plan.comparisons[i].texts != f.plan.comparisons[j].texts {
					continue
				}
				all[i][j] += float64(len(words[i]))
				for _, w := range words[i] {
					for _, v := range words[j] {
						if bytes.Equal(w, v) {
							held[i][j]++
							break
						}
					}
				}
			}
		}
	}
	for i := range n {
		for j := range n {
			share := held[i][j] / max(all[i][j], 1)
			if held[i][j] = share; share < leastSaid {
				held[i][j] = 0
			}
		}
	}
	return held
}
