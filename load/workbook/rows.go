package workbook

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// WriteRejects writes rejects as delimited text, for as many of them as no
// sheet holds. Values are masked as in the workbook. It returns how many there
// were.
func WriteRejects(w io.Writer, c Content, rejects iter.Seq2[Reject, error]) (n int64, err error) {
	words, err := wordsOf(c.Lang)
	if err != nil {
		return 0, err
	}
	b := &book{Content: c, words: words}
	out, err := b.delimit(w, rejectColumns)
	if err != nil {
		return 0, fmt.Errorf("write rejects: %w", err)
	}
	for r, err := range rejects {
		if err != nil {
			return n, err
		}
		if err := out.write(b.reject(r)); err != nil {
			return n, fmt.Errorf("write rejects: %w", err)
		}
		n++
	}
	if err := out.flush(); err != nil {
		return n, fmt.Errorf("write rejects: %w", err)
	}
	return n, nil
}

// delimited writes the lines of a sheet as text: parted by semicolons, with a
// byte order mark, which is how Excel opens it in French and in Arabic.
type delimited struct {
	b      *book
	csv    *csv.Writer
	fields []string
}

// delimit begins a file with the heads of the columns.
func (b *book) delimit(w io.Writer, cols []column) (*delimited, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	d := &delimited{b: b, csv: csv.NewWriter(w)}
	d.csv.Comma, d.csv.UseCRLF = ';', true
	var heads []any
	for _, c := range cols {
		heads = append(heads, b.words["col."+c.key])
	}
	return d, d.write(heads)
}

func (d *delimited) write(values []any) error {
	d.fields = d.fields[:0]
	for _, v := range values {
		d.fields = append(d.fields, d.b.plain(v))
	}
	return d.csv.Write(d.fields)
}

func (d *delimited) flush() error {
	d.csv.Flush()
	return d.csv.Error()
}

// plain is a cell's value as text.
func (b *book) plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return harmless(v)
	case styled:
		return b.plain(v.value)
	case live:
		return b.plain(v.value)
	case centimes:
		return b.dirhams(int64(v))
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if b.Lang != "en" {
			s = strings.Replace(s, ".", ",", 1)
		}
		return s
	}
	return fmt.Sprint(v)
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
