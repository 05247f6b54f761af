// Package storetest holds the suite that every engine of the unified store
// passes, and the rows it is fed with. The people in them are made up.
package storetest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Run is the run that Load loads as.
var Run = sih.NewID("storetest", "", "run", "migration_run", "")

// ID returns the id of row n of a table.
func ID(table string, n int) sih.ID {
	return sih.NewID("storetest", table, fmt.Sprint(n), table, "")
}

// Rows returns rows 0 to n-1 of every table, in the schema's order, apart from
// load_chunk, which is the store's own. Every reference leads to one of them.
// The first rows hold the least and the greatest value of each kind and NULL
// wherever it is allowed, the others whatever the seed gives.
func Rows(seed uint64, n int) []sih.Entity {
	var list []sih.Entity
	for _, t := range sih.Tables {
		if t.Name == "load_chunk" {
			continue
		}
		for i := range n {
			list = append(list, Row(t, seed, i, n))
		}
	}
	return list
}

// Row returns row i of the n rows of t.
func Row(t *sih.Table, seed uint64, i, n int) sih.Entity {
	r := rand.New(rand.NewPCG(seed, uint64(t.Rank())<<32|uint64(i)))
	e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
	for c := range t.Columns {
		e.Values[c] = value(r, t, c, i, n)
	}
	return e
}

func value(r *rand.Rand, t *sih.Table, column, i, n int) sih.Value {
	c := &t.Columns[column]
	switch {
	case store.Filled(c):
		return sih.Value{}
	case c.Name == "id" && c.Kind == sih.KindID:
		return sih.IDValue(ID(t.Name, i))
	case slices.Contains(t.Key, c.Name):
		return key(c, i)
	case store.EmptyForNull(t, column) && i%2 == 0:
		return sih.Value{}
	case c.Ref != "":
		if !c.NotNull && (i == 0 || r.IntN(4) == 0) {
			return sih.Value{}
		}
		return sih.IDValue(ID(c.Ref, r.IntN(n)))
	case c.NotNull:
	case i == 0, i > 2 && r.IntN(4) == 0:
		return sih.Value{}
	}
	return Value(r, c, i)
}

// Part returns the rows of one chunk of a load by several: of two large tables,
// and in chunk 0 of every other too.
func Part(chunk int) (list []sih.Entity) {
	for _, t := range sih.Tables {
		switch t.Name {
		case "load_chunk":
		case "observation", "claim_line":
			for i := chunk * 40; i < (chunk+1)*40; i++ {
				list = append(list, Row(t, 1, i, 10))
			}
		default:
			for i := range 10 {
				if chunk == 0 {
					list = append(list, Row(t, 1, i, 10))
				}
			}
		}
	}
	return list
}

// key returns a part of a key that is no id.
func key(c *sih.Column, i int) sih.Value {
	switch c.Kind {
	case sih.KindCode:
		return sih.CodeValue(fmt.Sprintf("source-%d", i))
	case sih.KindInt:
		return sih.IntValue(int64(2000 + i))
	}
	if i%2 == 0 {
		return sih.Value{}
	}
	return sih.StrValue(fmt.Sprintf("key %d", i))
}

// Extremes are the least and the greatest values, and the awkward ones.
var extremes = map[sih.Kind][]sih.Value{
	sih.KindID:   {sih.IDValue(sih.ID{15: 1}), sih.IDValue(sih.ID([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")))},
	sih.KindText: {sih.TextValue("'"), sih.TextValue("محمد العلمي\nمراكش"), sih.TextValue(strings.Repeat("ة", 70_000)), sih.TextValue("a\x00b"), sih.TextValue("😀")},
	sih.KindDate: {sih.DateValue(date(1, 1, 1)), sih.DateValue(date(9999, 12, 31)), sih.DateValue(date(1969, 12, 31)), sih.DateValue(date(2024, 2, 29))},
	sih.KindTS: {sih.TSValue(sih.Timestamp(date(1, 1, 1)) * 86_400_000), sih.TSValue(sih.Timestamp(date(9999, 12, 31))*86_400_000 + 86_399_999),
		sih.TSValue(-1), sih.TSValue(0), sih.TSValue(1)},
	sih.KindPDate: {sih.PDateValue(sih.DayDate(date(1934, 5, 2))), sih.PDateValue(sih.MonthDate(1934, 2)), sih.PDateValue(sih.YearDate(1)),
		sih.PDateValue(sih.RangeDate(date(1981, 10, 30), date(1982, 10, 18))), sih.PDateValue(sih.YearDate(9999))},
	sih.KindNum: {sih.NumValue(0), sih.NumValue(1), sih.NumValue(-1), sih.NumValue(999_999_999_999_999_999), sih.NumValue(-999_999_999_999_999_999),
		sih.NumValue(999_999_999_999_990_000), sih.NumValue(999_999_999_999_999), sih.NumValue(-999_999_999_999_999), sih.NumValue(1_000_000_000_000_001),
		sih.NumValue(123_456_789_012_345_678), sih.NumValue(15_000), sih.NumValue(3_333)},
	sih.KindMoney: {sih.MoneyValue(0), sih.MoneyValue(1<<63 - 1), sih.MoneyValue(-1 << 63)},
	sih.KindInt:   {sih.IntValue(0), sih.IntValue(1<<63 - 1), sih.IntValue(-1 << 63)},
	sih.KindBool:  {sih.BoolValue(false), sih.BoolValue(true)},
}

func date(year, month, day int) sih.Date {
	d, _ := sih.DateOf(year, month, day)
	return d
}

// Extremes returns the values of column c that a store is most likely to
// change: those of its kind, its own codes, its own greatest length.
func Extremes(c *sih.Column) []sih.Value {
	switch c.Kind {
	case sih.KindCode:
		if len(c.Codes) == 0 {
			return []sih.Value{sih.CodeValue("0"), sih.CodeValue("007"), sih.CodeValue("1e3"), sih.CodeValue(strings.Repeat("é", 64))}
		}
		var list []sih.Value
		for _, code := range c.Codes {
			list = append(list, sih.CodeValue(code))
		}
		return list
	case sih.KindStr:
		return []sih.Value{sih.StrValue(" "), sih.StrValue(strings.Repeat("ش", c.Size)), sih.StrValue("12"), sih.StrValue("'")}
	}
	return extremes[c.Kind]
}

// Value returns a value of column c: each of the extremes in the first rows,
// then any.
func Value(r *rand.Rand, c *sih.Column, i int) sih.Value {
	list := Extremes(c)
	if i < len(list) {
		return list[i]
	}
	switch c.Kind {
	case sih.KindCode:
		if len(c.Codes) == 0 {
			return sih.CodeValue(fmt.Sprintf("C%02d", r.IntN(100)))
		}
	case sih.KindStr:
		s := []rune(fmt.Sprintf("ملف %d dossier", r.IntN(1_000_000)))
		return sih.StrValue(string(s[:min(len(s), c.Size)]))
	case sih.KindText:
		return sih.TextValue(fmt.Sprintf("compte rendu %d", r.Uint32()))
	case sih.KindDate:
		return sih.DateValue(sih.Date(r.IntN(30_000)))
	case sih.KindTS:
		return sih.TSValue(sih.Timestamp(r.Int64N(2_000_000_000_000)))
	case sih.KindNum:
		return sih.NumValue(r.Int64N(10_000_000))
	case sih.KindMoney:
		return sih.MoneyValue(r.Int64N(10_000_000))
	case sih.KindInt:
		return sih.IntValue(r.Int64N(1000))
	}
	return list[r.IntN(len(list))]
}

// Seq yields the entities, and then err unless it is nil.
func Seq(list []sih.Entity, err error) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(sih.Entity{}, err)
		}
	}
}
