package match

import (
	"errors"
	"fmt"
	mathbits "math/bits"
)

// A slot is where a row has a field.
type slot struct {
	at    int
	shift uint8
	mask  uint32
}

func (s slot) of(row []uint32) uint32 { return row[s.at] >> (s.shift & 31) & s.mask }

// minors says whose a field's value is when its holder is too young for it.
type minors struct {
	set              bool
	birth, under, to int
}

// slots gives every field its place in a row. Words and flags are small and
// share words of it.
func (c *compiler) slots() error {
	free := 0 // bits left in the last shared word
	at := 0   // which it is
	for i := range c.plan.fields {
		f := &c.plan.fields[i]
		bits := 32
		switch f.kind {
		case wordField:
			bits = mathbits.Len(uint(len(f.words)))
		case flagsField:
			bits = len(f.words)
		}
		if bits == 32 || bits > free {
			f.slot = slot{at: c.plan.stride, mask: 1<<bits - 1}
			if bits < 32 {
				at, free = c.plan.stride, 32-bits
			}
			c.plan.stride++
			continue
		}
		f.slot = slot{at: at, shift: uint8(32 - free), mask: 1<<bits - 1}
		free -= bits
	}
	if c.plan.stride > mostWords32 {
		return faultAt(fmt.Errorf("the fields take %d words of 32 bits; a record has %d", c.plan.stride, mostWords32), "fields")
	}
	return nil
}

// minors resolves whose the numbers of the young are.
func (c *compiler) minors() error {
	for i, f := range c.m.Fields {
		if f.Minors == nil {
			continue
		}
		birth, err := c.field(f.Minors.Birth)
		to := 0
		if err == nil {
			to, err = c.field(f.Minors.To)
		}
		switch {
		case err != nil:
		case f.Minors.Under < 1 || f.Minors.Under > 100:
			err = errors.New("under is an age in years")
		case c.plan.fields[birth].kind != dateField:
			err = errors.New("birth is a date")
		case c.plan.fields[i].kind != textField || c.plan.fields[to].kind != textField || c.plan.fields[to].texts != c.plan.fields[i].texts || to == i:
			err = errors.New("to is another text of the same dictionary")
		}
		if err != nil {
			return faultAt(fmt.Errorf("field %q: minors: %w", f.Name, err), "fields", i, "minors")
		}
		c.plan.fields[i].minors = minors{true, birth, f.Minors.Under, to}
	}
	return nil
}
