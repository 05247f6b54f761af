package linkage

import (
	"slices"
	"strings"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

const (
	// mostSaid is the share of a column's words from which it hardly says what
	// others do not.
	mostSaid = 0.9
	// leastSaid is the share from which another holds them by design.
	leastSaid = 0.1
)

// leaveOutRepeated leaves out the columns of words that hold what shorter ones
// hold together: a whole name beside a first and a last one costs time and
// tells nothing. One that tells more, a second given name or a title, stays.
func (p *Proposal) leaveOutRepeated(rows []extract.Row, columns []profile.Column) {
	words, total := make([][][]string, len(p.Columns)), make([]int, len(p.Columns)) // per column
	for i, c := range p.Columns {
		if c.Kind != "name" && c.Kind != "place" {
			continue
		}
		at := slices.IndexFunc(columns, func(x profile.Column) bool { return x.Column == c.Column })
		for _, row := range rows {
			w := strings.Fields(fold(row[at].Text))
			words[i] = append(words[i], w)
			total[i] += len(w)
		}
	}
	// said returns the share of a column's words that others hold, row by row.
	said := func(i int, by ...int) float64 {
		n := 0
		for row, list := range words[i] {
			for _, w := range list {
				if slices.ContainsFunc(by, func(j int) bool { return slices.Contains(words[j][row], w) }) {
					n++
				}
			}
		}
		return float64(n) / float64(max(total[i], 1))
	}
	for i := range p.Columns {
		var parts []int
		var names []string
		for j, c := range p.Columns {
			if total[j] > 0 && total[j] < total[i] && said(i, j) >= leastSaid {
				parts, names = append(parts, j), append(names, c.Column)
			}
		}
		if len(parts) > 1 && said(i, parts...) >= mostSaid {
			p.Columns[i].Kind, p.Columns[i].Why = "", "it says what "+strings.Join(names, " and ")+" say"
		}
	}
}
