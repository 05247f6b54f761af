package sqlserver

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
)

// What a client and a server say of encryption before the login ([MS-TDS]
// 2.2.6.5).
const (
	cryptOn     = 1
	cryptNever  = 2
	cryptAlways = 3
)

// greeting is what a server says before the login. It costs no password: an
// examination tries what a server knows with nobody's secret at stake.
type greeting struct {
	major, minor int  // of the server's version
	crypt        byte // what it does of encryption
	// tls is what the handshake came to, where one was asked for and the
	// server encrypts.
	tls *tls.ConnectionState
}

var (
	errGreeting = errors.New("what answers is no SQL Server")
	// errUntried is a handshake's that was not made.
	errUntried = errors.New("the server does not encrypt")
)

// greet says to a server that the client encrypts, or never does where cfg is
// nil, and plays the handshake.
func greet(ctx context.Context, d *dialer, address string, cfg *tls.Config) (g greeting, err error) {
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = ctx.Err() // the connection was cut for it
		}
	}()
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return greeting{}, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	crypt := byte(cryptOn)
	if cfg == nil {
		crypt = cryptNever
	}
	p := &packets{Conn: conn}
	if _, err := p.Write(hello(crypt)); err != nil {
		return greeting{}, err
	}
	answer := make([]byte, maxPacket)
	n, err := p.Read(answer)
	if err != nil {
		return greeting{}, err
	}
	g, err = parseGreeting(answer[:n])
	switch {
	case err != nil || cfg == nil:
		return g, err
	case g.crypt == cryptNever:
		return g, errUntried
	}
	c := tls.Client(p, cfg)
	if err := c.HandshakeContext(ctx); err != nil {
		return g, err
	}
	state := c.ConnectionState()
	g.tls = &state
	return g, nil
}

// The options of the message before the login.
const (
	optionVersion = 0
	optionCrypt   = 1
	optionEnd     = 0xFF
	optionSize    = 5
)

// hello returns the client's message: a version, which nobody looks at, and
// what it does of encryption.
func hello(crypt byte) []byte {
	const values = 2*optionSize + 1
	return []byte{
		optionVersion, 0, values, 0, 6,
		optionCrypt, 0, values + 6, 0, 1,
		optionEnd,
		10, 50, 0, 0, 0, 0,
		crypt,
	}
}

// parseGreeting reads the server's message.
func parseGreeting(b []byte) (greeting, error) {
	g := greeting{crypt: cryptNever}
	for at := 0; at+optionSize <= len(b) && b[at] != optionEnd; at += optionSize {
		from, n := int(binary.BigEndian.Uint16(b[at+1:])), int(binary.BigEndian.Uint16(b[at+3:]))
		switch {
		case from+n > len(b):
			return g, errGreeting
		case b[at] == optionVersion && n >= 2:
			g.major, g.minor = int(b[from]), int(b[from+1])
		case b[at] == optionCrypt && n >= 1:
			g.crypt = b[from]
		}
	}
	if g.major == 0 {
		return g, errGreeting
	}
	return g, nil
}

// version returns the server's version as it is known: 10.50.
func (g greeting) version() string { return strconv.Itoa(g.major) + "." + strconv.Itoa(g.minor) }

// packets carries what comes before the login, the handshake too, in the
// packets of the protocol ([MS-TDS] 2.2.3.1).
type packets struct {
	net.Conn
	left int // bytes of the packet that is being read
}

const (
	packetHeader = 8
	packetHello  = 18
	packetAnswer = 4
	packetEnd    = 1 // of a message
	maxPacket    = 4096
)

// Read implements net.Conn.
func (p *packets) Read(b []byte) (int, error) {
	for p.left == 0 {
		var h [packetHeader]byte
		if _, err := io.ReadFull(p.Conn, h[:]); err != nil {
			return 0, err
		}
		size := int(binary.BigEndian.Uint16(h[2:]))
		if h[0] != packetAnswer && h[0] != packetHello || size < packetHeader {
			return 0, errGreeting
		}
		p.left = size - packetHeader
	}
	n, err := p.Conn.Read(b[:min(len(b), p.left)])
	p.left -= n
	return n, err
}

// Write implements net.Conn.
func (p *packets) Write(b []byte) (int, error) {
	for written := 0; written < len(b); {
		n := min(len(b)-written, maxPacket-packetHeader)
		end := byte(0)
		if written+n == len(b) {
			end = packetEnd
		}
		h := [packetHeader]byte{packetHello, end}
		binary.BigEndian.PutUint16(h[2:], uint16(packetHeader+n))
		if _, err := p.Conn.Write(append(h[:], b[written:written+n]...)); err != nil {
			return written, err
		}
		written += n
	}
	return len(b), nil
}
