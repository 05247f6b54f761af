package linetest_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/sihctl/sih/extract/linetest"
)

// echo is a server that says what it is told.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}

func TestLine(t *testing.T) {
	line := linetest.New(t, "tcp", echo(t))
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("unix", line.Address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	said := func(c net.Conn, text string) (string, error) {
		t.Helper()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, len(text))
		n, err := io.ReadFull(c, buf)
		return string(buf[:n]), err
	}
	c := dial()
	if got, err := said(c, "whole"); got != "whole" || err != nil {
		t.Errorf("whole: got %q, %v", got, err)
	}
	line.CutAfter(3)
	if got, err := said(c, "abc"); got != "abc" || err != nil {
		t.Errorf("up to the cut: got %q, %v", got, err)
	}
	if got, err := said(c, "d"); got != "" || err == nil {
		t.Errorf("behind the cut: got %q, %v; want an error", got, err)
	}
	line.Mend()
	c = dial()
	if got, err := said(c, "mended"); got != "mended" || err != nil {
		t.Errorf("mended: got %q, %v", got, err)
	}
	line.Hush()
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got, err := said(c, "x"); got != "" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent: got %q, %v; want a time-out", got, err)
	}
}

// A port can be listened at.
func TestPort(t *testing.T) {
	if l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: linetest.Port(t)}); err != nil {
		t.Error(err)
	} else {
		l.Close()
	}
}
