package sqlserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/sihctl/sih/extract"
)

// Examine looks at the way to the server, at its encryption before anything
// secret is sent, at the login, the database, the login's rights, the view and
// the tables. It uses connections of its own, and changes nothing.
//
// It logs in only in the way that the config allows. Where that one is not to
// be had, it finds out which weaker one is, from what the server says before a
// login, and advises what to write in the address file: to go down is the
// user's decision.
func (s *Source) Examine(ctx context.Context) ([]extract.Finding, error) {
	x := &examination{cfg: s.cfg}
	x.cfg.Notice, x.cfg.Remark = func(string) {}, nil
	x.run(ctx)
	if ctx.Err() != nil {
		return x.found, context.Cause(ctx)
	}
	return x.found, nil
}

// examination collects findings.
type examination struct {
	cfg   Config
	found []extract.Finding
}

// fine, notable and faulty add a finding. Advice and script may be empty.
func (x *examination) fine(check, format string, args ...any) {
	x.found = append(x.found, extract.Finding{Level: extract.Fine, Check: check, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) notable(check, advice, script, format string, args ...any) {
	x.found = append(x.found, extract.Finding{Level: extract.Notable, Check: check, Text: fmt.Sprintf(format, args...), Advice: advice, Script: script})
}

func (x *examination) faulty(check, advice, script, format string, args ...any) {
	x.found = append(x.found, extract.Finding{Level: extract.Faulty, Check: check, Text: fmt.Sprintf(format, args...), Advice: advice, Script: script})
}

// failed adds what an error says, with its own advice.
func (x *examination) failed(ctx context.Context, check, verb string, err error) {
	var ours *Error
	if err = wrap(ctx, "", verb, err); errors.As(err, &ours) {
		x.faulty(check, ours.advice, "", "%v", ours.Err)
	}
	// Else ctx has ended, which the caller knows.
}

// run goes as far as it can come.
func (x *examination) run(ctx context.Context) {
	address, ok := x.reach(ctx)
	if !ok || !x.encryption(ctx, address) {
		return
	}
	c := x.login(ctx)
	if c == nil {
		return
	}
	defer c.close()
	for _, look := range []func(context.Context, *session) error{x.server, x.rights, x.view, x.tables} {
		if err := look(ctx, c); err != nil {
			x.failed(ctx, "catalogue", "ask the server", err)
			return
		}
	}
}

// reach finds the server and its port, and settles it for what follows.
func (x *examination) reach(ctx context.Context) (address string, ok bool) {
	host, limit := x.cfg.Server, &dialer{stall: x.cfg.Connect}
	defer limit.close()
	timed, cancel := context.WithTimeout(ctx, x.cfg.Connect)
	defer cancel()
	if x.cfg.Port == 0 && x.cfg.Instance != "" {
		port, err := locate(timed, limit, host, x.cfg.Instance)
		switch {
		case err == nil:
			x.cfg.Port = port
			x.fine("instance", "SQL Server Browser gives port %d for the instance %s", port, x.cfg.Instance)
		case unknownHost(err):
			x.unknown()
			return "", false
		default:
			x.instance(ctx, err)
			return "", false
		}
	}
	if x.cfg.Port == 0 {
		x.cfg.Port = defaultPort
	}
	address = net.JoinHostPort(host, strconv.Itoa(int(x.cfg.Port)))
	conn, err := limit.DialContext(timed, "tcp", address)
	switch {
	case err == nil:
		conn.Close()
		x.fine("reach", "port %d of %s answers", x.cfg.Port, host)
		return address, true
	case ctx.Err() != nil:
	case unknownHost(err):
		x.unknown()
	case refused(err):
		x.faulty("reach", "see that SQL Server is running; have the administrator enable TCP/IP in SQL Server Configuration Manager and restart the instance, or tell its port, and write port = in the address file", "",
			"nothing listens on port %d of %s: SQL Server is stopped, takes no TCP, or has another port", x.cfg.Port, host)
	case isTimeout(err):
		x.faulty("reach", "have the firewall of the server, and those on the way, let this machine through to that port; see that the server is switched on", "",
			"port %d of %s does not answer", x.cfg.Port, host)
	default:
		x.failed(ctx, "reach", "connect", err)
	}
	return "", false
}

func (x *examination) unknown() {
	x.faulty("reach", "write the server's address, such as 10.1.2.3, for server in the address file", "", "the name %s is not known on this network", x.cfg.Server)
}

// instance tells of a named instance whose port was not found.
func (x *examination) instance(ctx context.Context, err error) {
	switch {
	case errors.Is(err, errBrowser):
		x.faulty("instance", instanceHint(err), "", "SQL Server Browser of %s does not answer on UDP 1434: the port of the instance %s is not known", x.cfg.Server, x.cfg.Instance)
	case errors.Is(err, errNoTCP), errors.Is(err, errInstance):
		x.faulty("instance", instanceHint(err), "", "instance %s: %v", x.cfg.Instance, err)
	default:
		x.failed(ctx, "instance", "ask SQL Server Browser", err)
	}
}

func unknownHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && !dns.IsTimeout
}

func refused(err error) bool {
	const windows = syscall.Errno(10061) // WSAECONNREFUSED, which syscall.ECONNREFUSED is not there
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windows)
}

// login logs in, or tells why that cannot be.
func (x *examination) login(ctx context.Context) *session {
	c, err := dial(ctx, &x.cfg)
	if err == nil {
		x.fine("login", "the server takes the login %s", x.cfg.User)
		return c
	}
	var said *serverError
	if !errors.As(err, &said) {
		x.failed(ctx, "login", "log in", err)
		return nil
	}
	switch said.number {
	case 18456:
		x.faulty("login", "see user and password in the address file; the server's error log tells the administrator more by the state of error 18456: 5 no such login, 7 or 8 the password, 58 Windows logins only: then enable SQL Server and Windows authentication in the server's properties, or give user = DOMAIN\\name; the script makes a login", x.script(),
			"the server refuses the login %s (error 18456)", x.cfg.User)
	case 18452:
		x.faulty("login", "have the administrator enable SQL Server and Windows authentication in the server's properties, or write user = DOMAIN\\name of a domain that the server trusts", x.script(),
			"the server takes Windows logins only, or not those of this domain (error 18452)")
	case 4060, 4064, 916:
		x.database(ctx, said.number)
	default:
		x.failed(ctx, "login", "log in", err)
	}
	return nil
}

// database finds out by way of master, which every login may use, why a
// database cannot be opened.
func (x *examination) database(ctx context.Context, number int32) {
	cfg := x.cfg
	cfg.Database = "master"
	var names []string
	state, access := "", 0
	c, err := dial(ctx, &cfg)
	if err == nil {
		defer c.close()
		err = c.databases(ctx, func(d database) {
			names = append(names, d.name)
			if strings.EqualFold(d.name, x.cfg.Database) {
				state, access = d.state, d.access
			}
		})
	}
	switch {
	case err != nil:
		x.faulty("database", "mend database in the address file, or have the administrator run the script", x.script(), "the server does not open the database %s for the login %s (error %d)", x.cfg.Database, x.cfg.User, number)
	case state == "":
		x.faulty("database", "mend database in the address file", "", "there is no database %s on the server that the login may know of; it has %s", x.cfg.Database, strings.Join(names, ", "))
	case state != "ONLINE":
		x.faulty("database", stateHint(state), "", "the database %s is in the state %s", x.cfg.Database, state)
	case access == 0:
		x.faulty("database", "have the administrator run the script", x.script(), "the login %s has no user in the database %s", x.cfg.User, x.cfg.Database)
	default:
		x.faulty("database", "see whether it is in single-user mode, or used by a restore", "", "the server does not open the database %s (error %d)", x.cfg.Database, number)
	}
}

func stateHint(state string) string {
	switch state {
	case "RESTORING":
		return "wait until the restore has ended; one WITH NORECOVERY is ended by the administrator WITH RECOVERY"
	case "RECOVERING":
		return "wait: the server is reading its log"
	case "OFFLINE":
		return "have the administrator set it online"
	}
	return "the database is damaged: this is the administrator's, and to be done before anything else; restore the last good backup on another instance and read that"
}
