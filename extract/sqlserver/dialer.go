package sqlserver

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

var errCut = errors.New("the connection was cut")

// dialer makes the connections of one session and can cut them: a driver that
// waits for a server which fell silent does not always look at its context.
type dialer struct {
	stall time.Duration

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
	return &socket{c, d.stall}, nil
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
	stall time.Duration
}

// Read implements net.Conn.
func (s *socket) Read(b []byte) (int, error) {
	if err := s.SetReadDeadline(time.Now().Add(s.stall)); err != nil {
		return 0, err
	}
	return s.Conn.Read(b)
}
