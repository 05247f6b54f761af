package sqlserver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// encryption climbs down the ladder from what the config asks for, without
// logging in: TLS of today, older TLS, none. It tells whether the way that the
// config asks for is to be had.
func (x *examination) encryption(ctx context.Context, address string) bool {
	trust, err := x.cfg.trust()
	if err != nil {
		x.failed(ctx, "encryption", "read the certificate", err)
		return false
	}
	if x.cfg.Encrypt == EncryptNone {
		return x.unencrypted(ctx, address, trust)
	}
	g, err := x.greet(ctx, address, trust, x.cfg.TLSMin)
	switch {
	case err == nil:
		return x.certificate(g, trust)
	case ctx.Err() != nil:
	case errors.Is(err, errUntried):
		x.faulty("encryption", "have the administrator give the server a certificate; if nobody else is on the network between, write encrypt = disable in the address file: "+readable, "",
			"the server does not encrypt at all, not even the login")
	case g.major == 0:
		x.silent(ctx, err)
	default:
		x.older(ctx, address, trust, err)
	}
	return false
}

const readable = "login, password and every record then cross it readable"

// greet asks the server for the way with that least version of TLS. What its
// certificate is worth is looked at later.
func (x *examination) greet(ctx context.Context, address string, t *trust, least uint16) (greeting, error) {
	cfg := &tls.Config{MaxVersion: tls.VersionTLS12}
	if t != nil {
		if net.ParseIP(t.host) == nil {
			cfg.ServerName = t.host
		}
		t.apply(cfg, least)
		cfg.VerifyConnection = nil
	} else {
		cfg = nil
	}
	d := &dialer{stall: x.cfg.Connect}
	defer d.close()
	timed, cancel := context.WithTimeout(ctx, x.cfg.Connect)
	defer cancel()
	return greet(timed, d, address, cfg)
}

// silent tells of a port behind which no SQL Server speaks.
func (x *examination) silent(ctx context.Context, err error) {
	if isTimeout(err) || errors.Is(err, context.DeadlineExceeded) {
		x.faulty("reach", "see whether the server is overloaded, and whether another program has its port", "", "port %d of %s takes the connection and then says nothing", x.cfg.Port, x.cfg.Server)
		return
	}
	if errors.Is(err, errGreeting) {
		x.faulty("reach", "ask the administrator for the port, and write port = in the address file", "", "what answers on port %d of %s is no SQL Server", x.cfg.Port, x.cfg.Server)
		return
	}
	x.failed(ctx, "reach", "connect", err)
}

// certificate looks at the way that was found to be there.
func (x *examination) certificate(g greeting, t *trust) bool {
	version := tls.VersionName(g.tls.Version)
	if err := t.check(*g.tls); err != nil {
		var bad *certificateError
		if errors.As(err, &bad) {
			x.faulty("encryption", bad.advice(), "", "%v", bad)
		}
		return false
	}
	if x.cfg.Encrypt == EncryptLogin {
		x.notable("encryption", "write encrypt = true in the address file: this server can do it", "", "only the login is encrypted, with %s: every record crosses the network readable", version)
	} else if t.any {
		x.notable("encryption", "have the administrator export the server's certificate as PEM, and write certificate = FILE instead of trust_server = yes in the address file", "", "all is encrypted with %s, and whether it is the server who answers is not looked at", version)
	} else {
		x.fine("encryption", "all is encrypted with %s, and the server's certificate is good", version)
	}
	if g.tls.Version < tls.VersionTLS12 {
		x.notable("old-tls", "have the administrator update the server, for which Microsoft's KB3135244 says how", "", "%s can be broken by whoever is on the network", version)
	}
	return true
}

// older looks for an older TLS where that of the config is not to be had.
func (x *examination) older(ctx context.Context, address string, t *trust, first error) {
	g, err := x.greet(ctx, address, t, tls.VersionTLS10)
	switch {
	case err == nil && x.cfg.TLSMin > g.tls.Version:
		least := map[uint16]string{tls.VersionTLS10: "1.0", tls.VersionTLS11: "1.1", tls.VersionTLS12: "1.2"}[g.tls.Version]
		advice := "best have the administrator update the server, for which Microsoft's KB3135244 says how; or write tls_min = " + least + " in the address file: whoever is on the network may then read along"
		var bad *certificateError
		if errors.As(t.check(*g.tls), &bad) {
			advice += "; its certificate needs something too: " + bad.advice()
		}
		x.faulty("encryption", advice, "", "the server knows no TLS newer than %s, and at least %s is asked for", tls.VersionName(g.tls.Version), tls.VersionName(x.cfg.TLSMin))
	case err == nil:
		x.faulty("encryption", "best have the administrator enable those with ECDHE; or write tls_min = 1.1 in the address file, which takes old ciphers too", "",
			"the server knows %s with old ciphers only", tls.VersionName(g.tls.Version))
	case ctx.Err() != nil:
	default:
		plain, err := x.greet(ctx, address, nil, 0)
		if err != nil || plain.crypt == cryptAlways {
			x.failed(ctx, "encryption", "agree on encryption", first)
			return
		}
		x.faulty("encryption", "best have the administrator update the server; if nobody else is on the network between, write encrypt = disable in the address file: "+readable, "",
			"the server, version %s, knows no TLS that this program knows", g.version())
	}
}

// unencrypted looks at a way that the config asks to be open.
func (x *examination) unencrypted(ctx context.Context, address string, t *trust) bool {
	plain, err := x.greet(ctx, address, nil, 0)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		x.silent(ctx, err)
		return false
	case plain.crypt == cryptAlways:
		x.faulty("encryption", "remove encrypt = disable from the address file", "", "the server takes encrypted connections only")
		return false
	}
	g, err := x.greet(ctx, address, t, tls.VersionTLS10)
	if err == nil {
		x.notable("encryption", "remove encrypt = disable from the address file: this server can encrypt with "+tls.VersionName(g.tls.Version), "", "NOTHING IS ENCRYPTED: password and every record cross the network readable, though they need not")
	} else {
		x.notable("encryption", "read only where nobody else is on the network between; best have the administrator give the server a certificate", "", "NOTHING IS ENCRYPTED: password and every record cross the network readable; the server cannot do otherwise")
	}
	return true
}
