package sqlserver

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

var (
	errCut = errors.New("the connection was cut")
	// errBare ends a login that a driver is about to send readable, because
	// the server, or who stands between, said that it cannot encrypt: asked to
	// encrypt the login only, the drivers then do without.
	errBare = errors.New("the server does not encrypt the login")
)

// dialer makes the connections of one session and can cut them: a driver that
// waits for a server which fell silent does not always look at its context.
type dialer struct {
	stall time.Duration
	// sealed says that no login may be sent readable.
	sealed bool

	mu  sync.Mutex
	all []net.Conn
	cut bool
}

// DialContext implements the drivers' Dialer.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cut {
		c.Close()
		return nil, errCut
	}
	d.all = append(d.all, c)
	if network == "udp" {
		return c, nil
	}
	return &socket{c, d.stall, d.sealed}, nil
}

// close cuts every connection, also one that is still being made.
func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = true
	for _, c := range d.all {
		c.Close()
	}
}

// socket is a connection whose other side may not be silent for longer than
// stall.
type socket struct {
	net.Conn
	stall  time.Duration
	sealed bool // no login may be sent readable
}

// Write implements net.Conn. A login begins with its kind, and one in TLS with
// that of a record, which is another.
func (s *socket) Write(b []byte) (int, error) {
	const login = 16
	if s.sealed && len(b) > 0 && b[0] == login {
		return 0, errBare
	}
	return s.Conn.Write(b)
}

// Read implements net.Conn.
func (s *socket) Read(b []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(s.stall)); err != nil {
		return 0, err
	}
	return s.Conn.Read(b)
}
