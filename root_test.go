package sih_test

import (
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"github.com/sihctl/sih"
)

func TestIDTextRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var last sih.ID
	for range 1000 {
		var id sih.ID
		for i := range id {
			id[i] = byte(r.Uint32())
		}
		s := id.String()
		got, err := sih.ParseID(s)
		if err != nil || got != id {
			t.Fatalf("ParseID(%q) = %v, %v; want %v", s, got, err, id)
		}
		if (last.String() < s) != (string(last[:]) < string(id[:])) {
			t.Fatal("ids and their texts are in different order")
		}
		last = id
		if v := sih.IDValue(id); v.ID() != id || v.String() != s {
			t.Fatalf("IDValue(%v) holds %v", id, v.ID())
		}
	}
	if sih.NewID("a", "bc", "", "", "") == sih.NewID("ab", "c", "", "", "") {
		t.Error("ids run their parts together")
	}
}

func TestDatesAgreeWithTime(t *testing.T) {
	for d := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 10000; d = d.AddDate(0, 0, 17) {
		y, m, day := d.Date()
		got, ok := sih.DateOf(y, int(m), day)
		if want := sih.Date(d.Unix() / 86400); !ok || d.Unix()%86400 == 0 && d.Unix() >= 0 && got != want {
			t.Fatalf("DateOf(%v) = %d, %v; want %d", d, got, ok, want)
		}
		if yy, mm, dd := got.Civil(); yy != y || mm != int(m) || dd != day || got.String() != d.Format("2006-01-02") {
			t.Fatalf("%v came back as %d-%d-%d, %s", d, yy, mm, dd, got)
		}
	}
	for _, bad := range [][3]int{{1934, 0, 0}, {2023, 2, 29}, {1900, 2, 29}, {2024, 13, 1}, {0, 1, 1}} {
		if _, ok := sih.DateOf(bad[0], bad[1], bad[2]); ok {
			t.Errorf("DateOf(%v) is a date", bad)
		}
	}
}

func TestPartialDateText(t *testing.T) {
	for _, s := range []string{"", "1934", "1934-05", "1934-05-02", "1981-10-30/1982-10-18"} {
		p, err := sih.ParsePartialDate(s)
		if err != nil || p.String() != s || sih.PDateValue(p).PDate() != p {
			t.Errorf("ParsePartialDate(%q) = %v, %v", s, p, err)
		}
	}
	for _, s := range []string{"1934-00", "1934-13", "1934-02-30", "193", "2000-01-02/2000-01-01"} {
		if p, err := sih.ParsePartialDate(s); err == nil {
			t.Errorf("ParsePartialDate(%q) = %v, want an error", s, p)
		}
	}
}

func TestTimestampText(t *testing.T) {
	for _, tm := range []time.Time{time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC), time.Date(2024, 2, 29, 1, 2, 3, 4e6, time.UTC)} {
		ts := sih.TimestampOf(tm)
		if want := tm.Format("2006-01-02T15:04:05.000Z"); ts.String() != want {
			t.Errorf("%v reads %s", tm, ts)
		}
		if got, err := sih.ParseTimestamp(ts.String()); err != nil || got != ts {
			t.Errorf("ParseTimestamp(%s) = %v, %v", ts, got, err)
		}
	}
}

func TestDecimals(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "1": 10000, "-1.5": -15000, "0.0001": 1, "12.30000": 123000, ".5": 5000} {
		if got, err := sih.ParseDecimal(s, 4); err != nil || got != want {
			t.Errorf("ParseDecimal(%q) = %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-", ".", "1.2.3", "1,5", "0.00001", "99999999999999999999", "1e3"} {
		if got, err := sih.ParseDecimal(s, 4); err == nil {
			t.Errorf("ParseDecimal(%q) = %d, want an error", s, got)
		}
	}
}

// Words that at least one of the four engines reserves and that a schema
// might be tempted to use.
var reserved = regexp.MustCompile(`^(all|analyze|and|any|as|asc|begin|between|by|case|cast|check|column|condition|constraint|create|cross|current|date|default|desc|distinct|drop|else|end|except|exists|exit|explain|fetch|file|for|foreign|from|full|function|grant|group|groups|having|identity|in|index|inner|insert|interval|into|is|join|key|keys|left|like|limit|lines|lock|match|merge|not|null|of|off|offset|on|open|option|or|order|outer|percent|plan|precision|primary|procedure|public|range|rank|read|references|release|return|right|row|rows|rule|schema|select|session|set|signal|some|sql|system|table|text|then|to|top|trigger|union|unique|update|usage|use|user|using|value|values|view|when|where|window|with|write)$`)

func TestSchemaHoldsItsOwnRules(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)
	rank := map[string]int{}
	for i, table := range sih.Tables {
		rank[table.Name] = i
		if table.Rank() != i || sih.TableByName(table.Name) != table {
			t.Errorf("%s is not where it says", table.Name)
		}
	}
	for _, table := range sih.Tables {
		if !name.MatchString(table.Name) || reserved.MatchString(table.Name) {
			t.Errorf("table name %s", table.Name)
		}
		if table.Doc == "" {
			t.Errorf("%s has no documentation", table.Name)
		}
		for _, c := range table.Physical() {
			if !name.MatchString(c.Name) || reserved.MatchString(c.Name) {
				t.Errorf("column name %s.%s", table.Name, c.Name)
			}
		}
		if table.When != "" && !table.Has(table.When) {
			t.Errorf("%s counts by %s, which it lacks", table.Name, table.When)
		}
		for _, c := range table.Columns {
			at := table.Name + "." + c.Name
			if c.Doc == "" {
				t.Errorf("%s has no documentation", at)
			}
			if (c.Kind == sih.KindStr) != (c.Size > 0) {
				t.Errorf("%s: kind %v with size %d", at, c.Kind, c.Size)
			}
			if c.Ref != "" && !c.Soft && rank[c.Ref] >= rank[table.Name] {
				t.Errorf("%s points forward to %s", at, c.Ref)
			}
		}
		for _, list := range append(table.Index, table.Key) {
			length := 0
			for _, n := range list {
				i := table.Column(n)
				if i < 0 {
					t.Errorf("%s is indexed by %s, which it lacks", table.Name, n)
					continue
				}
				switch c := table.Columns[i]; c.Kind {
				case sih.KindStr:
					length += c.Size
				case sih.KindCode:
					length += 64
				case sih.KindText:
					t.Errorf("%s is indexed by the text %s", table.Name, n)
				default:
					length += sih.IDLength
				}
			}
			if length > 400 {
				t.Errorf("%s: index of %d characters over %v", table.Name, length, list)
			}
		}
	}
}
