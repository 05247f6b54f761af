package sqlserver

import (
	"context"
	"database/sql"
	"time"

	"github.com/sihctl/sih"
)

// SetStall has the connections to come wait that long for a silent server.
func (s *Source) SetStall(d time.Duration) { s.cfg.Stall = d }

// OpenDB opens the database for tests that write to it.
func OpenDB(cfg Config) (*sql.DB, error) {
	cfg = cfg.withDefaults()
	return openDB(context.Background(), cfg, &dialer{stall: cfg.Stall})
}

// DecodeWide reads UTF-16.
var DecodeWide = decodeWide

// DecodePage reads a text of a code page of one byte per character.
func DecodePage(number int, b []byte) sih.Raw { return pageOf(number).decode(b) }

// ParseGreeting returns the version in what a server says before the login.
func ParseGreeting(b []byte) (major int, err error) {
	g, err := parseGreeting(b)
	return g.major, err
}

// PortOf finds an instance's port in what SQL Server Browser says.
var PortOf = portOf

// Index is a unique index as the catalogue has it.
type Index struct {
	ID                       int
	Name                     string
	Primary, Nullable, Unfit bool
}

// Identify returns the indexes by which a table with these is keyed, ordered
// and, where the server is told so, read.
func Identify(list []Index) (key, order, path string) {
	var all []*index
	for _, i := range list {
		all = append(all, &index{id: i.ID, name: i.Name, primary: i.Primary, nullable: i.Nullable, unfit: i.Unfit, columns: []*column{{name: i.Name}}})
	}
	t := &table{}
	t.identify(all)
	if t.key != nil {
		key = t.key[0].name
	}
	if t.order != nil {
		order = t.order[0].name
	}
	return key, order, t.path
}
