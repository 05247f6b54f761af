package tdstest

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
)

// What client and server say of encryption before the login ([MS-TDS]
// 2.2.6.5).
const (
	encryptLogin  = 0
	encryptAll    = 1
	encryptNever  = 2
	encryptAlways = 3
)

// wanted returns what a prelogin message asks for, encryptNever where it says
// nothing.
func wanted(prelogin []byte) byte {
	for at := 0; at+5 <= len(prelogin) && prelogin[at] != 0xFF; at += 5 {
		from := int(binary.BigEndian.Uint16(prelogin[at+1:]))
		if prelogin[at] == 1 && from < len(prelogin) {
			return prelogin[from]
		}
	}
	return encryptNever
}

// secure plays the handshake, whose records travel in packets, and returns the
// connection that is encrypted from then on.
func secure(conn net.Conn, cfg *tls.Config) (net.Conn, error) {
	w := &wrapped{Conn: conn}
	c := tls.Server(w, cfg)
	err := c.Handshake()
	w.bare = true
	return c, err
}

// wrapped carries a handshake in packets until bare is set.
type wrapped struct {
	net.Conn
	bare bool
	left int // bytes of the packet that is being read
}

// Read implements net.Conn.
func (w *wrapped) Read(b []byte) (int, error) {
	if w.bare {
		return w.Conn.Read(b)
	}
	for w.left == 0 {
		var h [headerSize]byte
		if _, err := io.ReadFull(w.Conn, h[:]); err != nil {
			return 0, err
		}
		w.left = max(0, int(binary.BigEndian.Uint16(h[2:]))-headerSize)
	}
	n, err := w.Conn.Read(b[:min(len(b), w.left)])
	w.left -= n
	return n, err
}

// Write implements net.Conn.
func (w *wrapped) Write(b []byte) (int, error) {
	if w.bare {
		return w.Conn.Write(b)
	}
	p := make([]byte, headerSize, headerSize+len(b))
	p[0], p[1] = packetPrelogin, endOfMessage
	binary.BigEndian.PutUint16(p[2:], uint16(headerSize+len(b)))
	_, err := w.Conn.Write(append(p, b...))
	return len(b), err
}
