//go:build !mssql_microsoft

package sqlserver

import (
	"context"
	"database/sql/driver"
	"net/url"

	mssql "github.com/denisenkom/go-mssqldb"
	"github.com/denisenkom/go-mssqldb/msdsn"
)

// connector reads a DSN and returns the driver's way there, by way of d.
func connector(dsn *url.URL, d *dialer) (driver.Connector, error) {
	cfg, _, err := msdsn.Parse(dsn.String())
	if err != nil {
		return nil, err
	}
	cfg.DisableRetry = true
	c := mssql.NewConnectorConfig(cfg)
	c.Dialer = d
	return c, nil
}

// copyIn begins a bulk copy into columns of a table.
func copyIn(ctx context.Context, c driver.Conn, table string, columns, order []string) bulk {
	b := c.(*mssql.Conn).CreateBulkContext(ctx, table, columns)
	b.Options = mssql.BulkOptions{KeepNulls: true, Order: order}
	return b
}

// ascii is an argument that the server compares with a column of ids by the
// column's index.
func ascii(text string) driver.Value { return mssql.VarChar(text) }
