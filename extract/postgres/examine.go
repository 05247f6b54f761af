package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract"
)

// examination is what is known of a server so far.
type examination struct {
	*Source
	one      *session
	all      *catalogue
	findings []extract.Finding
}

// Examine looks for whatever would stop a reading or make it unsafe. It goes by
// a connection of its own and changes nothing; of the largest table it reads a
// few rows, for the pace.
func (s *Source) Examine(ctx context.Context) ([]extract.Finding, error) {
	x := &examination{Source: s}
	if x.enter(ctx) {
		defer x.one.close()
		for _, look := range []func(context.Context){
			x.kindest, x.server, x.encryption, x.catalogue, x.rights, x.policies, x.texts, x.limits, x.undo, x.pace,
		} {
			if ctx.Err() == nil {
				look(ctx)
			}
		}
	}
	return x.findings, ctx.Err()
}

// fine, notable and faulty add a finding.
func (x *examination) fine(check, format string, args ...any) {
	x.findings = append(x.findings, extract.Finding{Level: extract.Fine, Check: check, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) notable(check, advice, script, format string, args ...any) {
	x.findings = append(x.findings, extract.Finding{Level: extract.Notable, Check: check, Text: fmt.Sprintf(format, args...), Advice: advice, Script: script})
}

func (x *examination) faulty(check, advice, script, format string, args ...any) {
	x.findings = append(x.findings, extract.Finding{Level: extract.Faulty, Check: check, Text: fmt.Sprintf(format, args...), Advice: advice, Script: script})
}

// ask gives the rows of a statement that the login may not have the right to,
// or the server not know: then none.
func (x *examination) ask(ctx context.Context, query string) [][]string {
	rows, err := x.one.records(ctx, query)
	if err != nil {
		return nil
	}
	return rows
}

// one value, or nothing.
func (x *examination) value(ctx context.Context, query string) string {
	if rows := x.ask(ctx, query); len(rows) > 0 {
		return rows[0][0]
	}
	return ""
}

// setting is one of the server's.
func (x *examination) setting(ctx context.Context, name string) string {
	return x.value(ctx, "SELECT setting FROM pg_settings WHERE name = "+literal(name))
}

// guest finds this machine's address in the server's refusal.
var guest = regexp.MustCompile(`host "([^"]+)"`)

// enter reaches the server and logs in.
func (x *examination) enter(ctx context.Context) bool {
	address := fmt.Sprintf("%s:%d", x.login.Host, x.login.Port)
	one, err := openSession(ctx, x.login, "")
	if err == nil {
		x.one = one
		x.fine("reach", "%s answers", address)
		x.fine("login", "the login is accepted")
		return true
	}
	var fault *Error
	if ctx.Err() != nil || !errors.As(err, &fault) {
		return false
	}
	check, advice, script := "login", fault.Hint(), ""
	switch fault.Why {
	case ErrUnreachable:
		check = "reach"
	case ErrTLS:
		check = "encryption"
	case ErrAccess:
		if found := guest.FindStringSubmatch(fault.Error()); found != nil {
			advice = fmt.Sprintf("have the administrator add a line to pg_hba.conf, host %s %s %s scram-sha-256, then run SELECT pg_reload_conf()",
				quoteName(x.login.Database), quoteName(x.login.User), network(found[1]))
		}
	case ErrRefused, ErrNoDatabase:
		script = x.script(nil)
	}
	x.faulty(check, advice, script, "%v", fault)
	return false
}

// network is an address as pg_hba.conf has it.
func network(address string) string {
	if strings.Contains(address, ":") {
		return address + "/128"
	}
	return address + "/32"
}

// behind is from how many seconds on a standby's delay is told.
const behind = 600

// kindest tells whether the server is the one that the hospital works with, and
// whether a standby can keep a view for long.
func (x *examination) kindest(ctx context.Context) {
	before := x.findings
	x.findings = nil
	if x.value(ctx, "SELECT pg_is_in_recovery()") != "t" {
		x.notable("kindest-way", "the kindest way is to read a standby server, or last night's backup restored on another one", "",
			"this may be the very server that the hospital works with")
		x.findings = append(x.findings, before...)
		return
	}
	late, _ := strconv.ParseFloat(x.value(ctx, "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())"), 64)
	if late > behind {
		x.notable("kindest-way", "see that it still follows, unless nobody wrote since", "",
			"this server is a standby, and the last change that it has is %.0f minutes old", late/60)
	} else {
		x.fine("kindest-way", "this server is a standby: reading it is little burden to the one that the hospital works with")
	}
	x.findings = append(x.findings, before...)
	if delay := x.setting(ctx, "max_standby_streaming_delay"); x.setting(ctx, "hot_standby_feedback") != "on" && delay != "-1" {
		x.notable("limits", "have the administrator set hot_standby_feedback = on, or max_standby_streaming_delay = -1, for the time of the reading",
			"ALTER SYSTEM SET hot_standby_feedback = on;\nSELECT pg_reload_conf();\n",
			"this standby cuts readings that stand in the way of what it has to follow, after %s ms", delay)
	}
}

// server tells its version.
func (x *examination) server(ctx context.Context) {
	version, _, _ := strings.Cut(x.setting(ctx, "server_version"), " ")
	switch number := x.one.version; {
	case number < 90600:
		x.notable("version", "better read its dump restored on a newer one", "", "PostgreSQL %s, older than those that the reading was made for, which begin with 9.6", version)
	case number >= 190000:
		x.notable("version", "compare the rows with the server's own counts", "", "PostgreSQL %s, newer than those that the reading was made for", version)
	default:
		x.fine("version", "PostgreSQL %s", version)
	}
}

// encryption tells whether others can read along.
func (x *examination) encryption(ctx context.Context) {
	ip := net.ParseIP(x.login.Host)
	proved := x.login.TLSConfig != nil && (!x.login.TLSConfig.InsecureSkipVerify || x.login.TLSConfig.VerifyPeerCertificate != nil)
	var version string
	if r := x.ask(ctx, "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"); len(r) > 0 && r[0][0] == "t" {
		version = r[0][1]
	}
	switch {
	case version != "" && proved:
		x.fine("encryption", "the connection is encrypted (%s), and the server is proved to be the right one", version)
	case filepath.IsAbs(x.login.Host) || strings.HasPrefix(x.login.Host, "/") || x.login.Host == "localhost" || ip != nil && ip.IsLoopback():
		x.fine("encryption", "the connection does not leave this machine")
	case version != "":
		x.notable("encryption", "write sslmode=verify-full into the DSN, and sslrootcert= with the file of the server's certificate where this machine does not know it", "",
			"the connection is encrypted (%s), but nothing proves that the server is the right one", version)
	case x.setting(ctx, "ssl") == "on":
		x.notable("encryption", "the server can encrypt: write sslmode=require into the DSN", "", "the connection is not encrypted: the records cross the network as they are")
	default:
		x.notable("encryption", "read from a machine beside the server, or have the administrator give it a certificate (ssl = on)", "",
			"the connection is not encrypted, and the server does not offer it: the records cross the network as they are")
	}
}

// catalogue tells what tables there are, and what is to be known of them.
func (x *examination) catalogue(ctx context.Context) {
	all, err := x.one.catalogue(ctx, x.views)
	if err != nil {
		x.faulty("tables", "see that the server still runs", "", "%v", failed(ctx, "read the catalogue", err))
		return
	}
	x.all = all
	if len(all.tables) == 0 {
		x.faulty("tables", "have the administrator grant the login what it needs", x.script(all.denied), "the login can read no table")
		return
	}
	x.fine("tables", "tables that can be read: %d", len(all.tables))
	list := func(in []*table, is func(*table) bool) (names []string) {
		for _, t := range in {
			if is(t) {
				names = append(names, t.name)
			}
		}
		return names
	}
	every := func(*table) bool { return true }
	if names := list(all.foreign, every); names != nil {
		x.notable("tables", "name the other server as a source of its own, where its records are wanted", "", "another server's tables are left out: %s", some(names))
	}
	if names := list(all.absent, every); names != nil {
		x.notable("tables", "read them from the server that this one follows, where their records are wanted", "", "unlogged tables, which a standby server does not have, are left out: %s", some(names))
	}
	if names := list(all.denied, every); names != nil {
		x.notable("rights", "have the administrator grant them, where their records are wanted", x.grants(all.denied), "left out, since the login has no right to them: %s", some(names))
	}
	if names := list(all.tables, func(t *table) bool { return len(t.denied) > 0 }); names != nil {
		x.notable("rights", "have the administrator grant the whole tables, where the columns are wanted", "", "read without some of the columns, to which the login has no right: %s", some(names))
	}
	if names := list(all.tables, func(t *table) bool { return len(t.objects) > 0 }); names != nil {
		x.notable("tables", "where scans or letters are kept there, have them exported as files (lo_export)", "", "large objects may be pointed at, whose content is not read, by %s", some(names))
	}
	if names := list(all.tables, func(t *table) bool { return t.abroad }); names != nil {
		x.notable("view", "read them while nobody writes", "", "parts on another server are in no view: %s", some(names))
	} else {
		x.fine("view", "all tables can be read as they stand at one moment, without a lock")
	}
	if names := list(all.tables, func(t *table) bool { return t.order == nil && t.relkind != "v" }); names != nil {
		x.notable("keys", "nothing to do; but an interrupted reading of such a table begins again from its start", "", "without a key to be read by: %s", some(names))
	}
}

// encodings that are decoded here, or need not be.
func decoded(encoding string) bool { return encoding == "UTF8" || pages[encoding] != nil }

// texts tells of what may be wrong with the texts of a database, and with the
// order that its indexes have them in.
func (x *examination) texts(ctx context.Context) {
	switch encoding := x.setting(ctx, "server_encoding"); {
	case encoding == "SQL_ASCII":
		x.notable("character-sets", "look at the profile of the snapshot (sihctl inspect), and name the source's encodings in its config", "",
			"the database does not say under which code page its texts are (SQL_ASCII)")
	case !decoded(encoding):
		x.notable("character-sets", "a text that the server cannot bring into UTF-8 stops the reading of its table: then read a dump of the database restored as UTF8", "",
			"the server itself decodes the texts of the database (%s)", encoding)
	default:
		x.fine("character-sets", "the texts of the database are %s", encoding)
	}
	other := "SELECT count(DISTINCT c.oid) FROM pg_collation AS c JOIN pg_attribute AS a ON a.attcollation = c.oid WHERE c.collversion IS NOT NULL AND c.collversion <> pg_collation_actual_version(c.oid)"
	base := "SELECT count(*) FROM pg_database WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)"
	if a, b := x.value(ctx, other), x.value(ctx, base); a != "" && a != "0" || b != "" && b != "0" {
		x.notable("keys", "have the administrator run REINDEX DATABASE, or read last night's backup restored on another server; every table is counted in any case", "",
			"the server's rules for sorting texts have changed since its indexes were made: a table read by a text may come short")
	}
}

// some lists no more than ten names.
func some(names []string) string {
	if len(names) <= 10 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:10], ", "), len(names)-10)
}
