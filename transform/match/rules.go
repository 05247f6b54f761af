package match

import (
	"errors"
	"fmt"
	"slices"
)

// A condition holds for the levels whose bit is set in allow.
type condition struct {
	comparison int
	allow      uint16
}

type rule struct {
	verdict   Verdict
	when      []condition
	any       []condition    // of which one holds; none asks for none
	below     int32          // posterior log-odds from which it does not hold; 0 is none
	unless    ruleSet        // rules under which no pair of the joined clusters may be
	strangers *strangersPlan // nil where the probability tells
}

// A strangersPlan is a [Strangers] resolved.
type strangersPlan struct {
	one, two, alike []condition
	deciding        uint32 // the comparisons of one and two, as bits
	similar         uint32 // those of alike, as bits
	usual           float64
	most            int32 // log-odds
}

// sharing resolves what makes a value shared, once comparisons are known.
func (c *compiler) sharing() error {
	for i, f := range c.m.Fields {
		if f.Shared == nil {
			continue
		}
		p := &c.plan.fields[i]
		p.above = f.Shared.Above
		if p.above < 2 {
			return faultAt(errors.New("shared needs above, 2 or more"), "fields", i, "shared", "above")
		}
		for n, differ := range f.Shared.Differ {
			conds, err := c.conditions(differ)
			if err != nil {
				return faultAt(err, "fields", i, "shared", "differ", n)
			}
			for _, cond := range conds {
				if c.plan.comparisons[cond.comparison].field == i {
					return faultAt(errors.New("a value cannot be judged by itself"), "fields", i, "shared", "differ", n)
				}
			}
			p.shared = append(p.shared, conds)
		}
	}
	return nil
}

// conditions resolves comparisons and their levels, in the comparisons' order.
func (c *compiler) conditions(when map[string][]string) ([]condition, error) {
	var out []condition
	for _, name := range sortedKeys(when) {
		i := slices.IndexFunc(c.m.Comparisons, func(x Comparison) bool { return x.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no comparison %q", name)
		}
		levels := when[name]
		not := len(levels) > 0 && levels[0] == "not"
		if not {
			levels = levels[1:]
		}
		var allow uint16
		for _, l := range levels {
			n := slices.IndexFunc(c.m.Comparisons[i].Levels, func(x Level) bool { return x.Name == l })
			if n < 0 && l != "missing" {
				return nil, fmt.Errorf("comparison %q has no level %q", name, l)
			}
			allow |= 1 << (n + 1)
		}
		if not {
			allow = ^allow
		}
		out = append(out, condition{i, allow})
	}
	slices.SortFunc(out, func(a, b condition) int { return a.comparison - b.comparison })
	return out, nil
}

func (c *compiler) rules() error {
	if len(c.m.Rules) > mostRules {
		return faultAt(fmt.Errorf("a model has at most %d rules", mostRules), "rules")
	}
	for i, r := range c.m.Rules {
		when, err := c.conditions(r.When)
		switch {
		case err != nil:
			return faultAt(fmt.Errorf("rule %q: %w", r.Name, err), "rules", i)
		case r.Name == "" || r.Verdict == None || len(when) == 0:
			return faultAt(errors.New("a rule has a name, a verdict and a condition"), "rules", i)
		}
		any, err := c.conditions(r.Any)
		if err != nil {
			return faultAt(fmt.Errorf("rule %q: %w", r.Name, err), "rules", i)
		}
		below := int32(0)
		if r.Below != 0 {
			if !(r.Below > 0 && r.Below < 1) || r.Verdict != Review {
				return faultAt(fmt.Errorf("rule %q: below is a probability, and for review", r.Name), "rules", i)
			}
			below = odds(r.Below)
		}
		unless, err := c.ruleSet(r.Unless)
		if err != nil {
			return faultAt(fmt.Errorf("rule %q: %w", r.Name, err), "rules", i, "unless")
		}
		strangers, err := c.strangers(r.Strangers)
		if err != nil {
			return faultAt(fmt.Errorf("rule %q: %w", r.Name, err), "rules", i, "strangers")
		}
		c.plan.rules = append(c.plan.rules, rule{r.Verdict, when, any, below, unless, strangers})
	}
	return nil
}

// strangers resolves how strangers who are alike are told; nil for nil.
func (c *compiler) strangers(s *Strangers) (p *strangersPlan, err error) {
	if s == nil {
		return nil, nil
	}
	open := func(p float64) bool { return p > 0 && p < 1 }
	if len(s.One) == 0 || len(s.Two) == 0 || len(s.Alike) == 0 || !open(s.Usual) || !open(s.Most) {
		return nil, errors.New("strangers need levels of one, of two and alike, and usual and most, shares of them")
	}
	p = &strangersPlan{usual: s.Usual, most: odds(s.Most)}
	for _, x := range []struct {
		levels map[string][]string
		to     *[]condition
	}{{s.One, &p.one}, {s.Two, &p.two}, {s.Alike, &p.alike}} {
		if *x.to, err = c.conditions(x.levels); err != nil {
			return nil, err
		}
	}
	for _, cond := range slices.Concat(p.one, p.two) {
		p.deciding |= 1 << cond.comparison
	}
	for _, cond := range p.alike {
		p.similar |= 1 << cond.comparison
	}
	return p, nil
}

// ruleSet resolves the names of rules.
func (c *compiler) ruleSet(names []string) (s ruleSet, err error) {
	for _, name := range names {
		i := slices.IndexFunc(c.m.Rules, func(r Rule) bool { return r.Name == name })
		if i < 0 {
			return 0, fmt.Errorf("there is no rule %q", name)
		}
		s |= 1 << i
	}
	return s, nil
}
