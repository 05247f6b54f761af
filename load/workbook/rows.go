package workbook

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// WriteRejects writes rejects as delimited text, for as many of them as no
// sheet holds: parted by semicolons, with a byte order mark, which is how Excel
// opens it in French and in Arabic. Values are masked as in the workbook. It
// returns how many there were.
func WriteRejects(w io.Writer, c Content, rejects iter.Seq2[Reject, error]) (n int64, err error) {
	words, err := wordsOf(c.Lang)
	if err != nil {
		return 0, err
	}
	b := &book{Content: c, words: words}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, fmt.Errorf("write rejects: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	var head []string
	for _, k := range [...]string{"reason", "severity", "source", "source_table", "key", "facility", "table", "field", "value", "hanging", "amount", "root", "detail"} {
		head = append(head, words["col."+k])
	}
	if err := out.Write(head); err != nil {
		return 0, fmt.Errorf("write rejects: %w", err)
	}
	for r, err := range rejects {
		if err != nil {
			return n, err
		}
		root := ""
		if !r.Root.IsZero() {
			root = r.Root.String()
		}
		line := []string{
			string(r.Reason), words.code("severity", r.Severity.String()), string(r.Source), r.SourceTable, r.SourceKey, r.Facility, r.Table, r.Field,
			b.value(r.Value), strconv.FormatInt(r.Hanging, 10), b.dirhams(r.Amount), root, r.Detail,
		}
		for i := range line {
			line[i] = harmless(line[i])
		}
		if err := out.Write(line); err != nil {
			return n, fmt.Errorf("write rejects: %w", err)
		}
		n++
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return n, fmt.Errorf("write rejects: %w", err)
	}
	return n, nil
}

// dirhams writes centimes with the decimal mark that Excel reads in the language.
func (b *book) dirhams(n int64) string {
	sign, mark := "", ","
	if b.Lang == "en" {
		mark = "."
	}
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d%s%02d", sign, n/100, mark, n%100)
}

// harmless puts an apostrophe before what a spreadsheet would take for a
// formula. A negative number stays one.
func harmless(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '+', '@', '\t', '\r':
		return "'" + s
	case '-':
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return "'" + s
		}
	}
	return s
}
