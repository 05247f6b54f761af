package mysql

import (
	"errors"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Config says what to read. Only DSN is needed.
type Config struct {
	// DSN is the address and the login, as the driver writes it:
	// user:password@tcp(host:3306)/database. Without a database, all but the
	// system's own are read, and tables are named database.table. Its options
	// may ask for TLS and timeouts; what would change values has no effect.
	DSN string
	// Views has views read as well as tables.
	Views bool
	// Connections is how many to read by; 0 is one. Several see one view only
	// where AllowLock holds "*".
	Connections int
	// AllowLock names what may be locked, which nothing is otherwise. With "*"
	// the server holds all writers for the moment, of a few seconds at most, in
	// which the view of several connections is opened. A table of an engine
	// without transactions that is named, as it is listed, is read under LOCK
	// TABLES … READ: as it stood at one moment, while its writers wait until
	// the reading ends.
	AllowLock []string
	// LeaveOut names, by table, the columns that nobody wants, or "*" for all of
	// them. Their values do not cross the wire: they come as NULL, but for those
	// of the Order. The tables that MyISAM has without a key are the exception:
	// a cursor gives whole rows.
	LeaveOut map[string][]string
	// Notice is told, in a sentence, what a reading found that its user should
	// know. It never holds a value, and may be nil.
	Notice func(string)
	// Remark is told what is good to know and takes nothing from the view, such
	// as that fewer connections read than were asked for. Without it, Notice is.
	Remark func(string)
}

// dialTimeout is how long a server may take to answer where the DSN does not
// say.
const dialTimeout = 15 * time.Second

var errDSN = errors.New("it is not of the form user:password@tcp(host:3306)/database")

// login reads the DSN. The driver's own error is left out, since it may show a
// part of a password that stands where something else is meant to.
func (c Config) login() (*mysql.Config, error) {
	login, err := mysql.ParseDSN(c.DSN)
	if err != nil || c.DSN == "" || !slices.Contains([]string{"tcp", "tcp4", "tcp6", "unix"}, login.Net) {
		return nil, &Error{Op: "read the DSN", Why: ErrDSN, Err: errDSN}
	}
	login.ParseTime = false // turns 1934-00-00 into 1933-11-30
	login.MultiStatements = false
	login.InterpolateParams = false
	login.ColumnsWithAlias = false
	login.ClientFoundRows = false
	login.AllowAllFiles = false
	login.Logger = &mysql.NopLogger{} // writes to stderr otherwise
	login.Collation = "utf8mb4_general_ci"
	if login.Timeout == 0 {
		login.Timeout = dialTimeout
	}
	return login, login.Apply(mysql.Charset("utf8mb4", "utf8mb4_general_ci"))
}
