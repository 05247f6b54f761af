package sqlserver

import (
	"crypto/tls"
	"strconv"
	"strings"
)

// The lines that an address file may hold.
const addressLines = "server, port, database, user, password, encrypt, tls_min, certificate, certificate_host, trust_server, application_intent, bytes"

var tlsVersions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// ParseAddress reads an address file: lines "name = value", blank lines, and
// lines that begin with #. A value goes to the end of its line and is taken as
// it is, so that a password needs no quoting; blanks around it do not belong to
// it. An error names the line and shows nothing of it.
//
//	server = 10.1.2.3\HOSIX
//	database = HIS
//	user = sih_read
//	password = …
//	encrypt = true             # true, login, disable: see Encrypt
//	tls_min = 1.2
//	certificate = hospital.pem
//	certificate_host = sql01.hospital.local
//	trust_server = no
//	application_intent = readonly
//	bytes = dbo.PACIENTES.OBS, dbo.NOTAS.*
//
// (Remarks stand on lines of their own; those above would be read as values.)
//
// The drivers' own form, sqlserver://user:password@host:1433/instance?database=HIS,
// is taken as well.
func ParseAddress(text string) (Config, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\uFEFF"))
	if strings.HasPrefix(text, scheme) {
		return parseURL(text)
	}
	var c Config
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case !ok:
			return Config{}, faultf("", "write name = value", "line %d of the address is not of the form name = value", i+1)
		case seen[name]:
			return Config{}, faultf("", "remove one of them", "line %d of the address repeats a name", i+1)
		case !c.set(name, value):
			return Config{}, faultf("", "the names are: "+addressLines, "line %d of the address has an unknown name, or a value that does not fit it", i+1)
		}
		seen[name] = true
	}
	return c, nil
}

// set sets one field and tells whether it is known and fits.
func (c *Config) set(name, value string) (ok bool) {
	switch name {
	case "server":
		return c.setServer(value)
	case "port":
		if c.Port != 0 {
			return false // server = has one
		}
		n, err := strconv.ParseUint(value, 10, 16)
		c.Port = uint16(n)
		return err == nil && n > 0
	case "database":
		c.Database = value
	case "user":
		c.User = value
	case "password":
		c.Password = Password(value)
	case "encrypt":
		c.Encrypt = Encrypt(strings.ToLower(value))
		return c.Encrypt == EncryptAll || c.Encrypt == EncryptLogin || c.Encrypt == EncryptNone
	case "tls_min":
		c.TLSMin, ok = tlsVersions[value]
		return ok
	case "certificate":
		c.Certificate = value
	case "certificate_host":
		c.CertificateHost = value
	case "trust_server":
		c.TrustServer = strings.EqualFold(value, "yes")
		return c.TrustServer || strings.EqualFold(value, "no")
	case "application_intent":
		c.ReadOnlyIntent = strings.EqualFold(value, "readonly")
		return c.ReadOnlyIntent || strings.EqualFold(value, "readwrite")
	case "bytes":
		for name := range strings.SplitSeq(value, ",") {
			c.Bytes = append(c.Bytes, strings.TrimSpace(name))
		}
	default:
		return false
	}
	return true
}

// setServer takes HOST, HOST\INSTANCE or, as SQL Server's own tools write it,
// HOST,PORT; and their names of this
// machine.
func (c *Config) setServer(value string) bool {
	host, port, numbered := strings.Cut(value, ",")
	if numbered && !c.set("port", strings.TrimSpace(port)) {
		return false
	}
	c.Server, c.Instance, _ = strings.Cut(strings.TrimSpace(host), `\`)
	if c.Server == "." || strings.EqualFold(c.Server, "(local)") {
		c.Server = "localhost"
	}
	return c.Server != ""
}
