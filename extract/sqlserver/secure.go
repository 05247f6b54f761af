package sqlserver

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"slices"
	"strings"
)

// trust is what a server's certificate is held against.
type trust struct {
	any    bool // takes any
	host   string
	named  bool                // the host is one that the address names for the certificate
	pinned []*x509.Certificate // of the file; none: what this machine trusts
}

var errNoCertificate = errors.New("the file of the certificate holds none in PEM")

// trust reads the file of the certificate.
func (c *Config) trust() (*trust, error) {
	t := &trust{any: c.TrustServer, host: cmp.Or(c.CertificateHost, c.Server), named: c.CertificateHost != ""}
	if c.Certificate == "" {
		return t, nil
	}
	data, err := os.ReadFile(c.Certificate)
	if err != nil {
		return nil, &Error{"", err, "mend certificate in the address file"}
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &Error{"", err, "mend the file that certificate in the address file names"}
		}
		t.pinned = append(t.pinned, cert)
	}
	if t.pinned == nil {
		return nil, &Error{"", errNoCertificate, "export it in Base64 (PEM) and name it in the address file"}
	}
	return t, nil
}

// check holds what a server showed against what is trusted. The very
// certificate of the file is good, however old it is and, where no other name
// is asked for, whatever host it names: those that SQL Server makes for itself
// name none.
func (t *trust) check(c tls.ConnectionState) error {
	if t.any {
		return nil
	}
	leaf := c.PeerCertificates[0] // a server always shows one
	if slices.ContainsFunc(t.pinned, leaf.Equal) && (!t.named || leaf.VerifyHostname(t.host) == nil) {
		return nil
	}
	o := x509.VerifyOptions{DNSName: t.host, Intermediates: x509.NewCertPool()}
	if t.pinned != nil {
		o.Roots = x509.NewCertPool()
		for _, p := range t.pinned {
			o.Roots.AddCert(p)
		}
	}
	for _, p := range c.PeerCertificates[1:] {
		o.Intermediates.AddCert(p)
	}
	_, err := leaf.Verify(o)
	if err == nil {
		return nil
	}
	return &certificateError{leaf, err}
}

// certificateError tells that a server's certificate is not good.
type certificateError struct {
	leaf *x509.Certificate
	err  error
}

// Error tells what is not good about it.
func (e *certificateError) Error() string { return "the server's certificate: " + e.err.Error() }

// Unwrap returns the fault as crypto/x509 tells it.
func (e *certificateError) Unwrap() error { return e.err }

// advice says what to write to have the certificate taken.
func (e *certificateError) advice() string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.As(e.err, &host) && len(e.leaf.DNSNames) > 0:
		return "write certificate_host = " + strings.Join(e.leaf.DNSNames, " or ") + " in the address file, if that is the server"
	case errors.As(e.err, &unknown), errors.As(e.err, &host):
		return "have the administrator export the server's certificate as PEM, and write certificate = FILE in the address file; trust_server = yes takes any, and then nobody knows who answers"
	}
	return "have the administrator renew the server's certificate, or write certificate = FILE with this very one"
}

// oldSuites are the ciphers for servers from before TLS 1.2: beside those that
// Go offers by itself the ones without forward secrecy, which are all that
// some of them have.
func oldSuites() []uint16 {
	var out []uint16
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if !strings.Contains(s.Name, "RC4") {
			out = append(out, s.ID)
		}
	}
	return out
}

// apply makes of what a driver prepared what the config asks for. The drivers'
// own check of the certificate is turned off, for check does it.
func (t *trust) apply(c *tls.Config, least uint16) {
	c.MinVersion = least
	if least < tls.VersionTLS12 {
		c.CipherSuites = oldSuites()
	}
	c.InsecureSkipVerify = true
	c.VerifyConnection = t.check
}
