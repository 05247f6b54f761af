package linkage

import (
	"context"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/csvfile"
)

// Score is how well groups agree with the truth, over the pairs within groups.
type Score struct {
	Records   int64   `json:"records"`    // of which the truth is known
	Unknown   int64   `json:"unknown"`    // records that the truth does not name
	Pairs     int64   `json:"pairs"`      // pairs that were joined
	TruePairs int64   `json:"true_pairs"` // pairs that are one entity
	Right     int64   `json:"right"`      // pairs that are both
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	// BPrecision and BRecall are the means over the records of the share of
	// their group that is theirs, and of theirs that is in their group
	// (B-cubed; Bagga and Baldwin, 1998).
	BPrecision float64 `json:"b3_precision"`
	BRecall    float64 `json:"b3_recall"`
	BF1        float64 `json:"b3_f1"`
}

// A Truth tells which entity a record is of, and which records were made to be
// mistaken for another entity's.
type Truth struct {
	entity map[string]string
	trap   map[string]string // its kind; nil where the file tells of none
}

// Truths says where to read the truth.
type Truths struct {
	// Files hold it: a file of record_id and entity_id, or the records
	// themselves where one of their columns knows.
	Files    []string
	Encoding string
	// ID is the column of a record's id, where it has none of the usual names.
	ID string
	// Entity is the column that says who is who; empty is one of the usual
	// names. COLUMN=PATTERN takes the part of it that fits a regular
	// expression.
	Entity string
}

// entityColumns are the usual names of the column that says who is who.
var entityColumns = []string{"entity_id", "entity", "cluster", "cluster_id", "person_id"}

// ReadTruth reads who is who, and the column trap if there is one.
func ReadTruth(ctx context.Context, t Truths) (*Truth, error) {
	truth := &Truth{entity: map[string]string{}}
	for _, path := range t.Files {
		if err := truth.read(ctx, &t, path); err != nil {
			return nil, err
		}
	}
	return truth, nil
}

func (truth *Truth) read(ctx context.Context, t *Truths, path string) error {
	src, err := csvfile.New(csvfile.Config{Dir: filepath.Dir(path), Tables: map[string][]string{"truth": {literal(filepath.Base(path))}}, Encoding: t.Encoding})
	if err != nil {
		return err
	}
	defer src.Close()
	tables, err := src.Tables(ctx)
	if err != nil {
		return err
	}
	have := tables[0].Columns
	part := func(s string) string { return s }
	of := firstNamed(have, entityColumns)
	if t.Entity != "" {
		column, pattern, parted := strings.Cut(t.Entity, "=")
		of = columnNamed(have, column)
		if parted {
			fits, err := regexp.Compile(pattern)
			if err != nil {
				return faultf("write it as rec_id=rec-[0-9]+", "what names the entity is no regular expression: %w", err)
			}
			part = fits.FindString
		}
	}
	record, trap := idColumn(have, "", t.ID), columnNamed(have, "trap")
	id := func(row extract.Row) string { return strings.TrimSpace(row[record].Text) }
	if of < 0 && t.Entity == "" {
		of = columnNamed(have, "person")
	}
	if record < 0 {
		if id = sourceRecord(have); id != nil {
			record = of
		}
	}
	if record < 0 || of < 0 {
		return faultf("its first line is record_id,entity_id; or --entity names the column that says who is who, and --id that of the record", "%s does not know the truth", path)
	}
	if trap >= 0 && truth.trap == nil {
		truth.trap = map[string]string{}
	}
	for row, err := range src.Rows(ctx, tables[0].Name, func(x extract.Rejected) error {
		return faultf("correct it", "%s: %s", x.Where, x.Detail)
	}) {
		if err != nil {
			return err
		}
		key, entity := id(row), part(strings.TrimSpace(row[of].Text))
		if entity == "" {
			continue // of such a record the truth is not known
		}
		truth.entity[key] = entity
		if trap >= 0 && row[trap].Text != "" {
			truth.trap[key] = strings.TrimSpace(row[trap].Text)
		}
	}
	return nil
}

// sourceRecord returns the id that a project gives the patient record which a
// row names by its source, table and key, as the truth of a simulated region
// does; nil where columns of that name are missing.
func sourceRecord(have []extract.Column) func(extract.Row) string {
	source, table, key := columnNamed(have, "source"), columnNamed(have, "table"), columnNamed(have, "key")
	if source < 0 || table < 0 || key < 0 {
		return nil
	}
	return func(row extract.Row) string {
		return sih.NewID(row[source].Text, row[table].Text, row[key].Text, "source_person", "").String()
	}
}

// Score holds the clusters against the truth.
func (c *Clusters) Score(truth *Truth) *Score {
	group := make([]uint32, c.Len())
	copy(group, c.first)
	return score(&c.ids, group, truth)
}

func score(ids *arena, group []uint32, truth *Truth) *Score {
	type cell struct{ group, entity uint32 }
	number := map[string]uint32{}
	cells, groups, entities := map[cell]int64{}, map[uint32]int64{}, map[uint32]int64{}
	s := &Score{}
	for i := range group {
		entity, ok := truth.entity[ids.at(uint32(i))]
		if !ok {
			s.Unknown++
			continue
		}
		n, ok := number[entity]
		if !ok {
			n = uint32(len(number))
			number[entity] = n
		}
		s.Records++
		cells[cell{group[i], n}]++
		groups[group[i]]++
		entities[n]++
	}
	pairs := func(n int64) int64 { return n * (n - 1) / 2 }
	for _, n := range groups {
		s.Pairs += pairs(n)
	}
	for _, n := range entities {
		s.TruePairs += pairs(n)
	}
	// Summed as a fraction of whole numbers per size, so that the order of the
	// map does not show in the last digit.
	precision, recall := map[int64]int64{}, map[int64]int64{}
	for c, n := range cells {
		s.Right += pairs(n)
		precision[groups[c.group]] += n * n
		recall[entities[c.entity]] += n * n
	}
	s.Precision, s.Recall = share(s.Right, s.Pairs), share(s.Right, s.TruePairs)
	s.F1 = harmonic(s.Precision, s.Recall)
	s.BPrecision, s.BRecall = mean(precision, s.Records), mean(recall, s.Records)
	s.BF1 = harmonic(s.BPrecision, s.BRecall)
	return s
}

// mean adds up sums, each divided by its key, in the order of the keys, and
// divides by n.
func mean(sums map[int64]int64, n int64) float64 {
	keys := make([]int64, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	total := 0.0
	for _, k := range keys {
		total += float64(sums[k]) / float64(k)
	}
	if n == 0 {
		return 1
	}
	return total / float64(n)
}

// share is a part of a whole; of nothing it is all.
func share(part, whole int64) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}
