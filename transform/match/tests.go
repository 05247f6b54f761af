package match

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// A test is what a level asks of two values: the first word of its when.
type test uint8

const (
	testSame test = iota
	testShared
	testForm
	testJaro
	testEdits
	testStart
	testWithin
	testDistinct
	testKnown
	testSwap
	testWhole
	testOther
	testCross
	testDigit
	testDayMonth
	testOverlap
	testParts
	testYears
	testFlag
	testElse
)

// tests lists the words of tests, the kind of field each is for (signature
// standing for any), and how many operands follow (-1 for one or more).
var tests = map[string]struct {
	test     test
	kind     fieldKind
	operands int
}{
	"same":     {testSame, signatureField, 0},
	"else":     {testElse, signatureField, 0},
	"shared":   {testShared, textField, 0},
	"form":     {testForm, textField, 1},
	"jaro":     {testJaro, textField, 1},
	"edits":    {testEdits, textField, 1},
	"within":   {testWithin, textField, 0},
	"distinct": {testDistinct, textField, 0},
	"known":    {testKnown, textField, 0},
	"start":    {testStart, textField, 1},
	"swap":     {testSwap, textField, 2},
	"whole":    {testWhole, textField, 2},
	"other":    {testOther, textField, -2},
	"cross":    {testCross, textField, -1},
	"digit":    {testDigit, dateField, 0},
	"daymonth": {testDayMonth, dateField, 0},
	"overlap":  {testOverlap, dateField, 0},
	"parts":    {testParts, dateField, 1},
	"years":    {testYears, dateField, 1},
}

func (c *compiler) test(p *level, name string, operands []string, kind fieldKind, field int) (err error) {
	t, ok := tests[name]
	switch {
	case !ok:
		return fmt.Errorf("there is no test %q", name)
	case t.kind != signatureField && t.kind != kind:
		return fmt.Errorf("test %q does not fit the field's kind", name)
	case t.operands >= 0 && len(operands) != t.operands || len(operands) < -t.operands:
		return fmt.Errorf("test %q has another number of operands", name)
	}
	p.test = t.test
	switch t.test {
	case testForm:
		p.n, err = c.form(field, operands[0])
	case testJaro:
		p.n, err = similarity(operands[0])
	case testEdits, testStart, testParts, testYears:
		p.n, err = strconv.Atoi(operands[0])
		if err != nil || p.n < 0 {
			return fmt.Errorf("test %q needs a whole number", name)
		}
		if t.test == testYears || t.test == testParts {
			p.n = min(daysOf(p.n), math.MaxInt32)
		}
	case testSwap:
		p.fields, err = c.sisters(field, operands[:1])
		if err == nil {
			p.n, err = similarity(operands[1])
		}
	case testOther:
		p.fields, err = c.sisters(field, operands[1:])
		if err == nil {
			p.n, err = similarity(operands[0])
		}
	case testWhole:
		p.fields, err = c.sisters(field, operands[:1])
		if err == nil {
			p.n, err = c.form(field, operands[1])
		}
	case testCross:
		p.fields, err = c.sisters(field, operands)
	case testShared:
		if c.m.Fields[field].Shared == nil {
			return errors.New("the field does not say when a value is shared")
		}
	}
	return err
}

// similarity reads a number from 0 to 1 into ten-thousandths.
func similarity(s string) (int, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(x > 0 && x <= 1) {
		return 0, errors.New("a similarity is above 0 and at most 1")
	}
	return int(math.Round(10000 * x)), nil
}

// sisters resolves fields whose values are comparable with those of field.
func (c *compiler) sisters(field int, names []string) ([]int, error) {
	var out []int
	for _, name := range names {
		n, err := c.field(name)
		if err != nil {
			return nil, err
		}
		f := c.plan.fields[n]
		if f.kind != textField || f.texts != c.plan.fields[field].texts {
			return nil, fmt.Errorf("field %q is not of the same dictionary", name)
		}
		out = append(out, f.at)
	}
	return out, nil
}
