package mapping

import (
	"encoding/json"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/transform/rule"
)

// object is a part of a JSON Schema.
type object = map[string]any

// JSONSchema describes mapping files for editors: what may stand where, the
// unified tables with their columns and what these hold, and the steps. It
// knows the language; what a source has only lint knows.
func JSONSchema() ([]byte, error) {
	steps := []string{}
	for _, d := range rule.New(rule.Profile{}).Names() {
		steps = append(steps, d.Name)
	}
	text := func(doc string) object {
		return object{"type": []string{"string", "number", "boolean"}, "description": doc}
	}
	ref := func(name string) object { return object{"$ref": "#/$defs/" + name} }
	list := func(doc string) object {
		one := text("")
		delete(one, "description")
		return object{"anyOf": []object{one, {"type": "array", "items": one}}, "description": doc}
	}
	closed := func(doc string, properties object, required ...string) object {
		o := object{"type": "object", "additionalProperties": false, "properties": properties, "description": doc}
		if len(required) > 0 {
			o["required"] = required
		}
		return o
	}
	reasons := object{"type": "object", "additionalProperties": text("Why.")}
	form := closed("How a column is filled. Just one of from, expr, value, of, self and facility.", object{
		"when":     text("The form is passed over where this is not true."),
		"from":     list("Source columns; several are joined by with."),
		"with":     text("What parts several columns; a blank where it is not said."),
		"expr":     text("An expression that gives the text."),
		"null_if":  list("Texts that stand for nothing."),
		"take":     text("A regular expression with one group: only what that matches is taken."),
		"steps":    object{"type": "array", "description": "Named steps, in order.", "items": ref("step")},
		"code":     text("A code list: codes/x.csv."),
		"gives":    object{"enum": []string{"target", "system", "label"}, "description": "What is taken of the list."},
		"unmapped": text("What an unknown code becomes: a value, keep, reject or next."),
		"default":  text("Where nothing else is there."),
		"reject":   object{"type": "boolean", "description": "A fault keeps the entity out."},
		"value":    text("The same for every record."),
		"of":       text("The table of the record that is pointed at."),
		"key":      list("The columns that hold its key."),
		"to_slot":  text("The slot of the entity that is pointed at."),
		"self":     text("The table of an entity of the same record; table:slot where it has one."),
		"facility": object{"const": true, "description": "The record's facility."},
	})
	field := object{"anyOf": []object{text("A column."), ref("form"), {"type": "array", "minItems": 1, "items": object{"anyOf": []object{text("A column."), ref("form")}}}}}
	tables := object{}
	common := object{}
	for _, t := range sih.Tables {
		if !t.Sourced() {
			continue
		}
		columns := object{
			"slot":  text("Tells apart several entities of one record."),
			"when":  text("The entity is made where this is true."),
			"needs": list("Columns that must hold something."),
		}
		if t.Name == "source_person" {
			columns["as_of"] = object{"allOf": []object{ref("field")}, "description": "When the record was made."}
		}
		for i := range t.Columns {
			if c := &t.Columns[i]; Mappable(c) {
				doc := c.Doc
				if len(c.Codes) > 0 {
					doc += " One of " + strings.Join(c.Codes, ", ") + "."
				}
				columns[c.Name] = object{"allOf": []object{ref("field")}, "description": doc}
				common[c.Name] = ref("field")
			}
		}
		one := closed(t.Doc, columns)
		tables[t.Name] = object{"anyOf": []object{one, {"type": "array", "items": one}}, "description": t.Doc}
	}
	control := closed("How a record counts. Just one of count, sum and days.", object{
		"count": object{"const": "rows"}, "where": text("Records that count."), "sum": text("Column of an amount."),
		"comma": object{"type": "boolean", "description": "The amount has a decimal comma."},
		"days":  list("Entry and exit."), "date": text("Column of the date by whose year it counts."), "layout": text("How dates are written."),
		"facility": text("Column of the facility's code."), "payer": text("Column of the payer's code."), "code": text("Code list of the payers."),
		"monthly": object{"type": "boolean", "description": "Count by month and payer."},
	})
	join := closed("Columns of another table of the source.", object{
		"from": text("The other table."), "on": object{"type": "object", "additionalProperties": text("Our column."), "description": "theirs: ours"},
		"where": text("Records for which it is not true are passed over."), "order": list("Which record is the first; - is downwards."),
		"all": text("All records' texts are put together, parted by this."), "by": text("The column that tells which attribute a record is."),
		"value":      text("The column of the attribute's value."),
		"attributes": object{"type": "object", "additionalProperties": list("The attributes that go by this name.")},
	}, "from", "on")
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "sihctl mapping",
		"$defs": object{
			"field": field, "form": form,
			"step": object{"anyOf": []object{{"enum": steps}, {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": object{"enum": steps}}}},
		},
	}
	for k, v := range closed("What becomes of one table of a legacy system.", object{
		"system": text("The system, as the folder is called."), "from": text("The source's table."), "key": list("The columns that tell records apart."),
		"where": text("Records for which it is not true are excluded."), "facility": text("The column with the source's code of the facility."),
		"excluded": object{"description": "Why records are left out.", "anyOf": []object{text("The reason of where."), reasons,
			{"type": "array", "items": object{"anyOf": []object{text("The reason of where."), closed("", object{"when": text("Records for which this is true."), "reason": text("Why.")}, "when", "reason")}}}}},
		"join":     object{"type": "object", "additionalProperties": join},
		"joined":   object{"anyOf": []object{{"type": "boolean"}, closed("", object{"otherwise": text("Why the others are excluded.")})}, "description": "Other tables' records take this one's in."},
		"common":   object{"type": "object", "additionalProperties": false, "properties": common, "description": "Holds for every entity that has such a column."},
		"to":       object{"type": "object", "additionalProperties": false, "properties": tables, "description": "Unified tables."},
		"ignored":  object{"type": "object", "additionalProperties": text("Why."), "description": "Columns that are not mapped, and why."},
		"controls": object{"type": "object", "additionalProperties": object{"anyOf": []object{control, {"type": "array", "items": control}}}},
	}, "system") {
		schema[k] = v
	}
	data, err := json.MarshalIndent(schema, "", " ")
	return append(data, '\n'), err
}
