package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sihctl/sih"
)

// Undecided begins the reason of a column that a first draft leaves open.
const Undecided = "to be decided"

// Doubts returns what of a plan that runs may still be wrong: columns that are
// neither read nor ignored, or both, or not decided on, and fields whose type
// is not the column's. Types are the source's
// types by column; they may be missing. The plan must have been linked.
func (p *Plan) Doubts(types map[string]string) Faults {
	var out Faults
	f := p.File
	for _, name := range p.Unused() {
		out.add(f, f.fault(f.pos, "table %s: column %q is neither mapped nor ignored", p.Table.Name, name))
	}
	own, _ := f.columns()
	n := len(own) - len(f.Ignored)
	for i, name := range own {
		if i >= n && slices.Contains(own[:n], name) {
			out.add(f, f.fault(f.at["ignored"], "ignored: column %q is read all the same", name))
		}
		if reason, ok := f.Ignored[name]; i >= n && ok && strings.HasPrefix(reason, Undecided) {
			out.add(f, f.fault(f.at["ignored"], "ignored: column %q is still to be decided on", name))
		}
	}
	for i := range p.entities {
		e := &p.entities[i]
		for j := range e.fields {
			for fd := &e.fields[j]; fd != nil; fd = fd.or {
				if problem := p.mismatch(fd, types); problem != "" {
					out.add(f, f.fault(fd.pos, "%s.%s: %s", e.table.Name, fd.name, problem))
				}
			}
		}
	}
	return out.sorted()
}

// Drafts counts, by code list, the codes that the plan uses and that nobody has
// approved.
func (p *Plan) Drafts() map[string]int {
	out := map[string]int{}
	for i := range p.entities {
		for j := range p.entities[i].fields {
			for fd := &p.entities[i].fields[j]; fd != nil; fd = fd.or {
				if l := fd.codes; l != nil && l.drafts() > 0 {
					out[l.Name] = l.drafts()
				}
			}
		}
	}
	return out
}

// drafts counts the codes that nobody has approved.
func (l *CodeList) drafts() (n int) {
	for key, c := range l.codes {
		if key == c.Code && c.Status == "draft" { // not the second entry in small letters
			n++
		}
	}
	return n
}

// mismatch says why what a column holds is not what the field wants.
func (p *Plan) mismatch(fd *fieldPlan, types map[string]string) string {
	if fd.kind != fromColumns || len(fd.from) != 1 || fd.take != nil {
		return ""
	}
	bare := len(fd.stepNames) == 1 && fd.stepNames[0] == defaultStep(fd.target.Kind) && fd.codes == nil
	source := p.typeOf(fd.from[0], types)
	switch fd.target.Kind {
	case sih.KindTS:
		if bare {
			return "a moment is wanted: add a step such as {datetime: yyyy-MM-dd HH:mm:ss}"
		}
	case sih.KindDate, sih.KindPDate:
		if bare && (source == "moment" || source == "text") {
			return "a day is wanted: add a step such as {date: yyyy-MM-dd}, or {pdate: …} where it may be partial"
		}
	case sih.KindMoney:
		if bare {
			return "whole centimes are wanted: add the step money"
		}
	case sih.KindBool:
		if bare {
			return "true or false is wanted: add the step bool, or a code list"
		}
	case sih.KindNum, sih.KindInt:
		if source == "day" || source == "moment" {
			return "the source's column is a date, and a number is wanted"
		}
	case sih.KindCode:
		if bare && len(fd.target.Codes) > 0 {
			return fmt.Sprintf("only %s are allowed: add a code list", strings.Join(fd.target.Codes, ", "))
		}
	}
	return ""
}

// typeOf sorts the source's type of a column: day, moment, number or text;
// empty where it is not known.
func (p *Plan) typeOf(at int, types map[string]string) string {
	if at >= len(p.Table.Columns) {
		return ""
	}
	name, _, _ := strings.Cut(strings.ToLower(types[p.Table.Columns[at]]), "(")
	switch strings.TrimSpace(name) {
	case "":
		return ""
	case "date":
		return "day"
	case "datetime", "datetime2", "smalldatetime", "datetimeoffset", "timestamp":
		return "moment"
	case "int", "tinyint", "smallint", "mediumint", "bigint", "bit", "decimal", "numeric", "money", "smallmoney", "float", "real", "double":
		return "number"
	}
	return "text"
}
