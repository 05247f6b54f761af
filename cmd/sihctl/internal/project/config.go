package project

import (
	"slices"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/reconcile"
)

// Config is what sihctl.yaml says, with every default in its place.
type Config struct {
	// Project is the migration's name.
	Project string
	// Country is the profile of identifier and name rules: ma or dz.
	Country string
	// Sources are sorted by their ids, whatever their order in the file.
	Sources []Source
	// Facilities is the master list of facilities, or empty.
	Facilities string
	// Corrections is the list of what somebody has corrected in the sources'
	// rows, or empty.
	Corrections string
	Target      Target
	// Scope is the list of what was to be migrated and what not, or empty.
	Scope string
	// Sample says how sure the sample of the workbook must be.
	Sample Sample
	// Tolerances says what share of a table's entities may be rejected.
	Tolerances reconcile.Limits
	// Mappings is the folder of the project's own mappings, and Snapshots that
	// of the snapshots.
	Mappings, Snapshots string
	// Recipients are those whom snapshots are encrypted to, age1…; where there
	// is none, snapshots are plain.
	Recipients []string
	// Identity is the file of the age key that opens what was encrypted to us,
	// and SigningKey that of the minisign key that signs what we extract; or
	// empty.
	Identity, SigningKey string
	// Wave names the wave that the project belongs to, or is empty.
	Wave string
	Mode Mode
}

// Source is one database or one set of files.
type Source struct {
	ID sih.SourceID
	// System names the mapping: the project's mappings/System, or the embedded
	// one.
	System string
	Driver Driver
	// DSNFile holds a database's address and password.
	DSNFile string
	// Path is the folder of the files, or of the snapshot.
	Path string
	// Separator parts fields; 0 has it found out.
	Separator rune
	// Quote encloses fields; 0 stands for the double quote.
	Quote rune
	// Unquoted says that nothing is quoted; Quote is then 0.
	Unquoted bool
	// Escaped says that a backslash escapes and nothing is quoted, as in the
	// files that MySQL writes itself.
	Escaped bool
	// Encoding is that of the files, or empty for the driver's own.
	Encoding string
	// Encodings are tried in turn on each value that does not decode.
	Encodings []string
	// Files is the pattern of the files that are tables of their own.
	Files string
	// Tables names tables with the patterns of their files.
	Tables   map[string][]string
	Facility Facility
	// Declared is the file of the control totals that the hospital reported, and
	// ServerTotals that of what its people counted on the server; or empty.
	Declared, ServerTotals string
	// Sender is the public key, RW…, of the one whose signature the source's
	// snapshot must have; or empty.
	Sender string
	// LeaveOut says by table what is not extracted.
	LeaveOut map[string]LeaveOut
	// Window is when the source may be read; the zero Window is always.
	Window Window
	// MaxRate is how many rows a second are read at most; 0 is as many as come.
	MaxRate int64
	// AllowLock names the tables that may be locked while they are read.
	AllowLock []string
	// Connections is how many connections read a database at once; 0 leaves it
	// to the adapter.
	Connections int
	// Attachments says by table where the files lie that its rows name. They
	// are copied beside the snapshot.
	Attachments map[string]Attachment
}

// Driver is a technology that sources are read with.
type Driver string

// The drivers.
const (
	CSV       Driver = "csv"
	XLSX      Driver = "xlsx"
	Snapshot  Driver = "snapshot"
	SQLServer Driver = "sqlserver"
	MySQL     Driver = "mysql"
	Postgres  Driver = "postgres"
)

// Database tells whether a driver reads a server, which goes on being written
// to, and not files.
func (d Driver) Database() bool { return d == SQLServer || d == MySQL || d == Postgres }

// Facility says whose records a source holds: those of one facility, or of the
// one whose code a column holds. The zero Facility says nothing.
type Facility struct {
	Code   string
	Column string
}

// Sample says how large a random sample is: so large that with no error found
// in it at most the tolerable share of rows is wrong, with that confidence.
type Sample struct {
	Confidence, Tolerable float64
	// Seed draws another sample; empty stands for the run's own id.
	Seed string
}

// LeaveOut says what of a table is not extracted: all of it, or some columns.
type LeaveOut struct {
	All     bool
	Columns []string
}

// Attachment says where the files lie that a table names.
type Attachment struct {
	// Column holds the file's name, below Folder.
	Column, Folder string
}

// Target is the unified store.
type Target struct {
	Driver TargetDriver
	Path   string // the file of an embedded store
	// DSNFile holds a server's address and login; Schema is where on it the
	// store lies: a schema of PostgreSQL's or SQL Server's, a database of
	// MySQL's.
	DSNFile, Schema string
}

// TargetDriver is an engine that holds a unified store.
type TargetDriver string

// The engines. SQLite is the embedded one.
const (
	SQLite         TargetDriver = "sqlite"
	PostgresStore  TargetDriver = "postgres"
	MySQLStore     TargetDriver = "mysql"
	SQLServerStore TargetDriver = "sqlserver"
)

// Mode says what a run is for.
type Mode string

// The modes.
const (
	Rehearsal Mode = "rehearsal"
	Final     Mode = "final"
	Delta     Mode = "delta"
	// Wave brings further sources into a store that is live already.
	Wave Mode = "wave"
)

// Source returns the source of that id, or nil.
func (c *Config) Source(id sih.SourceID) *Source {
	i := slices.IndexFunc(c.Sources, func(s Source) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Sources[i]
}

// defaults are what holds where the file says nothing.
func defaults() Config {
	return Config{
		Country:   "ma",
		Target:    Target{Driver: SQLite, Path: "unified.db"},
		Mappings:  "mappings",
		Snapshots: "snapshots",
		Mode:      Rehearsal,
		Sample:    Sample{Confidence: 0.95, Tolerable: 0.01},
	}
}

// override lets the environment correct what differs between machines and
// runs of one project: SIHCTL_TARGET, SIHCTL_IDENTITY, SIHCTL_SIGNING_KEY,
// SIHCTL_WAVE and SIHCTL_MODE.
func (c *Config) override(lookup func(string) (string, bool)) error {
	if v, ok := lookup("SIHCTL_TARGET"); ok && v != "" && c.Target.Driver == SQLite {
		c.Target.Path = v
	}
	for name, to := range map[string]*string{"SIHCTL_IDENTITY": &c.Identity, "SIHCTL_SIGNING_KEY": &c.SigningKey} {
		if v, ok := lookup(name); ok && v != "" {
			*to = v
		}
	}
	if v, ok := lookup("SIHCTL_WAVE"); ok {
		c.Wave = v
	}
	if v, ok := lookup("SIHCTL_MODE"); ok && v != "" {
		if !slices.Contains(modes, v) {
			return &EnvError{Name: "SIHCTL_MODE", Want: oneOf(modes)}
		}
		c.Mode = Mode(v)
	}
	return nil
}
