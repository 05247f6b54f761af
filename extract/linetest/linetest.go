// Package linetest gives tests the line between a client and a server: one that
// can be cut or fall silent, and a port for the server to listen at.
package linetest

import (
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
)

// Line passes on what a client and a server say to each other.
type Line struct {
	// Address is the socket, in the file system, at which it listens. Of what
	// has passed such a socket holds little, so that a line falls silent at once.
	Address string

	left   atomic.Int64 // bytes of answers that still pass
	silent atomic.Bool
}

// New makes a line to a server that lives as long as the test. Network and
// address are those of net.Dial.
func New(t testing.TB, network, address string) *Line {
	t.Helper()
	dir, err := os.MkdirTemp("", "line") // t.TempDir may be too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	near, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	l := &Line{Address: near.Addr().String()}
	l.Mend()
	go l.accept(near, network, address)
	return l
}

func (l *Line) accept(from net.Listener, network, address string) {
	for {
		near, err := from.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial(network, address)
		if err != nil {
			near.Close()
			continue
		}
		go pass(far, near, near, l)
		go pass(near, io.TeeReader(far, (*answers)(l)), far, l)
	}
}

// pass gives one side what the other says, until either ends.
func pass(to net.Conn, from io.Reader, other net.Conn, l *Line) {
	defer other.Close()
	defer to.Close()
	buf := make([]byte, 1<<14)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if l.silent.Load() {
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// answers counts what a server says, and fails once it is enough.
type answers Line

// Write implements io.Writer.
func (a *answers) Write(b []byte) (int, error) {
	if a.left.Add(-int64(len(b))) < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

// CutAfter cuts the line once that many bytes of answers have passed, and every
// one that is made then, until Mend.
func (l *Line) CutAfter(bytes int64) { l.left.Store(bytes) }

// Mend makes a line that was cut a whole one for whoever connects again.
func (l *Line) Mend() { l.left.Store(math.MaxInt64) }

// Hush has nothing more pass, on connections that stay open.
func (l *Line) Hush() { l.silent.Store(true) }

// Port returns a port of 127.0.0.1 that nobody listens at. It is none of those
// that the system gives away by itself, so that it is likely to stay free.
func Port(t testing.TB) int {
	t.Helper()
	var err error
	for range 100 {
		port := 20000 + rand.IntN(10000)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal(err)
	return 0
}
