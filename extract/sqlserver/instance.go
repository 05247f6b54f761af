package sqlserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// What can be wrong with a named instance.
var (
	errBrowser  = errors.New("SQL Server Browser does not answer")
	errInstance = errors.New("the server has no instance of that name, or it is not running")
	errNoTCP    = errors.New("the instance does not listen on TCP")
)

const (
	browserPort  = "1434"
	browserTries = 4 // a packet may get lost
	browserWait  = time.Second
)

// locate asks SQL Server Browser for an instance's port ([MC-SQLR] 2.2). It
// does not answer for an instance that it does not know: every second question
// is for all of them, whose answer may be too long for a firewall.
func locate(ctx context.Context, d *dialer, server, instance string) (uint16, error) {
	conn, err := d.DialContext(ctx, "udp", net.JoinHostPort(server, browserPort))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	const all, one, answer = 0x03, 0x04, 0x05
	questions := [][]byte{append(append([]byte{one}, instance...), 0), {all}}
	buf := make([]byte, 1<<16)
	for i := range browserTries {
		if err := conn.SetReadDeadline(time.Now().Add(browserWait)); err != nil {
			return 0, err
		}
		if _, err := conn.Write(questions[i%2]); err != nil {
			return 0, errBrowser // the host said before that nothing listens there
		}
		n, err := conn.Read(buf)
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case err == nil && n >= 3 && buf[0] == answer:
			return portOf(string(buf[3:n]), instance)
		case err != nil && !isTimeout(err):
			return 0, errBrowser
		}
	}
	return 0, errBrowser
}

// portOf finds an instance's port in what the browser says: names and values
// with semicolons between, two after an instance.
func portOf(text, instance string) (uint16, error) {
	var names []string
	for _, part := range strings.Split(text, ";;") {
		values := map[string]string{}
		words := strings.Split(part, ";")
		for i := 0; i+1 < len(words); i += 2 {
			values[words[i]] = words[i+1]
		}
		name := values["InstanceName"]
		if !strings.EqualFold(name, instance) {
			if name != "" {
				names = append(names, name)
			}
			continue
		}
		port, err := strconv.ParseUint(values["tcp"], 10, 16)
		if err != nil || port == 0 {
			return 0, errNoTCP
		}
		return uint16(port), nil
	}
	if names == nil {
		return 0, errInstance
	}
	return 0, fmt.Errorf("%w; it has %s", errInstance, strings.Join(names, ", "))
}

// instanceHint says what to do about an instance whose port is not found.
func instanceHint(err error) string {
	switch {
	case errors.Is(err, errNoTCP):
		return "have the administrator enable TCP/IP for the instance in SQL Server Configuration Manager, and restart the instance"
	case errors.Is(err, errInstance):
		return "mend the instance in the address file, or write port = instead"
	}
	return "ask the administrator for the instance's port and write port = in the address file; or have SQL Server Browser started there, and UDP 1434 let through"
}
