package sqlserver

import (
	"crypto/tls"
	"database/sql"

	"github.com/sihctl/sih"
)

// OpenDB opens the database for tests that write to it.
func OpenDB(cfg Config) (*sql.DB, error) {
	cfg = cfg.withDefaults()
	c, err := newConnector(cfg.address(), &dialer{stall: cfg.Stall}, func(c *tls.Config) { c.MinVersion = cfg.TLSMin })
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// DecodeWide reads UTF-16.
var DecodeWide = decodeWide

// DecodePage reads a text of a code page of one byte per character.
func DecodePage(number int, b []byte) sih.Raw { return pageOf(number).decode(b) }
