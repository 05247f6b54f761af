package tdstest

import (
	"encoding/binary"
	"io"
	"net"
	"unicode/utf16"
)

// Packets ([MS-TDS] 2.2.3.1.1).
const (
	packetBatch     = 1
	packetRPC       = 3
	packetReply     = 4
	packetAttention = 6
	packetBulk      = 7
	packetLogin     = 16
	packetPrelogin  = 18

	endOfMessage = 1
	packetSize   = 4096
	headerSize   = 8
)

// readMessage reads the packets of one message.
func readMessage(r io.Reader) (kind byte, body []byte, err error) {
	for {
		var h [headerSize]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return 0, nil, err
		}
		n := int(binary.BigEndian.Uint16(h[2:]))
		if n < headerSize {
			return 0, nil, io.ErrUnexpectedEOF
		}
		at := len(body)
		body = append(body, make([]byte, n-headerSize)...)
		if _, err := io.ReadFull(r, body[at:]); err != nil {
			return 0, nil, err
		}
		if h[1]&endOfMessage != 0 {
			return h[0], body, nil
		}
	}
}

// reply collects tokens and sends them in packets.
type reply struct {
	conn net.Conn
	buf  []byte
	seq  byte
	err  error // the first one of sending
}

// flush sends the packets that are full.
func (r *reply) flush() {
	for len(r.buf) > packetSize-headerSize {
		r.send(packetSize-headerSize, 0)
	}
}

// push sends what there is, without ending the message.
func (r *reply) push() {
	r.flush()
	r.send(len(r.buf), 0)
}

// end sends the rest.
func (r *reply) end() {
	r.flush()
	r.send(len(r.buf), endOfMessage)
}

func (r *reply) send(n int, status byte) {
	r.seq++
	p := make([]byte, headerSize, headerSize+n)
	p[0], p[1], p[6] = packetReply, status, r.seq
	binary.BigEndian.PutUint16(p[2:], uint16(headerSize+n))
	if r.err == nil {
		_, r.err = r.conn.Write(append(p, r.buf[:n]...))
	}
	r.buf = r.buf[n:]
}

func (r *reply) byte(b ...byte) { r.buf = append(r.buf, b...) }
func (r *reply) u16(n int)      { r.buf = binary.LittleEndian.AppendUint16(r.buf, uint16(n)) }
func (r *reply) u32(n uint32)   { r.buf = binary.LittleEndian.AppendUint32(r.buf, n) }
func (r *reply) u64(n uint64)   { r.buf = binary.LittleEndian.AppendUint64(r.buf, n) }

// short and long write a text with the count of its characters in one byte or
// in two.
func (r *reply) short(s string) {
	w := wide(s)
	r.byte(byte(len(w) / 2))
	r.byte(w...)
}

func (r *reply) long(s string) {
	w := wide(s)
	r.u16(len(w) / 2)
	r.byte(w...)
}

// wide returns the UTF-16 of s.
func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// narrow returns the text of UTF-16.
func narrow(b []byte) string {
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// Tokens ([MS-TDS] 2.2.7).
const (
	tokenReturnStatus = 0x79
	tokenColumns      = 0x81
	tokenError        = 0xAA
	tokenLoginAck     = 0xAD
	tokenRow          = 0xD1
	tokenEnvChange    = 0xE3
	tokenDone         = 0xFD
	tokenDoneProc     = 0xFE
	tokenDoneInProc   = 0xFF

	doneMore      = 0x01
	doneError     = 0x02
	doneCount     = 0x10
	doneAttention = 0x20

	envDatabase = 1
	envBegin    = 8
	envCommit   = 9
	envRollback = 10

	commandSelect = 0xC1
)

func (r *reply) done(token byte, status int, rows uint64) {
	r.byte(token)
	r.u16(status)
	command := 0
	if status&doneCount != 0 {
		command = commandSelect
	}
	r.u16(command)
	r.u64(rows)
}

// fail writes a server's error.
func (r *reply) fail(number int, class byte, message string) {
	body := reply{}
	body.u32(uint32(number))
	body.byte(1, class) // state
	body.long(message)
	body.short("tdstest")
	body.short("")
	body.u32(1) // line
	r.byte(tokenError)
	r.u16(len(body.buf))
	r.byte(body.buf...)
}

// envText writes a change of the environment from old to new.
func (r *reply) envText(kind byte, now, old string) {
	body := reply{}
	body.byte(kind)
	body.short(now)
	body.short(old)
	r.byte(tokenEnvChange)
	r.u16(len(body.buf))
	r.byte(body.buf...)
}

// envTransaction writes that a transaction began, or ended.
func (r *reply) envTransaction(kind byte, id uint64) {
	r.byte(tokenEnvChange)
	r.u16(11)
	r.byte(kind)
	if kind != envBegin {
		r.byte(0)
	}
	r.byte(8)
	r.u64(id)
	if kind == envBegin {
		r.byte(0)
	}
}
