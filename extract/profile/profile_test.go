package profile_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/profile"
)

// of returns the profile of a column that holds the values, a row each.
func of(o profile.Options, values ...sih.Raw) profile.Column {
	p := profile.New(extract.Table{Name: "t", Columns: []extract.Column{{Name: "c"}}}, o)
	for _, v := range values {
		p.Row(extract.Row{v})
	}
	return p.Table().Columns[0]
}

func TestPattern(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"AB123456", "AA999999"},
		{"Ali", "Aaa"},
		{"MOHAMED", "A…"},
		{"Élise Noël", "Aa… Aaaa"},
		{"1987-03-05", "9999-99-99"},
		{"1234567890123", "9…"},
		{"123456789012", "999999999999"},
		{"محمد", "R…"},
		{"٢٠٢٤", "9999"},
		{"Анна", "X…"},
		{"N° 12", "A· 99"},
		{"+212 6", "+999 9"},
		{strings.Repeat("a-", 40), strings.Repeat("a-", 20) + "…"},
	} {
		got := of(profile.Options{}, sih.Text(test.in)).Patterns
		if want := []profile.Pattern{{Pattern: test.want, Count: 1}}; !cmp.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", test.in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		in   sih.Raw
		want profile.Text
	}{
		{sih.Text("plain"), profile.Text{}},
		{sih.Text("créée"), profile.Text{Accented: 1}},
		{sih.Text("القطاع"), profile.Text{Arabic: 1}},
		{sih.Text("ÇáÞØÇÚ"), profile.Text{Accented: 1, Mojibake: 1}},
		{sih.Text("RenÃ©"), profile.Text{Accented: 1, Mojibake: 1}},
		{sih.Text("Ø§Ù„"), profile.Text{Accented: 1, Mojibake: 1}},
		{sih.Text("F?s"), profile.Text{Lost: 1}},
		{sih.Text("?????"), profile.Text{Lost: 1}},
		{sih.Text("Pourquoi ?"), profile.Text{}},
		{sih.Text("F\uFFFDs"), profile.Text{Lost: 1}},
		{sih.Text("a\x00"), profile.Text{Controls: 1}},
		{sih.Text("a "), profile.Text{Padded: 1}},
		{sih.Text("0612345678"), profile.Text{Zeros: 1}},
		{sih.Raw{Text: "\xC7\xE1", Bytes: true}, profile.Text{NotText: 1}},
	} {
		if diff := cmp.Diff(test.want, of(profile.Options{}, test.in).Text); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.in.Text, diff)
		}
	}
}

func TestDates(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []profile.Dates
	}{
		{"1987-03-25", []profile.Dates{{Layout: "yyyy-MM-dd", Count: 1, First: "1987-03-25", Last: "1987-03-25"}}},
		{"1987-03-25 10:30:00.123", []profile.Dates{{Layout: "yyyy-MM-dd HH:mm:ss.SSS", Count: 1, First: "1987-03-25", Last: "1987-03-25"}}},
		{"2024-02-29T23:30:00 +01:00", []profile.Dates{{Layout: "yyyy-MM-ddTHH:mm:ss zone", Count: 1, First: "2024-02-29", Last: "2024-02-29"}}},
		{"25/03/1987", []profile.Dates{{Layout: "dd/MM/yyyy", Count: 1, First: "1987-03-25", Last: "1987-03-25"}}},
		{"03/25/1987", []profile.Dates{{Layout: "MM/dd/yyyy", Count: 1, First: "1987-03-25", Last: "1987-03-25"}}},
		{"03/05/1987", []profile.Dates{{Layout: "dd/MM/yyyy", Count: 1, First: "1987-05-03", Last: "1987-05-03", Ambiguous: 1}}},
		{"5.3.1987 9:30", nil},
		{"5.3.1987", []profile.Dates{{Layout: "d.M.yyyy", Count: 1, First: "1987-03-05", Last: "1987-03-05", Ambiguous: 1}}},
		{"25-03-87", []profile.Dates{{Layout: "dd-MM-yy", Count: 1}}},
		{"19870325", []profile.Dates{{Layout: "yyyyMMdd", Count: 1, First: "1987-03-25", Last: "1987-03-25"}}},
		{"98765432", nil},
		{"1934-00-00", []profile.Dates{{Layout: "yyyy-MM-dd", Count: 1, Partial: 1}}},
		{"0000-00-00", []profile.Dates{{Layout: "yyyy-MM-dd", Count: 1, Partial: 1}}},
		{"1987-02-30", []profile.Dates{{Layout: "yyyy-MM-dd", Count: 1, Impossible: 1}}},
		{"2023-02-29", []profile.Dates{{Layout: "yyyy-MM-dd", Count: 1, Impossible: 1}}},
		{"10:30", nil},
		{"1-2", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(test.want, of(profile.Options{}, sih.Text(test.in)).Dates); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.in, diff)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		in   []string
		want *profile.Numbers
	}{
		{[]string{"7", "42"}, &profile.Numbers{Count: 2, Min: 7, Max: 42}},
		{[]string{"-1234", "5678"}, &profile.Numbers{Count: 2, Min: -1300, Max: 5700}},
		{[]string{"37,25", "0.0125"}, &profile.Numbers{Count: 2, Min: 0.012, Max: 38, Decimals: 4, Commas: 1}},
		{[]string{"0"}, &profile.Numbers{Count: 1}},
		{[]string{"007", "1.", "1.2.3", "1e5", "1234567890123456"}, nil},
	} {
		var values []sih.Raw
		for _, s := range test.in {
			values = append(values, sih.Text(s))
		}
		if diff := cmp.Diff(test.want, of(profile.Options{}, values...).Numbers); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.in, diff)
		}
	}
}

// TestGrades grades a column of cards, and not one that holds something else.
func TestGrades(t *testing.T) {
	o := profile.Options{Grade: func(s string) string {
		if strings.HasPrefix(s, "AB") {
			return "valid"
		}
		return "invalid"
	}}
	got := of(o, sih.Text("AB1"), sih.Text("AB1"), sih.Text("x"), sih.Null).Grades
	if diff := cmp.Diff(map[string]int64{"valid": 2, "invalid": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := of(o, sih.Text("AB1"), sih.Text("x"), sih.Text("y")).Grades; got != nil {
		t.Errorf("got %v of a column where a third is valid", got)
	}
}

// TestValues shows values of codes when asked, and never rare ones or those of
// a column that is none of codes.
func TestValues(t *testing.T) {
	rows := func(n int, s string) []sih.Raw {
		out := make([]sih.Raw, n)
		for i := range out {
			out[i] = sih.Text(s)
		}
		return out
	}
	codes := append(append(rows(20, "M"), rows(30, "F")...), rows(2, "Synthetic Name")...)
	want := []profile.Value{{Value: "F", Count: 30}, {Value: "M", Count: 20}}
	if diff := cmp.Diff(want, of(profile.Options{Values: true}, codes...).Values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := of(profile.Options{}, codes...).Values; got != nil {
		t.Errorf("got %v without being asked", got)
	}
	if got := of(profile.Options{Values: true}, rows(9, "Synthetic Name")...).Values; got != nil {
		t.Errorf("got %v of a column with few rows", got)
	}
	if got := of(profile.Options{Values: true}, rows(50, strings.Repeat("long ", 9))...).Values; got != nil {
		t.Errorf("got %v of a column of long texts", got)
	}
	if got := of(profile.Options{Values: true}, rows(50, "Synthetic Name")...).Values; got != nil {
		t.Errorf("got %v of a column of few names", got)
	}
}

// TestValuesOfPeople shows no value of a column that is called like one of
// names, however few there are.
func TestValuesOfPeople(t *testing.T) {
	for name, want := range map[string]int{"SEXO": 1, "Soignant": 0, "NOMBRE": 0, "nom_medecin": 0, "اسم": 0, "État": 1} {
		p := profile.New(extract.Table{Name: "t", Columns: []extract.Column{{Name: name}}}, profile.Options{Values: true})
		for range 50 {
			p.Row(extract.Row{sih.Text("SYNTHETIC")})
		}
		if got := p.Table().Columns[0].Values; len(got) != want {
			t.Errorf("%s shows %v", name, got)
		}
	}
}

func TestKey(t *testing.T) {
	table := extract.Table{Name: "t", Columns: []extract.Column{{Name: "a"}, {Name: "b"}}, Key: []string{"b", "a"}}
	p := profile.New(table, profile.Options{})
	for _, row := range []extract.Row{
		{sih.Text("1"), sih.Text("2")},
		{sih.Text("2"), sih.Text("1")},
		{sih.Text(""), sih.Text("12")},
		{sih.Null, sih.Text("12")},
		{sih.Text("12"), sih.Text("")},
		{sih.Text("1"), sih.Text("2")},
	} {
		p.Row(row)
	}
	got := p.Table().Key
	if diff := cmp.Diff(&profile.Key{Columns: []string{"b", "a"}, Repeated: 1, Nulls: 1, Exact: true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFindings names what is worth a look, and does not name what is not.
func TestFindings(t *testing.T) {
	text := func(values ...string) (out []sih.Raw) {
		for _, v := range values {
			out = append(out, sih.Text(v))
		}
		return out
	}
	raw := sih.Raw{Text: "\xC7", Bytes: true}
	for _, test := range []struct {
		name, typ string
		values    []sih.Raw
		want      []string
	}{
		{"nothing", "text", text("a", "b"), nil},
		{"no value", "text", []sih.Raw{sih.Null, sih.Text("")}, []string{"empty-column 2"}},
		{"bytes", "varchar(3)", []sih.Raw{raw}, []string{"not-text 1"}},
		{"bytes of bytes", "varbinary(3)", []sih.Raw{raw}, nil},
		{"layouts", "text", text("1987-03-25", "25/03/1987"), []string{"layouts 2"}},
		{"serials", "text", text("31000", "25/03/1987", "1987"), []string{"numbers-among-dates 2"}},
		{"faulty", "date", text("1987-00-00", "1987-13-01", "1987-03-25"), []string{"partial-dates 1", "impossible-dates 1"}},
		{"dates in passing", "text", text("seen 1987", "none", "1987-13-01"), nil},
		{"numbers", "text", text("0612345678", "1,5"), []string{"zeros 1", "commas 1"}},
		{"codes", "text", text("F?s", "ÇáÞØÇÚ", "a\x01"), []string{"mojibake 1", "lost 1", "control 1"}},
	} {
		p := profile.New(extract.Table{Columns: []extract.Column{{Name: "k"}, {Name: "c", Type: test.typ}}, Key: []string{"k"}}, profile.Options{})
		for i, v := range test.values {
			p.Row(extract.Row{sih.Text(fmt.Sprint("k", i)), v})
		}
		var got []string
		for _, f := range p.Table().Findings {
			got = append(got, fmt.Sprint(f.Finding, " ", f.Count))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestMany holds the estimates beyond the exact bounds to their error, and the
// key to what it promises.
func TestMany(t *testing.T) {
	const rows, distinct = 1_200_000, 400_000
	table := extract.Table{Name: "t", Columns: []extract.Column{{Name: "id"}, {Name: "third"}}, Key: []string{"id"}}
	p := profile.New(table, profile.Options{})
	for i := range rows {
		p.Row(extract.Row{sih.Text(fmt.Sprint(i)), sih.Text(fmt.Sprint(i % distinct))})
	}
	got := p.Table()
	if got.Key.Exact || got.Key.Repeated != 0 {
		t.Errorf("got key %+v, want it inexact and without repetition", got.Key)
	}
	for i, want := range []float64{rows, distinct} {
		c := got.Columns[i]
		if ratio := float64(c.Distinct) / want; c.DistinctExact || ratio < 0.97 || ratio > 1.03 {
			t.Errorf("got %d distinct (exact: %v), want %.0f within 3 %%", c.Distinct, c.DistinctExact, want)
		}
	}
}

// TestCountsAddUp draws tables at random: whatever they hold, the counts of a
// column come to its rows, those of its patterns to its values, and the order
// of rows is of no matter where everything is counted.
func TestCountsAddUp(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		kinds := []func() sih.Raw{
			func() sih.Raw { return sih.Null },
			func() sih.Raw { return sih.Text([]string{"", " ", "\t"}[rng.IntN(3)]) },
			func() sih.Raw { return sih.Text(fmt.Sprint(rng.IntN(30_000))) },
			func() sih.Raw {
				return sih.Text(fmt.Sprintf("%04d-%02d-%02d", 1900+rng.IntN(120), rng.IntN(14), rng.IntN(33)))
			},
			func() sih.Raw { return sih.Raw{Text: string([]byte{0xC7, byte(rng.IntN(256))}), Bytes: true} },
			func() sih.Raw { return sih.Text(string([]rune{rune(rng.IntN(0x800)), rune(rng.IntN(0x800))})) },
			func() sih.Raw { return sih.Text(strings.Repeat("x-1 ", rng.IntN(300))) },
		}
		use := kinds[:2+rng.IntN(len(kinds)-1)]
		rows := make([]sih.Raw, rng.IntN(20_000))
		for i := range rows {
			rows[i] = use[rng.IntN(len(use))]()
		}
		c := of(profile.Options{}, rows...)
		if got := c.Nulls + c.Empty + c.Valued; got != int64(len(rows)) {
			t.Errorf("seed %d: NULL, empty and filled come to %d of %d rows", seed, got, len(rows))
		}
		patterns := c.OtherPatterns
		for _, p := range c.Patterns {
			patterns += p.Count
		}
		if patterns != c.Valued {
			t.Errorf("seed %d: the patterns come to %d of %d values", seed, patterns, c.Valued)
		}
		for _, d := range c.Dates {
			if d.Partial+d.Impossible+d.Ambiguous > d.Count {
				t.Errorf("seed %d: %+v counts more than there are", seed, d)
			}
		}
		if !c.DistinctExact {
			continue
		}
		set := map[string]bool{}
		for _, r := range rows {
			if !r.Empty() {
				set[r.Text] = true
			}
		}
		if c.Distinct != int64(len(set)) {
			t.Errorf("seed %d: got %d distinct, want %d", seed, c.Distinct, len(set))
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if len(set) <= 1000 {
			if diff := cmp.Diff(c, of(profile.Options{}, rows...), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("seed %d: another order (-want +got):\n%s", seed, diff)
			}
		}
	}
}

// TestKeepsNothing profiles rows whose memory is used again.
func TestKeepsNothing(t *testing.T) {
	p := profile.New(extract.Table{Columns: []extract.Column{{Name: "c"}}}, profile.Options{})
	row := make(extract.Row, 1)
	for i := range 10 {
		row[0] = sih.Text(fmt.Sprint("v", i%5))
		p.Row(row)
	}
	if got := p.Table().Columns[0].Distinct; got != 5 {
		t.Errorf("got %d distinct, want 5", got)
	}
}

func FuzzProfile(f *testing.F) {
	for _, s := range []string{"", "1987-03-25 10:30:00.5 +01:00", "AB123456", "ÇáÞØÇÚ", "\xff", "1,5", "  0", "25/03/87"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := of(profile.Options{}, sih.Text(s), sih.Text(s))
		if c.Nulls+c.Empty+c.Valued != 2 || c.Valued > 0 && (c.Distinct != 1 || len(c.Patterns) != 1 || c.Patterns[0].Count != 2) {
			t.Errorf("%q twice: got %+v", s, c)
		}
	})
}
