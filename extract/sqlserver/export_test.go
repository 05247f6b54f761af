package sqlserver

import (
	"crypto/tls"
	"database/sql"
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
