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
