package sqlserver

import (
	"cmp"
	"crypto/tls"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config says which database to read, and how the way there is secured. The
// zero value of a field stands for its default.
type Config struct {
	// Server is the host's name or address.
	Server string
	// Instance is a named instance, whose port SQL Server Browser (UDP 1434)
	// tells. It is not used where Port is given.
	Instance string
	// Port is the TCP port; 0 stands for 1433, or for the instance's.
	Port     uint16
	Database string
	// User is a login of the server, or DOMAIN\user.
	User     string
	Password Password

	Encrypt Encrypt
	// TLSMin is the least version of TLS; 0 stands for TLS 1.2. Servers from
	// before 2016 that never were updated know 1.0 only.
	TLSMin uint16
	// Certificate is a PEM file with the certificate that the server must show,
	// whatever that says, or its authority's.
	Certificate string
	// CertificateHost is the name in the server's certificate where it is not
	// Server.
	CertificateHost string
	// TrustServer takes any certificate: the way is then encrypted and the
	// server unproven.
	TrustServer bool
	// ReadOnlyIntent asks an availability group for its readable secondary.
	ReadOnlyIntent bool

	// Connect is the longest time for logging in, 0 for 30 seconds.
	Connect time.Duration
	// Lock is how long a statement waits for another's lock, 0 for ten seconds.
	// It is asked again a few times, with as long in all between them; then
	// the reading fails rather than stand in the hospital's way.
	Lock time.Duration
	// Stall is how long the server may send nothing, 0 for ten minutes, the
	// sorting of a large table without a key included.
	Stall time.Duration
	// ChunkRows is the most rows that one statement reads, 0 for 32,768; wide
	// rows are read fewer at a time.
	ChunkRows int

	// Bytes names columns of texts, as schema.table.column or schema.table.*,
	// whose collation tells the wrong code page: they are kept as the bytes
	// that the server stores.
	Bytes []string
	// LeaveOut names, by table, the columns that nobody wants, or "*" for the
	// whole table. Their values do not cross the wire: they come as NULL, but
	// for those of the Order. An examination says nothing of them.
	LeaveOut map[string][]string
	// AllowLock names tables without an order that may be locked against
	// writers while they are read, "*" all of them. It has no effect in a view
	// that is consistent anyway.
	AllowLock []string

	// Notice is told, in a sentence, what a reading found that its user should
	// know. It never holds a value, and may be nil.
	Notice func(string)
	// Remark is told what is good to know and takes nothing from the view, such
	// as that the way is not encrypted. Without it, Notice is.
	Remark func(string)
}

// Password is a secret that does not print itself.
type Password string

// String and GoString show that there is a password, and not which.
func (p Password) String() string { return "(not shown)" }

// GoString is as String.
func (p Password) GoString() string { return p.String() }

// MarshalText is as String.
func (p Password) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Encrypt says what of the connection is encrypted.
type Encrypt string

// The ways to encrypt. The empty Encrypt stands for EncryptAll.
const (
	EncryptAll   Encrypt = "true"
	EncryptLogin Encrypt = "login"   // the login only: what the server offers by default
	EncryptNone  Encrypt = "disable" // not even the password
)

// the defaults of Config.
const (
	defaultPort      = 1433
	defaultConnect   = 30 * time.Second
	defaultLock      = 10 * time.Second
	defaultStall     = 10 * time.Minute
	defaultChunkRows = 32768
)

func (c Config) withDefaults() Config {
	c.Encrypt = cmp.Or(c.Encrypt, EncryptAll)
	c.TLSMin = cmp.Or(c.TLSMin, tls.VersionTLS12)
	c.Connect = cmp.Or(c.Connect, defaultConnect)
	c.Lock = cmp.Or(c.Lock, defaultLock)
	c.Stall = cmp.Or(c.Stall, defaultStall)
	c.ChunkRows = cmp.Or(c.ChunkRows, defaultChunkRows)
	if c.Notice == nil {
		c.Notice = func(string) {}
	}
	return c
}

// leavesOut tells whether nobody wants a column, or, without one, any of a
// table.
func (c *Config) leavesOut(table, column string) bool {
	names := c.LeaveOut[table]
	return slices.Contains(names, "*") || column != "" && slices.Contains(names, column)
}

// check returns what is missing or contradicts itself.
func (c *Config) check() error {
	switch {
	case c.Server == "":
		return faultf("", "write server = HOST, or HOST\\INSTANCE", "the address names no server")
	case c.Database == "":
		return faultf("", "write database = NAME", "the address names no database")
	case c.User == "":
		return faultf("", "write user = LOGIN and password = …", "the address names no user")
	case c.Encrypt != EncryptAll && c.Encrypt != EncryptLogin && c.Encrypt != EncryptNone:
		return faultf("", "", "encrypt is neither true, login nor disable")
	case c.Encrypt == EncryptNone && (c.Certificate != "" || c.CertificateHost != ""):
		return faultf("", "encrypt, or remove the certificate", "a certificate is given and encryption is off")
	case c.TrustServer && c.Certificate != "":
		return faultf("", "remove one of the two", "a certificate is given, and trust_server takes any")
	case slices.ContainsFunc(c.Bytes, func(name string) bool { return strings.Count(name, ".") < 2 }):
		return faultf("", "write bytes = schema.table.column, or schema.table.*", "bytes names what is no column")
	case c.ChunkRows < 1 || c.Connect < 0 || c.Lock < 0 || c.Stall < 0:
		return faultf("", "", "a limit is negative")
	}
	return nil
}

// address returns the drivers' form of the address. What it says of
// certificates is left to trust.
func (c *Config) address() string {
	host := c.Server
	if strings.Contains(host, ":") { // an IPv6 address
		host = "[" + host + "]"
	}
	u := url.URL{Scheme: "sqlserver", User: url.UserPassword(c.User, string(c.Password)), Host: host}
	u.Host += ":" + strconv.Itoa(int(cmp.Or(c.Port, defaultPort)))
	encrypt := map[Encrypt]string{EncryptAll: "true", EncryptLogin: "false", EncryptNone: "disable"}[c.Encrypt]
	q := url.Values{"database": {c.Database}, "encrypt": {encrypt}, "app name": {"sihctl"}, "dial timeout": {strconv.Itoa(int(max(1, c.Connect/time.Second)))}}
	if c.ReadOnlyIntent {
		q.Set("ApplicationIntent", "ReadOnly")
	}
	u.RawQuery = q.Encode()
	return u.String()
}
