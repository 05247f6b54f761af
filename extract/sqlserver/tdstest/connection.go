package tdstest

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
)

// connection is one client.
type connection struct {
	server *Server
	conn   net.Conn

	tables        []Table // as they are seen by the statement
	snapshot      bool    // the isolation level
	inTransaction bool
	frozen        bool // tables are those of the transaction's first statement

	session *session // of a server that holds rows
}

// serve answers until the client leaves or says what no driver says.
func (c *connection) serve() {
	if !c.login() {
		return
	}
	for {
		kind, body, err := readMessage(c.conn)
		if err != nil {
			return
		}
		switch kind {
		case packetBatch:
			text, err := batch(body)
			if c.server.store != nil {
				if err != nil || !c.hold(text, nil, false) {
					return
				}
				continue
			}
			if err != nil || !c.answer(text, nil, false) {
				return
			}
		case packetBulk:
			if c.server.store == nil || !c.load(body) {
				return
			}
		case packetRPC:
			if c.server.store != nil {
				text, args, err := executeTyped(body)
				if err != nil || !c.hold(text, args, true) {
					return
				}
				continue
			}
			text, params, err := executeSQL(body)
			if err != nil || !c.answer(text, params, true) {
				return
			}
		case packetAttention:
			r := reply{conn: c.conn}
			r.done(tokenDone, doneAttention, 0)
			r.end()
		default:
			return
		}
	}
}

// login plays [MS-TDS] 3.2.5: prelogin, encryption where both have it, the
// login. It tells whether the client is in.
func (c *connection) login() bool {
	kind, body, err := readMessage(c.conn)
	if err != nil || kind != packetPrelogin {
		return false
	}
	if f, ok := c.server.strikes(""); ok {
		if f.Kind == Stall {
			io.Copy(io.Discard, c.conn)
		}
		return false
	}
	encryption := wanted(body)
	switch {
	case c.server.db.TLS == nil:
		encryption = encryptNever
	case encryption == encryptNever && c.server.db.Demand:
		encryption = encryptAlways
	}
	r := reply{conn: c.conn}
	r.byte(prelogin(c.server.db.release(), encryption)...)
	r.end()
	plain := c.conn
	if encryption != encryptNever {
		if c.conn, err = secure(plain, c.server.db.TLS); err != nil {
			return false
		}
	}
	kind, body, err = readMessage(c.conn)
	if err != nil || kind != packetLogin {
		return false
	}
	if encryption == encryptLogin {
		c.conn = plain
	}
	l, password, err := parseLogin(body)
	if err != nil {
		return false
	}
	l.Encrypted = encryption != encryptNever
	c.server.mu.Lock()
	c.server.logins = append(c.server.logins, l)
	db := c.server.db
	c.server.mu.Unlock()
	r = reply{conn: c.conn}
	in := false
	switch {
	case l.User != db.User || password != db.Password:
		r.fail(18456, 14, "Login failed for user '"+l.User+"'.")
		r.done(tokenDone, doneError, 0)
	case db.Refuse != 0:
		r.fail(db.Refuse, 14, "Login failed for user '"+l.User+"'.")
		r.done(tokenDone, doneError, 0)
	case l.Database != "master" && (l.Database != db.Name || db.state() != "ONLINE" || db.NoUser):
		r.fail(4060, 11, "Cannot open database.")
		r.done(tokenDone, doneError, 0)
	default:
		in = true
		r.envText(envDatabase, l.Database, "master")
		r.loginAck()
		r.done(tokenDone, 0, 0)
	}
	r.end()
	return r.err == nil && in
}

// prelogin returns the options of the server: its version and what it
// encrypts.
func prelogin(release [2]byte, encryption byte) []byte {
	options := []struct {
		token byte
		value []byte
	}{{0, []byte{release[0], release[1], 0x19, 0x00, 0, 0}}, {1, []byte{encryption}}, {2, []byte{0}}, {3, nil}, {4, []byte{0}}}
	var head, values []byte
	at := 5*len(options) + 1
	for _, o := range options {
		head = append(head, o.token)
		head = binary.BigEndian.AppendUint16(head, uint16(at+len(values)))
		head = binary.BigEndian.AppendUint16(head, uint16(len(o.value)))
		values = append(values, o.value...)
	}
	return append(append(head, 0xFF), values...)
}

func (r *reply) loginAck() {
	body := reply{}
	body.byte(1, 0x74, 0, 0, 4) // T-SQL, TDS 7.4
	body.short("Microsoft SQL Server")
	body.byte(10, 50, 0x19, 0)
	r.byte(tokenLoginAck)
	r.u16(len(body.buf))
	r.byte(body.buf...)
}

const deadlock = 1205

var errMessage = errors.New("a message that is cut short")

// parseLogin reads LOGIN7 ([MS-TDS] 2.2.6.4).
func parseLogin(b []byte) (l Login, password string, err error) {
	field := func(at int) []byte {
		if len(b) < at+4 {
			err = errMessage
			return nil
		}
		from, n := int(binary.LittleEndian.Uint16(b[at:])), 2*int(binary.LittleEndian.Uint16(b[at+2:]))
		if from+n > len(b) {
			err = errMessage
			return nil
		}
		return b[from : from+n]
	}
	l.User = narrow(field(40))
	hidden := append([]byte{}, field(44)...)
	for i, x := range hidden {
		x ^= 0xA5
		hidden[i] = x<<4 | x>>4
	}
	l.App = narrow(field(48))
	l.Database = narrow(field(68))
	if err == nil {
		l.ReadOnly = b[26]&0x20 != 0
	}
	return l, narrow(hidden), err
}

// answer runs a statement and sends what it gives. It tells whether the
// connection goes on.
func (c *connection) answer(text string, params []string, rpc bool) bool {
	c.server.mu.Lock()
	c.server.statements = append(c.server.statements, text)
	if !c.frozen {
		c.tables = c.server.db.Tables
		c.frozen = c.snapshot && c.inTransaction
	}
	c.server.mu.Unlock()

	r := &reply{conn: c.conn}
	finish := func(status int, rows uint64) bool {
		if rpc {
			r.done(tokenDoneInProc, status&^doneError|doneMore, rows)
			r.byte(tokenReturnStatus)
			r.u32(0)
			r.done(tokenDoneProc, status&doneError, 0)
		} else {
			r.done(tokenDone, status, rows)
		}
		r.end()
		return r.err == nil
	}
	refuse := func(err error) bool {
		number := 50000
		var known *refusal
		if errors.As(err, &known) {
			number = known.number
		}
		r.fail(number, 16, err.Error())
		return finish(doneError, 0)
	}
	a, err := c.run(text, params)
	if err != nil {
		return refuse(err)
	}
	if a.begin {
		r.envTransaction(envBegin, 1)
	}
	if a.end {
		r.envTransaction(envCommit, 1)
	}
	if a.setting {
		return finish(0, 0)
	}
	r.byte(tokenColumns)
	r.u16(len(a.terms))
	for _, t := range a.terms {
		r.describe(t.name, t.typ, t.nullable)
	}
	fault, strikes := Fault{}, false
	if a.table != "" {
		fault, strikes = c.server.strikes(a.table)
	}
	for n, row := range a.rows {
		if strikes && n == fault.Rows {
			break
		}
		if err := c.server.row(r, a, row); err != nil {
			return refuse(err)
		}
		if r.flush(); r.err != nil {
			return false
		}
	}
	if !strikes {
		return finish(doneCount, uint64(len(a.rows)))
	}
	switch fault.Kind {
	case Fail:
		if fault.Number == 0 {
			fault.Number = deadlock
		}
		if fault.Number == deadlock {
			c.inTransaction, c.frozen = false, false
		}
		return refuse(&refusal{fault.Number, "The transaction was stopped by the row of ZAHRA."})
	case Short:
		return finish(doneCount, uint64(fault.Rows))
	case Stall:
		r.push()
		io.Copy(io.Discard, c.conn)
	case Drop:
		r.push()
	}
	return false
}

// row writes a row of an answer, from memory where it was written before.
func (s *Server) row(r *reply, a *answer, row []Value) error {
	if !s.db.Remember || a.table == "" || len(row) == 0 {
		return r.row(a.terms, row)
	}
	place := written{&row[0], a.list}
	s.mu.Lock()
	b, ok := s.written[place]
	s.mu.Unlock()
	if ok {
		r.byte(b...)
		return nil
	}
	start := len(r.buf)
	if err := r.row(a.terms, row); err != nil {
		return err
	}
	s.mu.Lock()
	s.written[place] = slices.Clone(r.buf[start:])
	s.mu.Unlock()
	return nil
}

// written is where a row's bytes are remembered.
type written struct {
	first *Value
	list  string
}

func (r *reply) row(terms []term, row []Value) error {
	r.byte(tokenRow)
	start := len(r.buf) - 1
	for _, t := range terms {
		data, err := t.eval(row)
		if err == nil && data == nil && !t.nullable {
			err = errors.New("NULL in a column that takes none")
		}
		if err != nil {
			r.buf = r.buf[:start]
			return err
		}
		r.value(t.typ, t.nullable, data)
	}
	return nil
}
