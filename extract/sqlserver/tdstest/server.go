package tdstest

import (
	"net"
	"os"
	"slices"
	"sync"
)

// Server listens on a free port of 127.0.0.1.
type Server struct {
	listener net.Listener
	done     sync.WaitGroup

	mu         sync.Mutex
	db         Database // Tables are replaced, never written to
	fault      *Fault
	statements []string
	logins     []Login
	open       map[net.Conn]bool
	written    map[written][]byte
	store      *store // nil where the tables are db's
}

// Fault is something that goes wrong, once where no more is said.
type Fault struct {
	Kind FaultKind
	// Table is the table, with its schema, whose reading goes wrong; empty for
	// the login.
	Table string
	// Number is that of a Fail's error; 0 for 1205, a deadlock's victim, whose
	// transaction ends.
	Number int
	// Rows is how many rows of the statement are sent before.
	Rows int
	// Skip is how many statements that read the table go well before, and
	// Again how many more go wrong after.
	Skip, Again int
}

// FaultKind is what goes wrong.
type FaultKind uint8

// The kinds of faults.
const (
	Fail  FaultKind = iota + 1 // the server says that the statement failed
	Stall                      // it says nothing more
	Drop                       // the connection ends
	Short                      // the statement ends as if there were no more rows
)

// Login is what a client said of itself.
type Login struct {
	User, App, Database string
	ReadOnly            bool
	Encrypted           bool
}

// New starts a server.
func New(db Database) (*Server, error) { return start(db, nil) }

func start(db Database, held *store) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l, db: db, open: map[net.Conn]bool{}, written: map[written][]byte{}, store: held}
	s.done.Add(1)
	go s.accept()
	return s, nil
}

func (s *Server) accept() {
	defer s.done.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open[c] = true
		s.mu.Unlock()
		s.done.Add(1)
		go func() {
			defer s.done.Done()
			defer func() {
				c.Close()
				s.mu.Lock()
				delete(s.open, c)
				s.mu.Unlock()
			}()
			client := &connection{server: s, conn: c}
			client.serve()
			if held := s.store; held != nil {
				held.leave(client)
			}
		}()
	}
}

// Port is the TCP port.
func (s *Server) Port() uint16 { return uint16(s.listener.Addr().(*net.TCPAddr).Port) }

// Close ends all connections and waits for them.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
	if s.store != nil {
		for _, free := range s.store.free {
			free.conn.Close()
		}
		os.RemoveAll(s.store.dir)
	}
}

// Arm has f happen.
func (s *Server) Arm(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = &f
}

// strikes tells whether the armed fault concerns a statement that reads table.
func (s *Server) strikes(table string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fault
	if f == nil || f.Table != table {
		return Fault{}, false
	}
	if f.Skip--; f.Skip >= 0 {
		return Fault{}, false
	}
	if f.Again--; f.Again < 0 {
		s.fault = nil
	}
	return *f, true
}

// SetRows changes the rows of a table, as another user would.
func (s *Server) SetRows(table string, rows [][]Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db.Tables = slices.Clone(s.db.Tables)
	for i, t := range s.db.Tables {
		if t.Schema+"."+t.Name == table {
			s.db.Tables[i].Rows = rows
		}
	}
}

// Statements returns what was asked up to now.
func (s *Server) Statements() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statements)
}

// Logins returns who logged in up to now.
func (s *Server) Logins() []Login {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logins)
}
