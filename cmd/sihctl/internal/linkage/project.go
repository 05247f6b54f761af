package linkage

import "github.com/sihctl/sih/transform/match"

// OfProject returns the records of a project that were matched: the store's
// source_person names them by the same ids.
func OfProject(res *match.Result) *Records {
	ranks := make([]uint32, res.Len())
	for rank := range uint32(res.Len()) {
		ranks[res.Input(rank)] = rank
	}
	r := &Records{}
	for _, rank := range ranks {
		r.ids.add(res.ID(rank).String())
	}
	return r
}
