package storetest

import (
	"fmt"
	"iter"

	"github.com/sihctl/sih"
)

// Results yields laboratory results as hospitals have them, from one number up to
// another: the same codes, units and provenance again and again, an id of its
// own for each.
func Results(from, to int) iter.Seq2[sih.Entity, error] {
	table := sih.TableByName("observation")
	e := sih.Entity{Table: table, Values: make([]sih.Value, len(table.Columns))}
	set := func(column string, v sih.Value) { e.Values[table.Column(column)] = v }
	set("category", sih.CodeValue("laboratory"))
	set("code_system", sih.CodeValue("http://loinc.org"))
	set("unit", sih.CodeValue("mmol/L"))
	set("source_unit", sih.CodeValue("mmol/l"))
	set("status", sih.CodeValue("final"))
	set("source_system", sih.CodeValue("khemisset-hosix"))
	set("source_table", sih.StrValue("dbo.RESULTADOS"))
	return func(yield func(sih.Entity, error) bool) {
		for i := from; i < to; i++ {
			person := sih.IDValue(ID("source_person", i/150))
			set("id", sih.IDValue(ID("observation", i)))
			set("source_person_id", person)
			set("person_id", person)
			set("encounter_id", sih.IDValue(ID("encounter", i/12)))
			set("obs_code", sih.CodeValue(fmt.Sprintf("%d-4", 1000+i%60)))
			set("label", sih.StrValue(fmt.Sprintf("Hémoglobine glyquée %d", i%60)))
			set("value_num", sih.NumValue(int64(i*7919%2_000_000)))
			set("ref_low", sih.NumValue(35_000))
			set("ref_high", sih.NumValue(52_000))
			set("effective_ts", sih.TSValue(sih.Timestamp(1_600_000_000_000+int64(i)*60_000)))
			set("source_key", sih.StrValue(fmt.Sprint(i)))
			if !yield(e, nil) {
				return
			}
		}
	}
}
