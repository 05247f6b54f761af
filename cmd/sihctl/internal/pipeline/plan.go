package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
	"github.com/sihctl/sih/cmd/sihctl/internal/reading"
	"github.com/sihctl/sih/extract/snapshot"
	"github.com/sihctl/sih/mappings"
	"github.com/sihctl/sih/transform/identity"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/sihctl/sih/transform/rule"
	"github.com/sihctl/sih/transform/stage"
)

// A sourcePlan is a source with its snapshot and its compiled mappings.
type sourcePlan struct {
	config  *project.Source
	snap    *snapshot.Snapshot
	files   fs.FS                    // the mapping's
	mapping string                   // hash over them
	plans   map[string]*mapping.Plan // by the source's table
	indexes *indexes                 // while transform runs
}

// A chunkPlan is the unit of work of everything after extract.
type chunkPlan struct {
	source *sourcePlan
	table  snapshot.TableInfo
	chunk  snapshot.Chunk // of rows, or of records that were no rows
	input  string         // hash of all that the stage file depends on
	path   string         // of the stage file
	number int            // of the chunk of rows within its table, from 0
}

// A runPlan is all that a run reads, in the order in which it counts.
type runPlan struct {
	project    *project.Project
	facilities *facilities
	// corrections are what somebody has corrected in the sources' rows.
	corrections *corrections
	// decisions are what reviewers have decided about pairs of records, and
	// prints stand for what the records say, in the order of the chunks, once
	// they are matched.
	decisions *decisions
	prints    []fingerprint
	sources   []*sourcePlan
	chunks    []*chunkPlan
	// targets marks, by rank, the tables that some mapping points at.
	targets []bool
	zone    *time.Location // in which reports count years
	// id is the run's, derived from all of its input; base is the run that a
	// delta is one upon.
	id, base    sih.ID
	inputHash   string
	mappingHash string
	snapHash    string
	// configHash is that of the config as it was when the run was loaded, or is.
	configHash string
	version    string // of the program
}

// ConfigError is a fault in what the user wrote, apart from sihctl.yaml
// itself; what does not fit a source is found as it is read.
type ConfigError = reading.ConfigError

// plan opens the snapshots of all sources and compiles their mappings.
func plan(o Options) (*runPlan, error) {
	p, err := emptyPlan(o)
	if err != nil {
		return nil, err
	}
	if p.decisions, err = readDecisions(o.Project); err != nil {
		return nil, err
	}
	p.configHash, p.version = o.Project.ConfigHash, o.Version
	runHash, snapHash, mapHash := sha256.New(), sha256.New(), sha256.New()
	fmt.Fprintf(runHash, "%s %x %s %s\n", o.Version, stage.Fingerprint, decisive(&o.Project.Config), p.facilities.hash+p.corrections.hash+p.decisions.hash)
	for i := range o.Project.Config.Sources {
		s, err := p.source(o, &o.Project.Config.Sources[i])
		if err != nil {
			return nil, err
		}
		p.sources = append(p.sources, s)
		fmt.Fprintf(snapHash, "%s %s\n", s.config.ID, s.snap.Content)
		fmt.Fprintf(mapHash, "%s %s\n", s.config.System, s.mapping)
	}
	p.snapHash, p.mappingHash = sum(snapHash), sum(mapHash)
	fmt.Fprintln(runHash, p.snapHash, p.mappingHash)
	p.inputHash = sum(runHash)
	return p, p.identify()
}

// decisive returns what of the config decides which rows there are and what they
// say: the rest may change, such as tolerances, the scope, what hospitals have
// declared or where the store lies, and the run is the same. What it names in
// files of their own is hashed where they are read.
func decisive(c *project.Config) []byte {
	type source struct {
		ID        sih.SourceID
		System    string
		Driver    project.Driver
		Facility  project.Facility
		Encodings []string
		LeaveOut  map[string]project.LeaveOut
	}
	said := struct {
		Country, Wave string
		Mode          project.Mode
		Sources       []source
	}{Country: c.Country, Wave: c.Wave, Mode: c.Mode}
	for _, s := range c.Sources {
		said.Sources = append(said.Sources, source{s.ID, s.System, s.Driver, s.Facility, s.Encodings, s.LeaveOut})
	}
	data, _ := json.Marshal(said) // texts, lists and maps by text: it cannot fail
	return data
}

func sum(h interface{ Sum([]byte) []byte }) string { return hex.EncodeToString(h.Sum(nil)) }

// zone is where a country's reports count their years and months.
func zone(country string) (*time.Location, error) {
	names := map[string]string{"ma": "Africa/Casablanca", "dz": "Africa/Algiers"}
	loc, err := time.LoadLocation(names[country])
	if err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("country %q: %w", country, err), Advice: "country is ma or dz"}
	}
	return loc, nil
}

// rules are the country's rules as they hold for a source: its code pages,
// and its day as today.
func (s *sourcePlan) rules(country string) (*rule.Set, error) {
	p := rule.Profile{
		Country: country, Encodings: s.config.Encodings,
	}
	p.Today = s.day()
	if err := p.Check(); err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("source %s: %w", s.config.ID, err), Advice: "see country and encodings in sihctl.yaml"}
	}
	return rule.New(p), nil
}

// day is the source's today, the zero date where there is no snapshot yet.
func (s *sourcePlan) day() sih.Date {
	if s.snap == nil {
		return 0
	}
	return sih.Date(s.snap.Taken.Unix() / 86400)
}

func (p *runPlan) source(o Options, c *project.Source) (*sourcePlan, error) {
	s := &sourcePlan{config: c, plans: map[string]*mapping.Plan{}}
	if code := c.Facility.Code; code != "" && !p.facilities.codes[code] {
		return nil, unknownFacility(code, c.ID)
	}
	var err error
	s.snap, err = o.Project.OpenSnapshot(c)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, snapshot.ErrIncomplete) {
		return nil, &reading.SourceError{Err: fmt.Errorf("source %s: %w", c.ID, err), Advice: "run `sihctl extract` first"}
	}
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", c.ID, err)
	}
	if err := s.snap.Readable(); err != nil {
		return nil, fmt.Errorf("source %s: %w", c.ID, err)
	}
	files, where, err := mappingFiles(o.Project, c.System)
	if err != nil {
		return nil, err
	}
	if err := p.prepare(s, files, where, o.Project.Config.Country); err != nil {
		return nil, err
	}
	for _, t := range s.snap.Tables {
		for _, target := range s.plans[t.Name].Targets() {
			p.targets[target.Rank()] = true
		}
		p.add(o, s, t)
	}
	return s, nil
}

// prepare compiles a source's mapping for its snapshot.
func (p *runPlan) prepare(s *sourcePlan, files fs.FS, where, country string) (err error) {
	c := s.config
	s.files = files
	if s.mapping, err = hashFiles(files); err != nil {
		return fmt.Errorf("read mapping of %s: %w", c.System, err)
	}
	list, err := mapping.Load(files)
	if err != nil {
		return &ConfigError{Err: fmt.Errorf("%s: %w", where, err), Advice: "mend the mapping; docs/mapping.md describes the language"}
	}
	rules, err := s.rules(country)
	if err != nil {
		return err
	}
	setting := mapping.Setting{
		Source: c.ID, Files: files, Facility: c.Facility.Code,
		Rules:      rules,
		Facilities: p.facilities.lookup(c),
		Complete:   map[string]func(*mapping.Completion){"source_person": identity.For(country)},
		Tables:     map[string]mapping.Table{}, LeftOut: map[string]bool{},
		Index: s.index, Today: s.day(),
		Corrections: p.corrections.lists[c.ID],
	}
	for name, l := range c.LeaveOut {
		setting.LeftOut[name] = l.All
	}
	for _, t := range s.snap.Tables {
		setting.Tables[t.Name] = mappingTable(t)
	}
	if err := p.corrections.check(s); err != nil {
		return err
	}
	return s.compile(where, list, setting)
}

// compile makes a plan for each table of the snapshot.
func (s *sourcePlan) compile(where string, files []*mapping.File, setting mapping.Setting) error {
	var faults []error
	for _, t := range s.snap.Tables {
		f := mapping.ForTable(files, t.Name)
		if f == nil {
			return &ConfigError{
				Err:    fmt.Errorf("%s: no mapping for table %s of source %s", where, t.Name, s.config.ID),
				Advice: "write a mapping for it; one that only says `excluded: why` leaves it out and counts its rows",
			}
		}
		plan, err := mapping.Compile(f, setting.Tables[t.Name], setting)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		s.plans[t.Name] = plan
	}
	known := maps.Clone(s.plans)
	for _, f := range files {
		if _, held := setting.Tables[f.From]; held || f.From == "" {
			continue
		}
		if !setting.LeftOut[f.From] {
			return &ConfigError{
				Err:    fmt.Errorf("%s: %s maps table %s, which the snapshot of source %s does not hold", where, f.Path, f.From, s.config.ID),
				Advice: "see that the table was extracted; or name it under leave_out of the source, or remove the mapping",
			}
		}
		known[f.From] = nil
	}
	if len(faults) == 0 {
		if err := mapping.Link(known); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return &ConfigError{Err: fmt.Errorf("%s: %w", where, mapping.AllFaults(faults...)), Advice: "mend the mapping; sihctl mapping lint tells all that is wrong, docs/mapping.md describes the language"}
	}
	return nil
}

// unknownFacility tells that the config names a facility which is not listed.
func unknownFacility(code string, source sih.SourceID) error {
	return &ConfigError{
		Err:    fmt.Errorf("facility %q of source %s is not in the master list", code, source),
		Advice: "name a code of the list of facilities, or add a row to it",
	}
}

// mappingTable tells a mapping what a snapshot's table is.
func mappingTable(t snapshot.TableInfo) mapping.Table {
	out := mapping.Table{Name: t.Name}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	return out
}

// add lists a table's chunks.
func (p *runPlan) add(o Options, s *sourcePlan, t snapshot.TableInfo) {
	others := s.others(t.Name)
	for n, c := range append(append([]snapshot.Chunk{}, t.Chunks...), t.Rejects...) {
		h := sha256.New()
		fmt.Fprint(h, others)
		if len(p.corrections.lists[s.config.ID]) > 0 {
			fmt.Fprint(h, p.corrections.hash)
		}
		fmt.Fprintf(h, "%s %x %s %s %s %s %s %v %s %s", o.Version, stage.Fingerprint, c.Content, s.mapping, p.facilities.hash,
			o.Project.Config.Country, s.config.Facility, s.config.Encodings, s.config.ID, s.snap.Taken.Format(time.DateOnly))
		kind := ""
		if c.Rejected {
			kind = "r"
		}
		name := fmt.Sprintf("%s%06d.%02d.stage", kind, c.Range, c.Part)
		p.chunks = append(p.chunks, &chunkPlan{
			source: s, table: t, chunk: c, input: sum(h),
			path: filepath.Join(o.Project.Dir, "stage", string(s.config.ID), pathName(t.Name), name), number: n,
		})
	}
}

// others stands for the rows of other tables that decide what becomes of a
// table's: nothing where there are none.
func (s *sourcePlan) others(table string) string {
	h := sha256.New()
	reads := s.plans[table].Reads()
	for _, name := range reads {
		t, _ := s.snap.Table(name)
		for _, c := range t.Chunks {
			fmt.Fprintln(h, name, c.Content)
		}
	}
	if len(reads) == 0 {
		return ""
	}
	return sum(h)
}

// pathName writes a table's name so that every file system takes it.
func pathName(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// mappingFiles returns a system's mapping: the project's own, or the built-in
// one.
func mappingFiles(p *project.Project, system string) (files fs.FS, where string, err error) {
	if dir, ok := p.MappingDir(system); ok {
		return os.DirFS(dir), dir, nil
	}
	files, ok := mappings.System(system)
	if !ok {
		return nil, "", &ConfigError{
			Err:    fmt.Errorf("there is no mapping of a system called %q", system),
			Advice: "systems with a built-in mapping: " + strings.Join(mappings.Systems(), ", ") + "; or write one in mappings/" + system + ": sihctl mapping new makes a draft",
		}
	}
	return files, "built-in mapping of " + system, nil
}

// hashFiles hashes all files of fsys by name and content.
func hashFiles(fsys fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := fsys.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		one := sha256.New()
		if _, err := io.Copy(one, f); err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %x\n", path, one.Sum(nil))
		return nil
	})
	return sum(h), err
}
