package mysql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
)

// symptom is what a failed connection means: why, what happened, what to do.
type symptom struct {
	why          error
	what, advice string
}

// connecting gives an error of connecting its reason.
func connecting(login *mysql.Config, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("connect to %s: %w", login.Addr, err)
	}
	s := diagnose(err)
	return &Error{Op: "connect to " + login.Addr, Why: s.why, Err: err, what: s.what, advice: s.advice}
}

// diagnose tells the ways not to get in apart.
func diagnose(err error) symptom {
	for _, look := range []func(error) symptom{byNumber, byDriver, byTLS, byNetwork} {
		if s := look(err); s.why != nil {
			return s
		}
	}
	return symptom{why: ErrUnreachable}
}

// byNumber knows the server's own answers.
func byNumber(err error) symptom {
	n := number(err)
	if n == 0 {
		return symptom{}
	}
	s := symptom{why: reasons[n]}
	switch n {
	case 1040, 1203:
		s.advice = "other programs hold all connections that the server allows: try again when it is quieter"
	case 1129:
		s.advice = "have the administrator run FLUSH HOSTS"
	case 1130:
		s.advice = "the user may not come from this machine: have the administrator create it for this one"
	case 1698:
		s.advice = "the user logs in by the operating system alone: have the administrator create one with a password"
	case 1862, 1820:
		s.advice = "the password has expired: have the administrator set another"
	case 3118, 4151:
		s.advice = "the user is locked: have the administrator unlock it"
	case 1251:
		s.advice = "the server wants a way to log in that this program does not know: have the administrator create the user with mysql_native_password"
	}
	if s.why == nil {
		s.why = ErrServer
	}
	return s
}

// byDriver knows the errors by which the driver says that it cannot log in.
func byDriver(err error) symptom {
	for _, known := range []struct {
		err error
		symptom
	}{
		{mysql.ErrOldPassword, symptom{ErrRefused, "its password is kept in the form from before MySQL 4.1", "have the administrator set the password anew under mysql_native_password; or add ?allowOldPasswords=true to the DSN, by which the password crosses the network hardly hidden"}},
		{mysql.ErrCleartextPassword, symptom{ErrRefused, "the server wants the password in clear, as for PAM or LDAP", "have the administrator create a user with mysql_native_password; or add ?tls=true&allowCleartextPasswords=true to the DSN"}},
		{mysql.ErrNativePassword, symptom{ErrRefused, "the DSN forbids mysql_native_password", "take allowNativePasswords=false out of the DSN"}},
		{mysql.ErrUnknownPlugin, symptom{ErrRefused, "it logs in by a plugin that this program does not know", "have the administrator create a user with mysql_native_password or caching_sha2_password"}},
		{mysql.ErrOldProtocol, symptom{ErrRefused, "the server is older than MySQL 4.1", "dump it with its own mysqldump, and read the dump restored on a newer one"}},
		{mysql.ErrNoTLS, symptom{ErrTLS, "the server offers none", "have the administrator give the server a certificate; where the network is trusted, take tls out of the DSN"}},
	} {
		if errors.Is(err, known.err) {
			return known.symptom
		}
	}
	return symptom{}
}

// byTLS knows what can go wrong with an encrypted connection.
func byTLS(err error) symptom {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &unknown):
		return symptom{ErrTLS, "nobody that this machine trusts has signed the server's certificate", "have the certificate's authority trusted by this machine; or write tls=skip-verify into the DSN, by which the connection is encrypted but the server not known for certain"}
	case errors.As(err, &host):
		return symptom{ErrTLS, "the server's certificate is for another name", "write the name into the DSN that the certificate is for; or tls=skip-verify, by which the connection is encrypted but the server not known for certain"}
	case errors.As(err, &invalid):
		return symptom{ErrTLS, "the server's certificate is not valid", "see whether it has expired, and whether this machine's clock is right; or write tls=skip-verify into the DSN, by which the server is not known for certain"}
	case strings.Contains(err.Error(), "protocol version"), strings.Contains(err.Error(), "handshake failure"), errors.As(err, &header), errors.As(err, &alert):
		return symptom{ErrTLS, "the server knows no TLS as new as 1.2", "read from a machine beside the server, over a cable that is trusted, without tls in the DSN"}
	}
	return symptom{}
}

// The numbers that Windows has for errors of the network.
const (
	windowsNetwork = syscall.Errno(10051)
	windowsTimeout = syscall.Errno(10060)
	windowsRefused = syscall.Errno(10061)
	windowsHost    = syscall.Errno(10065)
)

// byNetwork knows the ways not to reach a machine.
func byNetwork(err error) symptom {
	var dns *net.DNSError
	var network net.Error
	one := func(list ...error) bool {
		for _, of := range list {
			if errors.Is(err, of) {
				return true
			}
		}
		return false
	}
	what, advice := "", ""
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		what, advice = "no machine of that name is known", "check the host's name in the DSN file, or write its IP address"
	case errors.As(err, &dns):
		what, advice = "the name of the machine cannot be looked up", "check this machine's network, or write the server's IP address into the DSN file"
	case one(syscall.ECONNREFUSED, windowsRefused):
		what, advice = "the machine is there, but nothing listens at that port", "see that the server runs, that it listens on the network (bind-address, skip-networking) and at that port"
	case one(fs.ErrNotExist):
		what, advice = "there is no such socket", "see that the server runs, and where its socket is: SHOW VARIABLES LIKE 'socket'"
	case one(fs.ErrPermission):
		what, advice = "this user may not open it", "run as a user who may, or see whether a firewall of this machine forbids it"
	case one(context.DeadlineExceeded, syscall.ETIMEDOUT, windowsTimeout) || errors.As(err, &network) && network.Timeout():
		what, advice = "the machine does not answer", "see that it is on and its address right; a firewall that lets nothing through looks the same"
	case one(syscall.EHOSTUNREACH, syscall.ENETUNREACH, windowsHost, windowsNetwork):
		what, advice = "there is no way to that machine", "see that this machine is in the hospital's network, and the address right"
	case one(mysql.ErrMalformPkt, mysql.ErrPktSync, mysql.ErrBusyBuffer):
		what, advice = "what listens there does not speak MySQL", "check the port in the DSN file"
	case one(io.EOF, io.ErrUnexpectedEOF, mysql.ErrInvalidConn, syscall.ECONNRESET):
		what, advice = "whoever listens there hung up", "check the port in the DSN file; a server that is starting, or a firewall, does the same"
	default:
		return symptom{}
	}
	return symptom{ErrUnreachable, what, advice}
}
