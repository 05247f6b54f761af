// Package review writes review.xlsx, the file in which a human decides the
// doubtful pairs of patients' records, and reads it back.
//
// [WriteFile] writes one row for each [Pair]: the two records side by side,
// field by field, with the cells marked in which they differ, the evidence in
// words, and cells for a verdict, the reviewer's name and a comment. [Read]
// reads what came back, whatever was done to it: the rows may be sorted, some
// left open, some removed. Each row carries its pair's key in a hidden cell.
// [Pair.Sums] stands for what its other cells hold, and [Row.Changed] tells
// whether it still holds that.
package review

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// The verdicts, as [Row] has them.
const (
	Same   = "same"
	Apart  = "apart"
	Unsure = "unsure"
)

// Content is what a workbook is made of.
type Content struct {
	Project string
	// Pairs have their Values in the order of Fields.
	Fields []string
	Pairs  []Pair
	// Reviewer stands in every row's cell for his name; it may be empty.
	Reviewer string
	// Lang is the language of the labels and the evidence: fr, which is the
	// default, en or ar.
	Lang string
	// Masked hides names and numbers. Differing cells are marked all the same.
	Masked    bool
	Generated time.Time
}

// Pair is two records that may be of one person.
type Pair struct {
	Key    string
	Weight float64 // bits
	// Why is the reason why it is asked for: see the words why.*; Rule is the
	// rule of the model behind it, if there is one.
	Why, Rule string
	Says      []string // the evidence, in the model's English sentences
	Values    []Value
}

// Value is a field in the two records, as they have it.
type Value struct{ A, B string }

// differ tells whether both records have the field, and not the same in it.
func (v Value) differ() bool {
	return v.A != "" && v.B != "" && !strings.EqualFold(strings.Join(strings.Fields(v.A), " "), strings.Join(strings.Fields(v.B), " "))
}

// Languages lists the languages that a workbook can be written in.
func Languages() []string { return []string{"fr", "en", "ar"} }

// fixed returns the texts of a pair's cells that nobody is to change.
func (p Pair) fixed(c *Content, w words) []string {
	out := []string{w.evidence(p), fmt.Sprintf("%.1f", p.Weight)}
	for i, v := range p.Values {
		a, b := v.A, v.B
		if c.Masked {
			a, b = mask(c.Fields[i], a), mask(c.Fields[i], b)
		}
		out = append(out, w.value(c.Fields[i], a), w.value(c.Fields[i], b))
	}
	return out
}

// sumSize is the length of a cell's hash. It guards against slips of the hand:
// what would deceive it has been made to.
const sumSize = 8

// Sums returns the hashes of the pair's cells as Write writes them.
func (c *Content) Sums(p Pair) ([]byte, error) {
	w, err := wordsOf(c.Lang)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, text := range p.fixed(c, w) {
		out = append(out, sumOf(p.Key, text)...)
	}
	return out, nil
}

func sumOf(key, text string) []byte {
	sum := sha256.Sum256([]byte(key + "\x00" + normal(text)))
	return sum[:sumSize]
}

// normal is a cell's text without what a spreadsheet program may do to it by
// itself: the ends of lines, and blanks at the end.
func normal(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "_x000D_", ""))
}

// hidden stands for what is masked.
const hidden = "•••"

// mask hides a value: of a name its words' first letters stay, of a number the
// last two characters, of a date the year.
func mask(field, s string) string {
	switch field {
	case "family_name", "given_name", "maiden_name", "name_ar", "father_name", "mother_name":
		parts := strings.Fields(s)
		for i, p := range parts {
			parts[i] = string([]rune(p)[:1]) + hidden
		}
		return strings.Join(parts, " ")
	case "cin", "guardian_cin", "document", "phone", "amo_no", "address":
		if r := []rune(s); len(r) > 5 {
			return hidden + string(r[len(r)-2:])
		}
		if s != "" {
			return hidden
		}
	case "birth_date":
		if len(s) > 4 {
			return s[:4] + "-" + hidden
		}
	}
	return s
}
