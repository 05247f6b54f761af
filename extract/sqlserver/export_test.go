package sqlserver

import (
	"context"
	"database/sql"

	"github.com/sihctl/sih"
)

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
