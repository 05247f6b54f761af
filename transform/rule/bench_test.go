package rule_test

import (
	"testing"
)

func BenchmarkStep(b *testing.B) {
	set := newSet("ma")
	for _, bb := range []struct{ step, arg, in string }{
		{"text", "", "Hopital regional de Khemisset"},
		{"text", "", "Hôpital régional de Khémisset"},
		{"text", "", "القطاع الصحي"},
		{"name", "", "EL ALAOUI"},
		{"name_key", "", "EL ALAOUI"},
		{"cin", "", "AB123456"},
		{"cin", "", "ab 12345"},
		{"phone", "", "0661234567"},
		{"date", "yyyy-MM-dd", "1985-03-07"},
		{"date", "dd/MM/yyyy", "07/03/1985"},
		{"birth", "dd/MM/yyyy,yyyy", "01/01/1950"},
		{"datetime", "yyyy-MM-dd HH:mm:ss", "2024-06-01 12:30:00"},
		{"money", "", "1 234,50"},
		{"decimal", "", "12,5"},
		{"sex", "fr", "F"},
		{"icd10", "", "E11.9"},
		{"unit", "", "g/L"},
	} {
		step, err := set.Step(bb.step, bb.arg)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bb.step+"/"+bb.in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				step(bb.in)
			}
		})
	}
}
