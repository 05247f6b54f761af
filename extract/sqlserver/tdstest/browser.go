package tdstest

import (
	"encoding/binary"
	"fmt"
	"net"
)

// Browser is a SQL Server Browser, which tells the ports of named instances
// ([MC-SQLR]).
type Browser struct {
	conn net.PacketConn
	done chan struct{}
}

// NewBrowser starts one on UDP port 1434 of 127.0.0.1, where clients look for
// it: no other may run on the machine.
func NewBrowser(instance string, port uint16) (*Browser, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:1434")
	if err != nil {
		return nil, err
	}
	b := &Browser{conn, make(chan struct{})}
	text := fmt.Sprintf("ServerName;TEST;InstanceName;%s;IsClustered;No;Version;10.50.6000.34;tcp;%d;;", instance, port)
	answer := append(binary.LittleEndian.AppendUint16([]byte{5}, uint16(len(text))), text...)
	go func() {
		defer close(b.done)
		for buf := make([]byte, 512); ; {
			_, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			conn.WriteTo(answer, from)
		}
	}()
	return b, nil
}

// Close ends the browser.
func (b *Browser) Close() {
	b.conn.Close()
	<-b.done
}
