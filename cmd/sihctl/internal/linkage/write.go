package linkage

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih/transform/match"
)

// Clusters are the groups that records were put in.
type Clusters struct {
	*Records
	// first is, per record in the order of reading, the record of its cluster
	// whose id is smallest.
	first []uint32
	// named holds, per record that is the first of its cluster, the id that
	// the cluster had in a former run. Nil is no former run.
	named map[uint32]string
}

// Clusters returns the groups of a result.
func (r *Records) Clusters(res *match.Result) *Clusters {
	c := &Clusters{Records: r, first: make([]uint32, r.Len())}
	of := make([]uint32, r.Len()) // per founder, the first record met, from 1
	founder := make([]uint32, r.Len())
	for rank := range uint32(res.Len()) {
		founder[res.Input(rank)] = res.Founder(rank)
	}
	for _, record := range r.ids.sorted() {
		f := founder[record]
		if of[f] == 0 {
			of[f] = record + 1
		}
		c.first[record] = of[f] - 1
	}
	if r.before != nil {
		c.named = map[uint32]string{}
		for rank := range uint32(res.Len()) {
			if p, ok := res.Person(rank); ok {
				c.named[c.first[res.Input(rank)]] = r.before.names[p]
			}
		}
	}
	return c
}

// Write writes record_id,cluster_id, one line per record, sorted by record. A
// cluster's id is its smallest member's, or the one that it had before.
func (c *Clusters) Write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("record_id,cluster_id\n")
	for _, record := range c.ids.sorted() {
		writeCell(out, c.ids.bytes(record))
		out.WriteByte(',')
		if name, ok := c.named[c.first[record]]; ok {
			writeCell(out, []byte(name))
		} else {
			writeCell(out, c.ids.bytes(c.first[record]))
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}

func writeCell(w *bufio.Writer, cell []byte) {
	plain := true
	for _, c := range cell {
		plain = plain && c != ',' && c != '"' && c != '\n' && c != '\r'
	}
	if plain {
		w.Write(cell)
		return
	}
	w.WriteString(`"` + strings.ReplaceAll(string(cell), `"`, `""`) + `"`)
}

// WritePairs writes the pairs that are merged or doubtful, strongest first:
// record_id_a,record_id_b,weight,probability,band,rule,pass, and levels where
// they are asked for.
func (r *Records) WritePairs(w io.Writer, res *match.Result, levels bool) error {
	out := csv.NewWriter(w)
	header := []string{"record_id_a", "record_id_b", "weight", "probability", "band", "rule", "pass"}
	if levels {
		header = append(header, "levels")
	}
	out.Write(header)
	type named struct {
		a, b string
		pair match.Pair
	}
	var equal []named
	flush := func() {
		slices.SortFunc(equal, func(x, y named) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
		for _, n := range equal {
			line := []string{n.a, n.b, strconv.FormatFloat(float64(n.pair.Weight)/1000, 'f', 3, 64),
				strconv.FormatFloat(res.Probability(n.pair), 'f', 6, 64), n.pair.Band.String(), res.RuleName(n.pair), res.PassName(n.pair)}
			if levels {
				line = append(line, res.Levels(n.pair))
			}
			out.Write(line)
		}
		equal = equal[:0]
	}
	for _, p := range res.Pairs() {
		if len(equal) > 0 && equal[0].pair.Weight != p.Weight {
			flush()
		}
		a, b := r.ids.at(res.Input(p.A)), r.ids.at(res.Input(p.B))
		equal = append(equal, named{min(a, b), max(a, b), p})
	}
	flush()
	out.Flush()
	return out.Error()
}

// create writes a file so that it is either whole or not there.
func create(path string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(path + ".tmp")
		}
	}()
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// WriteFile writes a file by write, so that it is either whole or not there.
func WriteFile(path string, write func(io.Writer) error) error { return create(path, write) }

// Find returns the rank of the record with an id.
func (r *Records) Find(res *match.Result, id string) (uint32, bool) {
	return res.Record(recordID(id))
}

// ID returns the id of a record by its rank.
func (r *Records) ID(res *match.Result, rank uint32) string { return r.ids.at(res.Input(rank)) }
