package simulate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/snapshot"
)

// OpenMySQL opens the database of a DSN. What is wrong with the DSN is not
// told: it might show a part of the password.
func OpenMySQL(dsn string) (*sql.DB, error) {
	login, err := mysql.ParseDSN(dsn)
	if err != nil || login.DBName == "" || login.Net != "tcp" && login.Net != "unix" {
		return nil, errors.New("the DSN is not of the form user:password@tcp(host:3306)/database")
	}
	login.Logger = &mysql.NopLogger{} // writes to stderr otherwise
	connector, err := mysql.NewConnector(login)
	if err != nil {
		return nil, errors.New("the DSN asks for what the driver does not know")
	}
	return sql.OpenDB(connector), nil
}

// LoadMySQL writes the tables of a snapshot of a MySQL system into an empty
// database of a MySQL or MariaDB server. A table without a key becomes one of
// MyISAM, as they are in old systems.
func LoadMySQL(ctx context.Context, conn *sql.Conn, snap *snapshot.Snapshot) error {
	// Zero, partial and impossible dates are what old systems are full of; what else does
	// not fit a column is an error.
	for _, statement := range []string{"SET NAMES utf8mb4", "SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES'"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("set up the session: %w", err)
		}
	}
	db := mysqlDatabase{ctx, conn}
	for _, t := range snap.Tables {
		w, err := db.Table(t.Table)
		if err != nil {
			return err
		}
		for _, c := range t.Chunks {
			for row, err := range snap.Rows(t, c) {
				if err == nil {
					err = w.Append(row)
				}
				if err != nil {
					return fmt.Errorf("load %s: %w", t.Name, err)
				}
			}
		}
		if err := w.Close(); err != nil {
			return fmt.Errorf("load %s: %w", t.Name, err)
		}
	}
	return nil
}

// mysqlDatabase writes a system's tables into a server.
type mysqlDatabase struct {
	ctx  context.Context
	conn *sql.Conn
}

// Table creates a table of the server.
func (d mysqlDatabase) Table(t extract.Table) (tableWriter, error) {
	if _, err := d.conn.ExecContext(d.ctx, createTable(t)); err != nil {
		return nil, fmt.Errorf("create table %s: %w", t.Name, err)
	}
	return &mysqlTable{mysqlDatabase: d, name: t.Name}, nil
}

// createTable is the statement that makes a table.
func createTable(t extract.Table) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE `" + t.Name + "` (")
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + c.Name + "` " + c.Type)
		if !c.Nullable {
			b.WriteString(" NOT NULL")
		}
	}
	engine := "MyISAM"
	if len(t.Key) > 0 {
		b.WriteString(", PRIMARY KEY (`" + strings.Join(t.Key, "`, `") + "`)")
		engine = "InnoDB"
	}
	b.WriteString(") ENGINE=" + engine + " DEFAULT CHARSET=utf8mb4")
	return b.String()
}

// statementBytes is how long a statement grows before it is sent: a server
// takes a megabyte at least.
const statementBytes = 256 << 10

// mysqlTable writes rows in statements of many.
type mysqlTable struct {
	mysqlDatabase
	name string
	buf  []byte
}

// Append writes a row. Values are written in hexadecimal, which leaves nothing
// to escape; the server turns them into the column's type.
func (t *mysqlTable) Append(row extract.Row) error {
	if len(t.buf) == 0 {
		t.buf = append(t.buf, "INSERT INTO `"+t.name+"` VALUES "...)
	} else {
		t.buf = append(t.buf, ',')
	}
	for i, v := range row {
		t.buf = append(t.buf, "(,"[min(i, 1)])
		t.buf = appendLiteral(t.buf, v)
	}
	t.buf = append(t.buf, ')')
	if len(t.buf) < statementBytes {
		return nil
	}
	return t.Close()
}

func appendLiteral(b []byte, v sih.Raw) []byte {
	switch {
	case v.Null:
		return append(b, "NULL"...)
	case !v.Bytes:
		b = append(b, "_utf8mb4 "...)
	}
	return fmt.Appendf(b, "X'%X'", v.Text)
}

// Close sends what was not sent yet.
func (t *mysqlTable) Close() error {
	if len(t.buf) == 0 {
		return nil
	}
	_, err := t.conn.ExecContext(t.ctx, string(t.buf))
	t.buf = t.buf[:0]
	return err
}
