//go:build mssql_microsoft

package sqlserver

import (
	"crypto/tls"
	"database/sql/driver"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
)

// DriverName is the driver that this build reads with.
const DriverName = "github.com/microsoft/go-mssqldb"

// newConnector returns the driver's way to address, which is connected to by
// way of d. secure gets what TLS is to be like, before it is used.
func newConnector(address string, d *dialer, secure func(*tls.Config)) (driver.Connector, error) {
	cfg, err := msdsn.Parse(address)
	if err != nil {
		return nil, err
	}
	cfg.DisableRetry = true
	if cfg.TLSConfig != nil {
		secure(cfg.TLSConfig)
	}
	c := mssql.NewConnectorConfig(cfg)
	c.Dialer = d
	return c, nil
}
