package tdstest

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
)

// Browser is a SQL Server Browser, which tells the ports of named instances
// ([MC-SQLR]).
type Browser struct {
	conn net.PacketConn
	done chan struct{}
}

// NewBrowser starts one on UDP port 1434 of 127.0.0.1, where clients look for
// it: no other may run on the machine. It knows one instance, which without a
// port does not listen on TCP. As a real one it does not answer for another.
func NewBrowser(instance string, port uint16) (*Browser, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:1434")
	if err != nil {
		return nil, err
	}
	b := &Browser{conn, make(chan struct{})}
	text := fmt.Sprintf("ServerName;TEST;InstanceName;%s;IsClustered;No;Version;10.50.6000.34;", instance)
	if port != 0 {
		text += fmt.Sprintf("tcp;%d;", port)
	}
	text += ";"
	answer := append(binary.LittleEndian.AppendUint16([]byte{5}, uint16(len(text))), text...)
	go func() {
		defer close(b.done)
		for buf := make([]byte, 512); ; {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			const all, one = 0x03, 0x04
			if asked := strings.TrimSuffix(string(buf[1:max(1, n)]), "\x00"); buf[0] == all || buf[0] == one && strings.EqualFold(asked, instance) {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() {
	b.conn.Close()
	<-b.done
}
