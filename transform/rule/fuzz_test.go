package rule_test

import (
	"testing"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

// kinds holds the kind of column that a step's output is for, where it is not
// text.
var kinds = map[string]sih.Kind{
	"date": sih.KindDate, "datetime": sih.KindTS, "pdate": sih.KindPDate, "birth": sih.KindPDate, "age": sih.KindPDate,
	"money": sih.KindMoney, "decimal": sih.KindNum, "int": sih.KindInt, "coefficient": sih.KindNum, "bool": sih.KindBool,
}

// settled are the steps, by their argument, of which a second application
// changes nothing.
var settled = map[string]string{
	"text": "", "name": "", "name_ar": "", "trim": "", "digits": "", "cin": "", "idcs": "", "nin": "", "passport": "", "residence": "", "amo": "", "phone": "",
	"date": "yyyy-MM-dd", "pdate": "yyyy-MM-dd,yyyy-MM,yyyy", "birth": "yyyy-MM-dd,yyyy-MM,yyyy", "decimal": "", "int": "", "bool": "", "sex": "fr",
	"blood": "", "unit": "", "icd10": "", "atc": "", "key_letter": "", "nationality": "",
}

// FuzzSteps runs every step on every text: no panic, what comes out is
// canonical text of its kind, and settled steps are settled.
func FuzzSteps(f *testing.F) {
	set := newSet("ma")
	type named struct {
		name, arg string
		step      rule.Step
	}
	var steps []named
	for _, d := range set.Names() {
		args := map[string]bool{}
		for _, e := range d.Examples {
			f.Add(e.In)
			args[e.Arg] = true
		}
		if arg, ok := settled[d.Name]; ok {
			args[arg] = true
		}
		for arg := range args {
			step, err := set.Step(d.Name, arg)
			if err != nil {
				f.Fatal(err)
			}
			steps = append(steps, named{d.Name, arg, step})
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, s := range steps {
			out, fault := s.step(in)
			if fault.Reason != "" && fault.Detail == "" {
				t.Errorf("%s(%q): a fault without a word", s.name, in)
			}
			if kind, ok := kinds[s.name]; ok {
				if _, err := sih.ParseValue(&sih.Column{Kind: kind}, out); err != nil {
					t.Errorf("%s %s(%q) = %q: %v", s.name, s.arg, in, out, err)
				}
			}
			if arg, ok := settled[s.name]; ok && arg == s.arg && out != "" {
				if again, _ := s.step(out); again != out {
					t.Errorf("%s %s(%q) = %q, then %q", s.name, s.arg, in, out, again)
				}
			}
		}
	})
}

// FuzzDecode decodes any bytes: no panic, valid text, or a fault.
func FuzzDecode(f *testing.F) {
	set := newSet("ma")
	f.Add([]byte("\xc7\xe1\xde\xd8\xc7\xda"))
	f.Add([]byte("H\xf4pital"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, fault := set.Decode(b)
		if !utf8.ValidString(out) || out == "" && len(b) > 0 && fault.OK() {
			t.Errorf("Decode(%q) = %q, %v", b, out, fault)
		}
	})
}

// FuzzLayout parses any layout: no panic, and what it accepts reads dates.
func FuzzLayout(f *testing.F) {
	set := newSet("ma")
	for _, l := range []string{"dd/MM/yyyy", "yyyyMMdd", "d MMM yyyy", "excel1900", "hijri", "yyyy-MM-ddTHH:mm:ss.fffX", "dd/MM/yy,yyyy"} {
		f.Add(l, "01/02/2003")
	}
	f.Fuzz(func(t *testing.T, layout, in string) {
		for _, n := range []string{"date", "datetime", "pdate", "birth"} {
			step, err := set.Step(n, layout)
			if err != nil {
				continue
			}
			out, _ := step(in)
			if _, err := sih.ParseValue(&sih.Column{Kind: kinds[n]}, out); err != nil {
				t.Errorf("%s %s(%q) = %q: %v", n, layout, in, out, err)
			}
		}
	})
}
