package project

import (
	"cmp"
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
	"go.yaml.in/yaml/v3"
)

// The words that the closed fields take.
var (
	countries     = []string{"ma", "dz"}
	modes         = []string{string(Rehearsal), string(Final), string(Delta), string(Wave)}
	drivers       = []string{string(CSV), string(XLSX), string(Snapshot), string(SQLServer), string(MySQL), string(Postgres)}
	targetDrivers = []string{string(SQLite), string(PostgresStore), string(MySQLStore), string(SQLServerStore)}
)

var sourceName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// tableNames lists the unified tables.
func tableNames() []string {
	names := make([]string, len(sih.Tables))
	for i, t := range sih.Tables {
		names[i] = t.Name
	}
	return names
}

// config reads the whole file.
func (d *decoder) config(c *Config, n *yaml.Node) {
	d.fields(n, "the config", map[string]field{
		"project":     d.text(&c.Project, "project"),
		"country":     choice(d, &c.Country, "country", countries),
		"sources":     d.sources(&c.Sources),
		"facilities":  d.path(&c.Facilities, "facilities"),
		"recipients":  d.recipients(&c.Recipients),
		"identity":    d.path(&c.Identity, "identity"),
		"signing_key": d.path(&c.SigningKey, "signing_key"),
		"target":      d.target(&c.Target),
		"tolerances":  d.tolerances(&c.Tolerances),
		"scope":       d.path(&c.Scope, "scope"),
		"sample":      d.sample(&c.Sample),
		"corrections": d.path(&c.Corrections, "corrections"),
		"mappings":    d.path(&c.Mappings, "mappings"),
		"snapshots":   d.path(&c.Snapshots, "snapshots"),
		"wave":        d.text(&c.Wave, "wave"),
		"mode":        choice(d, &c.Mode, "mode", modes),
	})
	if n := resolve(n); n.Kind == yaml.MappingNode && c.Project == "" {
		d.fail(n, "write project: a-name-of-yours", "the project has no name")
	}
	if utf8.RuneCountInString(c.Wave) > 64 {
		d.fail(n, "shorten it", "wave is longer than 64 characters")
	}
}

// schemaName leaves room for what the names of a target's other places add.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,49}$`)

// target reads the unified store.
func (d *decoder) target(to *Target) field {
	return func(n *yaml.Node) {
		usual := to.Path
		to.Path = ""
		d.fields(n, "target", map[string]field{
			"driver":   choice(d, &to.Driver, "driver", targetDrivers),
			"path":     d.path(&to.Path, "path"),
			"dsn_file": d.path(&to.DSNFile, "dsn_file"),
			"schema":   d.text(&to.Schema, "schema"),
		})
		switch {
		case to.Driver == SQLite:
			to.Path = cmp.Or(to.Path, usual)
			if to.DSNFile != "" || to.Schema != "" {
				d.fail(n, "remove them", "target: dsn_file and schema belong to servers and not to driver %s", to.Driver)
			}
			return
		case to.DSNFile == "":
			d.fail(n, "write dsn_file: with the file that holds its address and login", "target has no dsn_file")
		case to.Path != "":
			d.fail(n, "remove it", "target: path belongs to files and not to driver %s", to.Driver)
		}
		if to.Schema = cmp.Or(to.Schema, "unified"); !schemaName.MatchString(to.Schema) {
			d.fail(n, "use 1 to 50 of a-z, 0-9 and _, a letter first", "target: schema %q has an unfit name", to.Schema)
		}
	}
}

// path returns a field that takes the name of a file or folder: absolute, or
// below the project. A name that leads out of the project by ".." would mean
// another file on another machine.
func (d *decoder) path(to *string, what string) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, what)
		if !ok {
			return
		}
		clean := path.Clean(strings.ReplaceAll(s, `\`, "/"))
		if clean == ".." || strings.HasPrefix(clean, "../") {
			d.fail(n, "write an absolute path for what lies elsewhere", "%s leads out of the project", what)
			return
		}
		*to = s
	}
}

// sources reads the sources and sorts them.
func (d *decoder) sources(to *[]Source) field {
	return func(n *yaml.Node) {
		d.entries(n, "sources", func(k, v *yaml.Node) {
			if !sourceName.MatchString(k.Value) {
				d.fail(k, "use 1 to 40 of a-z, 0-9 and -", "source %q has an unfit name", k.Value)
				return
			}
			s := Source{ID: sih.SourceID(k.Value)}
			before := len(d.errors)
			d.source(&s, v)
			if len(d.errors) == before {
				d.complete(&s, k)
			}
			*to = append(*to, s)
		})
		slices.SortFunc(*to, func(a, b Source) int { return strings.Compare(string(a.ID), string(b.ID)) })
	}
}

func (d *decoder) source(s *Source, n *yaml.Node) {
	d.fields(n, "source "+string(s.ID), map[string]field{
		"system":        d.system(&s.System),
		"driver":        choice(d, &s.Driver, "driver", drivers),
		"dsn_file":      d.path(&s.DSNFile, "dsn_file"),
		"path":          d.path(&s.Path, "path"),
		"separator":     d.separator(&s.Separator),
		"quote":         d.quote(s),
		"escape":        d.escape(&s.Escaped),
		"encoding":      d.text(&s.Encoding, "encoding"),
		"encodings":     d.list(&s.Encodings, "encodings"),
		"files":         d.pattern(&s.Files),
		"tables":        d.tables(&s.Tables),
		"facility":      d.facility(&s.Facility),
		"declared":      d.path(&s.Declared, "declared"),
		"server_totals": d.path(&s.ServerTotals, "server_totals"),
		"sender":        d.sender(&s.Sender),
		"leave_out":     d.leaveOut(&s.LeaveOut),
		"window":        d.window(&s.Window),
		"max_rate":      number(d, &s.MaxRate, "max_rate", 1e9, "rows a second, such as 20000"),
		"allow_lock":    d.list(&s.AllowLock, "allow_lock"),
		"connections":   number(d, &s.Connections, "connections", 64, "1 to 64"),
		"attachments":   d.attachments(&s.Attachments),
	})
}

// complete checks what concerns several fields of a source.
func (d *decoder) complete(s *Source, at *yaml.Node) {
	if s.System == "" {
		d.fail(at, "name its mapping: system: hosix", "source %s has no system", s.ID)
	}
	switch s.Driver {
	case "":
		d.fail(at, "write driver: "+oneOf(drivers), "source %s has no driver", s.ID)
	case MySQL, SQLServer, Postgres:
		if s.DSNFile == "" {
			d.fail(at, "write dsn_file: with the file that holds its address and login", "source %s has no dsn_file", s.ID)
		}
		if s.Path != "" || s.Files != "" || s.Tables != nil {
			d.fail(at, "remove them", "source %s: path, files and tables belong to files and not to driver %s", s.ID, s.Driver)
		}
	default:
		if s.Path == "" {
			d.fail(at, "write path: with the folder of its files", "source %s has no path", s.ID)
		}
		if s.DSNFile != "" {
			d.fail(at, "remove it", "source %s: dsn_file belongs to databases and not to driver %s", s.ID, s.Driver)
		}
		if len(s.AllowLock) > 0 || s.Connections > 0 {
			d.fail(at, "remove them", "source %s: allow_lock and connections belong to databases and not to driver %s", s.ID, s.Driver)
		}
	}
	if s.Escaped && s.Quote != 0 {
		d.fail(at, "remove one of them", "source %s: a file has either quotes or escapes", s.ID)
	}
	if s.Driver == Snapshot && (!s.Window.Always() || s.MaxRate > 0 || s.Attachments != nil) {
		d.fail(at, "write them where the source is extracted", "source %s: window, max_rate and attachments belong to what is still to be read, and a snapshot has been", s.ID)
	}
	if s.Driver != CSV && (s.Separator != 0 || s.Quote != 0 || s.Unquoted || s.Escaped || s.Encoding != "") {
		d.fail(at, "remove them", "source %s: separator, quote, escape and encoding belong to driver csv", s.ID)
	}
}

// window reads a time of day.
func (d *decoder) window(to *Window) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "window")
		if !ok {
			return
		}
		w, err := ParseWindow(s)
		var fault *WindowError
		if errors.As(err, &fault) {
			d.fail(n, fault.Hint(), "window %v", fault)
			return
		}
		*to = w
	}
}

// number returns a field that takes a whole number from 1 to most.
func number[T int | int64](d *decoder, to *T, what string, most int64, want string) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, what)
		if !ok || s == "" {
			return
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil || v < 1 || v > most {
			d.fail(n, "write "+want, "%s is not a number from 1 to %d", what, most)
			return
		}
		*to = T(v)
	}
}

// attachments reads table: {column: NAME, folder: PATH}.
func (d *decoder) attachments(to *map[string]Attachment) field {
	return func(n *yaml.Node) {
		*to = map[string]Attachment{}
		d.entries(n, "attachments", func(k, v *yaml.Node) {
			var a Attachment
			d.fields(v, "attachments of "+k.Value, map[string]field{
				"column": d.text(&a.Column, "column"),
				"folder": d.path(&a.Folder, "folder"),
			})
			if a.Column == "" || a.Folder == "" {
				d.fail(k, "write {column: the column that names its file, folder: where the files lie}", "attachments of %q lack a column or a folder", k.Value)
			}
			(*to)[k.Value] = a
		})
	}
}

// system reads the name of a mapping's folder.
func (d *decoder) system(to *string) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "system")
		if ok && !sourceName.MatchString(s) {
			d.fail(n, "use 1 to 40 of a-z, 0-9 and -", "system %q has an unfit name", s)
			return
		}
		*to = s
	}
}

// separator reads one character, or the word tab.
func (d *decoder) separator(to *rune) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, "separator")
		switch {
		case !ok || s == "":
		case s == "tab":
			*to = '\t'
		case len(s) == 1:
			*to = rune(s[0])
		default:
			d.fail(n, `write one ASCII character in quotes, such as ";", or tab`, "separator is not one character")
		}
	}
}

// quote reads one character, or the word none.
func (d *decoder) quote(s *Source) field {
	return func(n *yaml.Node) {
		q, ok := d.scalar(n, "quote")
		switch {
		case !ok || q == "":
		case q == "none":
			s.Unquoted = true
		case len(q) == 1:
			s.Quote = rune(q[0])
		default:
			d.fail(n, `write one ASCII character in quotes, such as "'", or none`, "quote is not one character")
		}
	}
}

// escape reads the one character that can escape, by its name.
func (d *decoder) escape(to *bool) field {
	return func(n *yaml.Node) {
		var word string
		choice(d, &word, "escape", []string{"backslash"})(n)
		*to = word == "backslash"
	}
}

// pattern reads a pattern of file names.
func (d *decoder) pattern(to *string) field {
	return func(n *yaml.Node) {
		if s, ok := d.scalar(n, "files"); ok && d.patterns(n, s) {
			*to = s
		}
	}
}

func (d *decoder) patterns(n *yaml.Node, list ...string) bool {
	for _, s := range list {
		if _, err := path.Match(s, ""); err != nil {
			d.fail(n, "use * and ? for letters, [a-z] for one of several", "pattern %q cannot be read", s)
			return false
		}
	}
	return true
}

// tables reads table: pattern, or table: [pattern, …].
func (d *decoder) tables(to *map[string][]string) field {
	return func(n *yaml.Node) {
		*to = map[string][]string{}
		d.entries(n, "tables", func(k, v *yaml.Node) {
			var list []string
			d.list(&list, "tables")(v)
			if len(list) == 0 {
				d.fail(v, "write the pattern of its files", "table %q has no files", k.Value)
			}
			if d.patterns(v, list...) {
				(*to)[k.Value] = list
			}
		})
	}
}

// facility reads a code, or {column: NAME}.
func (d *decoder) facility(to *Facility) field {
	return func(n *yaml.Node) {
		if resolve(n).Kind == yaml.MappingNode {
			d.fields(n, "facility", map[string]field{"column": d.text(&to.Column, "column")})
			return
		}
		d.text(&to.Code, "facility")(n)
	}
}

// leaveOut reads table: "*", or table: [column, …].
func (d *decoder) leaveOut(to *map[string]LeaveOut) field {
	return func(n *yaml.Node) {
		*to = map[string]LeaveOut{}
		d.entries(n, "leave_out", func(k, v *yaml.Node) {
			var l LeaveOut
			d.list(&l.Columns, "leave_out")(v)
			if slices.Contains(l.Columns, "*") {
				l = LeaveOut{All: true}
			} else if len(l.Columns) == 0 {
				d.fail(v, `write "*" for the whole table, or its columns`, "leave_out says nothing of %q", k.Value)
			}
			(*to)[k.Value] = l
		})
	}
}

// sample reads how sure the sample must be.
func (d *decoder) sample(to *Sample) field {
	share := func(v *float64, what string) field {
		return func(n *yaml.Node) {
			text, ok := d.scalar(n, what)
			if !ok || text == "" {
				return
			}
			s, err := reconcile.ParseShare(text)
			if err != nil || s <= 0 || s >= reconcile.Whole {
				d.fail(n, "write a share such as 95% or 1%", "%s is not between 0%% and 100%%", what)
				return
			}
			*v = float64(s) / float64(reconcile.Whole)
		}
	}
	return func(n *yaml.Node) {
		d.fields(n, "sample", map[string]field{
			"confidence": share(&to.Confidence, "confidence"),
			"tolerable":  share(&to.Tolerable, "tolerable"),
			"seed":       d.text(&to.Seed, "seed"),
		})
	}
}
