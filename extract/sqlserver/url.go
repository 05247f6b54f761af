package sqlserver

import (
	"net/url"
	"strconv"
	"strings"
)

const scheme = "sqlserver://"

const urlForm = "write sqlserver://user:password@host:1433?database=NAME, where signs in the password other than letters and digits are written %XX, or the lines server = …, database = …"

// parseURL reads an address in the form of the drivers:
// sqlserver://user:password@host:1433/instance?database=HIS&encrypt=true.
// What it asks for beyond what Config knows is refused rather than ignored.
func parseURL(text string) (Config, error) {
	u, err := url.Parse(text)
	if err != nil || u.User == nil || u.Fragment != "" || strings.Contains(u.Host, ",") {
		// The error would show the address, password and all.
		return Config{}, faultf("", urlForm, "the address is no sqlserver:// URL")
	}
	c := Config{Server: u.Hostname(), Instance: strings.TrimPrefix(u.Path, "/"), User: u.User.Username()}
	password, _ := u.User.Password()
	c.Password = Password(password)
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return Config{}, faultf("", urlForm, "the address has no fit port")
		}
		c.Port = uint16(n)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, faultf("", urlForm, "the address is no sqlserver:// URL")
	}
	seen := map[string]bool{}
	for name, values := range query {
		line, known := urlNames[strings.ToLower(name)]
		again := seen[line]
		seen[line] = true
		if !known || again || len(values) != 1 || !c.set(line, urlValue(line, values[0])) {
			return Config{}, faultf("", "the parameters are: database, encrypt, tlsmin, certificate, hostNameInCertificate, TrustServerCertificate, ApplicationIntent",
				"the address has a parameter that is not known, or a value that does not fit it")
		}
	}
	return c, nil
}

// urlNames gives the drivers' names of what lines of an address say.
var urlNames = map[string]string{
	"database": "database", "encrypt": "encrypt", "tlsmin": "tls_min", "certificate": "certificate",
	"hostnameincertificate": "certificate_host", "trustservercertificate": "trust_server", "applicationintent": "application_intent",
}

// urlValue returns the line's word for the drivers' value.
func urlValue(line, value string) string {
	switch v := strings.ToLower(value); {
	case line == "encrypt" && v == "false": // the drivers encrypt the login all the same
		return string(EncryptLogin)
	case line == "trust_server" && v == "true":
		return "yes"
	case line == "trust_server" && v == "false":
		return "no"
	}
	return value
}
