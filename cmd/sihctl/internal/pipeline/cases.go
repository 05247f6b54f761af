package pipeline

import (
	"fmt"
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/transform/mapping"
)

// CasesReport is how the cases of mappings ended.
type CasesReport struct {
	Systems []SystemCases `json:"systems"`
	Failed  int           `json:"failed"`
}

// SystemCases are the cases of one system.
type SystemCases struct {
	System   string   `json:"system"`
	Cases    int      `json:"cases"`
	Failed   int      `json:"failed"`
	Failures []string `json:"failures,omitempty"` // with file, line and column
}

// TestMappings runs the cases beside the mappings of the sources' systems, each
// once.
func TestMappings(o Options, sources []*project.Source) (*CasesReport, error) {
	r := &CasesReport{Systems: []SystemCases{}}
	p, err := emptyPlan(o)
	if err != nil {
		return nil, err
	}
	for _, c := range sources {
		if slices.ContainsFunc(r.Systems, func(s SystemCases) bool { return s.System == c.System }) {
			continue
		}
		one, err := testSystem(o, p, c)
		if err != nil {
			return nil, err
		}
		r.Systems = append(r.Systems, one)
		r.Failed += one.Failed
	}
	return r, nil
}

func testSystem(o Options, p *runPlan, c *project.Source) (out SystemCases, err error) {
	out.System = c.System
	files, where, err := mappingFiles(o.Project, c.System)
	if err != nil {
		return out, err
	}
	fail := func(err error) error {
		return &ConfigError{Err: fmt.Errorf("%s: %w", where, err), Advice: "sihctl mapping lint tells all that is wrong"}
	}
	list, err := mapping.Load(files)
	if err != nil {
		return out, fail(err)
	}
	cases, err := mapping.LoadCases(files)
	if err != nil {
		return out, fail(err)
	}
	l := &linter{o: o, p: p, s: &sourcePlan{config: c}}
	setting, err := l.setting(files, list)
	if err != nil {
		return out, err
	}
	// Cases speak of the facilities by the source's own codes, of which no
	// project need have a list.
	setting.Facilities = anyFacility
	setting.Corrections = nil // they are of the source's rows, not of the cases'
	if setting.Facility == "" {
		setting.Facility = "case"
	}
	err = mapping.RunCases(list, cases, setting, p.zone, func(_ *mapping.Case, faults mapping.Faults) {
		out.Cases++
		if len(faults) > 0 {
			out.Failed++
		}
		for _, f := range faults {
			out.Failures = append(out.Failures, f.Error())
		}
	})
	if err != nil {
		return out, fail(err)
	}
	return out, nil
}

// anyFacility knows every facility, by the source's own code.
func anyFacility(local string) (string, sih.ID, bool) { return local, facilityID(local), local != "" }

// MappingOf reads the mapping files and the code lists of a system.
func MappingOf(p *project.Project, system string) ([]*mapping.File, map[string]*mapping.CodeList, error) {
	files, where, err := mappingFiles(p, system)
	if err != nil {
		return nil, nil, err
	}
	list, err := mapping.Load(files)
	if err != nil {
		return nil, nil, &ConfigError{Err: fmt.Errorf("%s: %w", where, err), Advice: "sihctl mapping lint tells all that is wrong"}
	}
	lists, err := mapping.LoadCodes(files)
	if err != nil {
		return nil, nil, &ConfigError{Err: fmt.Errorf("%s: %w", where, err), Advice: "mend the code list"}
	}
	return list, lists, nil
}
