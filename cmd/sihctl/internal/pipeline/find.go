package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sihctl/sih/load/store"
	"github.com/sihctl/sih/transform/name"
)

// FoundPerson is a record of a person whose name is the one that was looked for.
type FoundPerson struct {
	Person    string `json:"person"`
	Name      string `json:"name"` // as the record has it
	Use       string `json:"use"`  // official, maiden, usual, old
	Sex       string `json:"sex"`
	BirthDate string `json:"birth_date"` // the first day that it may be
	Source    string `json:"source"`
	LocalID   string `json:"local_id"`
}

// mostFound is how many records a search yields at most.
const mostFound = 500

// nameKeys returns the keys that a name may have in the store, where the given
// name comes first: by what looks like the family name, and as it stands.
func nameKeys(text string) (keys []string) {
	family, given := name.Split(text)
	for _, k := range []string{
		strings.TrimSpace(name.Key(given) + " " + name.Key(family)),
		strings.TrimSpace(name.Key(family) + " " + name.Key(given)),
		name.Key(text),
	} {
		if k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

var errEnough = errors.New("enough")

// Find looks for people by a name in either script. More tells that there are
// more than are returned.
func Find(ctx context.Context, o Options, text string) (found []FoundPerson, more bool, err error) {
	s, done, err := readTarget(ctx, o)
	if err != nil {
		return nil, false, err
	}
	defer done()
	found = []FoundPerson{}
	for _, key := range nameKeys(text) {
		sql, args := store.NamesQuery(key)
		err := s.Query(ctx, sql, args, func(r store.Row) error {
			f := FoundPerson{r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5), r.Text(6)}
			if len(found) == mostFound {
				return errEnough
			}
			found = append(found, f.clone())
			return nil
		})
		if errors.Is(err, errEnough) {
			more = true
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(found, func(a, b FoundPerson) int {
		return slices.Compare([]string{a.Person, a.Source, a.LocalID, a.Name, a.Use}, []string{b.Person, b.Source, b.LocalID, b.Name, b.Use})
	})
	return slices.Compact(found), more, nil
}

// clone returns f in memory of its own.
func (f FoundPerson) clone() FoundPerson {
	for _, s := range []*string{&f.Person, &f.Name, &f.Use, &f.Sex, &f.BirthDate, &f.Source, &f.LocalID} {
		*s = strings.Clone(*s)
	}
	return f
}
