package mysql

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sihctl/sih/extract"
)

// examination is what is known of a server so far.
type examination struct {
	*Source
	one       *session
	tables    []*table
	variables map[string]string
	host      string // that the login comes from, as the server sees it
	findings  []extract.Finding
}

// Examine looks for whatever would stop a reading or make it unsafe. It goes by
// a connection of its own and changes nothing; of the largest table it reads a
// few rows, for the pace.
func (s *Source) Examine(ctx context.Context) ([]extract.Finding, error) {
	x := &examination{Source: s, host: "this-host"}
	if x.enter(ctx) {
		defer x.one.close()
		for _, look := range []func(context.Context){x.server, x.replica, x.encryption, x.rights, x.catalogue, x.limits, x.undo, x.pace} {
			if ctx.Err() == nil {
				look(ctx)
			}
		}
	}
	return x.findings, ctx.Err()
}

func (x *examination) find(level extract.Level, check, text, advice, script string) {
	x.findings = append(x.findings, extract.Finding{Level: level, Check: check, Text: text, Advice: advice, Script: script})
}

// guest finds the host in the server's refusal of a login.
var guest = regexp.MustCompile(`'@'([^']+)'`)

// enter reaches the server and logs in.
func (x *examination) enter(ctx context.Context) bool {
	one, err := connect(ctx, x.login, x.lockWait)
	if err == nil {
		x.one = one
		x.find(extract.Fine, "reach", x.login.Addr+" answers", "", "")
		x.find(extract.Fine, "login", "the login is accepted", "", "")
		return true
	}
	if ctx.Err() != nil {
		return false
	}
	fault, ok := err.(*Error)
	if !ok {
		fault = &Error{Op: "connect to " + x.login.Addr, Why: ErrUnreachable, Err: err}
	}
	check, script := "login", ""
	switch fault.Why {
	case ErrUnreachable:
		check = "reach"
	case ErrTLS:
		check = "encryption"
	case ErrRefused, ErrNoDatabase:
		if found := guest.FindStringSubmatch(fault.Error()); found != nil {
			x.host = found[1]
		}
		script = x.script(nil)
	}
	x.find(extract.Faulty, check, fault.Error(), fault.Hint(), script)
	return false
}

// script makes a login for the database, or for those that are seen.
func (x *examination) script(databases []string) string {
	if x.login.DBName != "" {
		databases = []string{x.login.DBName}
	}
	named := slices.DeleteFunc(slices.Clone(x.locks), func(s string) bool { return s == "*" })
	return script(databases, x.host, x.connections > 1 && slices.Contains(x.locks, "*"), len(named) > 0)
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

// server tells its version, and gathers its variables.
func (x *examination) server(ctx context.Context) {
	x.variables = map[string]string{}
	for _, r := range x.ask(ctx, "SHOW VARIABLES") {
		x.variables[strings.ToLower(r[0])] = r[1]
	}
	if r := x.ask(ctx, "SELECT USER()"); len(r) > 0 {
		if at := strings.LastIndexByte(r[0][0], '@'); at >= 0 {
			x.host = r[0][0][at+1:]
		}
	}
	version := x.variables["version"]
	product, level, advice := "MySQL ", extract.Fine, ""
	release := releaseOf(version)
	switch {
	case strings.Contains(version, "TiDB"):
		product, level, advice = "", extract.Notable, "the reading was made for MySQL and MariaDB: compare the rows with the server's own counts"
	case strings.Contains(version, "MariaDB"):
		product = ""
	case release >= 9_00_00:
		level, advice = extract.Notable, "this version is newer than those that the reading was made for"
	}
	if release < 5_05_00 {
		level, advice = extract.Notable, "this version is older than those that the reading was made for, which begin with 5.5: better read its dump restored on a newer one"
	}
	x.find(level, "version", product+version, advice, "")
}

// replica tells whether the server is one, and how far behind; else that
// another one were kinder to read.
func (x *examination) replica(ctx context.Context) {
	replica, err := x.one.named(ctx, "SHOW SLAVE STATUS")
	if number(err) == 1064 {
		replica, _ = x.one.named(ctx, "SHOW REPLICA STATUS")
	}
	if len(replica) == 0 {
		x.findings = slices.Insert(x.findings, 0, extract.Finding{
			Level: extract.Notable, Check: "kindest-way",
			Text:   "this may be the very server that the hospital works with",
			Advice: "the kindest way is to read a replica, or last night's backup restored on another instance",
		})
		return
	}
	behind, known := replica[0]["Seconds_Behind_Master"]
	if !known {
		behind = replica[0]["Seconds_Behind_Source"]
	}
	switch seconds, err := strconv.Atoi(behind); {
	case err != nil:
		x.find(extract.Notable, "replica", "this server is a replica that has stopped: it does not hold what was written since", "have the administrator start it again, or restore last night's backup on another instance", "")
	case seconds > lateSeconds:
		x.find(extract.Notable, "replica", fmt.Sprintf("this server is a replica, %d minutes behind", seconds/60), "read it when it has caught up", "")
	default:
		x.find(extract.Fine, "replica", "this server is a replica: reading it is no burden to the one that the hospital works with", "", "")
	}
}

// encryption tells whether others can read along.
func (x *examination) encryption(ctx context.Context) {
	status := map[string]string{}
	for _, r := range x.ask(ctx, "SHOW SESSION STATUS LIKE 'Ssl_%'") {
		status[r[0]] = r[1]
	}
	host, _, _ := net.SplitHostPort(x.login.Addr)
	ip := net.ParseIP(host)
	switch {
	case status["Ssl_cipher"] != "" && (x.login.TLSConfig == "skip-verify" || x.login.TLSConfig == "preferred"):
		x.find(extract.Notable, "encryption", "the connection is encrypted ("+status["Ssl_version"]+"), but nothing proves that the server is the right one", "where this machine trusts the server's certificate, write tls=true into the DSN", "")
	case status["Ssl_cipher"] != "":
		x.find(extract.Fine, "encryption", "the connection is encrypted ("+status["Ssl_version"]+")", "", "")
	case x.login.Net == "unix" || host == "localhost" || ip != nil && ip.IsLoopback():
		x.find(extract.Fine, "encryption", "the connection does not leave this machine", "", "")
	case x.variables["have_ssl"] == "YES" || x.variables["have_openssl"] == "YES" || x.variables["ssl_cert"] != "":
		x.find(extract.Notable, "encryption", "the connection is not encrypted: the records cross the network as they are", "the server can encrypt: write ?tls=true into the DSN, or ?tls=skip-verify where its certificate is its own", "")
	default:
		x.find(extract.Notable, "encryption", "the connection is not encrypted, and the server offers it not: the records cross the network as they are", "read from a machine beside the server, or have the administrator give the server a certificate", "")
	}
}

// rights tells whether the login may do more than read, or less than is needed.
func (x *examination) rights(ctx context.Context) {
	var grants []grant
	var roles []string
	take := func(query string) {
		for _, r := range x.ask(ctx, query) {
			if g, ok := parseGrant(r[0]); ok {
				grants = append(grants, g)
				roles = append(roles, g.roles...)
			}
		}
	}
	take("SHOW GRANTS")
	// MariaDB tells of its roles by itself.
	if len(roles) > 0 && !strings.Contains(x.variables["version"], "MariaDB") {
		using := strings.Join(roles, ",")
		grants, roles = nil, nil
		take("SHOW GRANTS FOR CURRENT_USER() USING " + using)
	}
	var beyond []string
	everywhere, moment, tables := false, false, false
	for _, g := range grants {
		beyond = append(beyond, g.beyond()...)
		everywhere = everywhere || g.allows("SELECT")
		moment = moment || g.allows("RELOAD", "FLUSH_TABLES")
		tables = tables || slices.ContainsFunc(g.privileges, func(p string) bool { return p == "LOCK TABLES" || strings.HasPrefix(p, "ALL") })
	}
	var databases []string
	for _, r := range x.ask(ctx, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ("+systemSchemas+") ORDER BY SCHEMA_NAME") {
		databases = append(databases, r[0])
	}
	const narrow = "have the administrator create a login that can do nothing but read"
	slices.Sort(beyond)
	switch {
	case len(grants) == 0:
		x.find(extract.Notable, "rights", "what the login may do is not told", narrow, x.script(databases))
	case len(beyond) > 0:
		x.find(extract.Notable, "rights", "the login may do more than read: "+some(slices.Compact(beyond)), narrow, x.script(databases))
	case everywhere:
		x.find(extract.Notable, "rights", "the login may read every database of the server, its own tables of users included", narrow+" what is asked for", x.script(databases))
	default:
		x.find(extract.Fine, "rights", "the login may read, and nothing else", "", "")
	}
	if x.connections > 1 && slices.Contains(x.locks, "*") && !moment {
		x.find(extract.Notable, "rights", "without the right RELOAD one connection reads, whatever is allowed", "have the administrator grant it, or read by one connection", x.script(databases))
	}
	if slices.ContainsFunc(x.locks, func(s string) bool { return s != "*" }) && !tables {
		x.find(extract.Notable, "rights", "without the right LOCK TABLES no table is locked, whatever is allowed", "have the administrator grant it, or allow no lock", x.script(databases))
	}
}

// catalogue tells what tables there are, and what is to be known of them.
func (x *examination) catalogue(ctx context.Context) {
	tables, err := x.list(ctx, x.one)
	if err != nil {
		x.find(extract.Faulty, "tables", failed(ctx, "read the catalogue", err).Error(), "see that the server still runs", "")
		return
	}
	x.tables = tables
	if len(tables) == 0 {
		x.find(extract.Faulty, "tables", "the login sees no table", "see whether the database is the right one, and have the administrator grant SELECT on it", x.script(nil))
		return
	}
	engines, histories := lacking(tables)
	var keyless []string
	sets := map[string]int{}
	for _, t := range tables {
		if t.order == nil && !t.virtual && !t.out {
			keyless = append(keyless, t.name)
		}
		for _, c := range t.columns {
			if !c.out {
				sets[c.charset]++
			}
		}
	}
	for _, engine := range sorted(engines) {
		x.find(extract.Notable, "view", fmt.Sprintf("tables of the engine %s are never consistent with others, being without transactions: %s", engine, some(engines[engine])), "read them while nobody writes; or name them in allow_lock, by which each is read as it stood at one moment while its writers wait", "")
	}
	if len(engines) == 0 {
		x.find(extract.Fine, "view", "all tables can be read as they stand at one moment", "", "")
	}
	if len(histories) > 0 {
		x.find(extract.Notable, "tables", "of tables that keep their history only the rows that hold now are read: "+some(histories), "where the history is wanted, have the administrator make a view of it (FOR SYSTEM_TIME ALL)", "")
	}
	if len(keyless) > 0 {
		x.find(extract.Notable, "keys", "tables without a key that they can be read by: "+some(keyless), "nothing to do; but an interrupted reading of such a table begins again from its start", "")
	}
	for _, name := range x.locks {
		switch t := named(tables, name); {
		case name == "*":
		case t == nil:
			x.find(extract.Notable, "lock", "allow_lock names "+name+", which is no table that the login sees", "write it as the catalogue has it", "")
		case t.steady:
			x.find(extract.Notable, "lock", "allow_lock names "+name+", which needs no lock", "take it out", "")
		}
	}
	if n := sets["latin1"]; n > 0 {
		x.find(extract.Notable, "character-sets", fmt.Sprintf("columns are declared as latin1 (%d), where old programs often keep Arabic under another code page", n), "look at the profile of the snapshot (sihctl inspect), and name the source's encodings in its config", "")
	}
}

// limits tells what would cut a long reading.
func (x *examination) limits(ctx context.Context) {
	before := len(x.findings)
	for _, name := range []string{"max_execution_time", "max_statement_time", "idle_transaction_timeout", "idle_readonly_transaction_timeout"} {
		if limit, err := strconv.ParseFloat(x.variables[name], 64); err == nil && limit != 0 {
			x.find(extract.Notable, "limits", "the server does not let "+name+" be lifted: it stands at "+x.variables[name], "have the administrator lift it for this login, or slow statements will be cut", "")
		}
	}
	if limit, err := strconv.Atoi(x.variables["innodb_kill_idle_transaction"]); err == nil && limit > 0 {
		x.find(extract.Notable, "limits", fmt.Sprintf("the server ends transactions that are idle for %d seconds (innodb_kill_idle_transaction), and the view with them", limit), "have the administrator set it to 0 for the night", "")
	}
	if limit, err := strconv.Atoi(x.variables["max_user_connections"]); err == nil && limit > 0 && limit < x.connections+1 {
		x.find(extract.Notable, "limits", fmt.Sprintf("the server allows the login %d connections at a time", limit), "ask for fewer connections, or have the administrator allow more", "")
	}
	if len(x.findings) == before {
		x.find(extract.Fine, "limits", "no limit of the server's would cut a long reading", "", "")
	}
}

// From here on the server's administrator should know: of what is read in one
// view, of the list of old versions, of a transaction's age and of a replica's
// delay.
const (
	largeBytes  = 10 << 30
	longHistory = 1_000_000
	oldSeconds  = 3600
	lateSeconds = 600
)

// undo tells what a view that is held open costs the server: it keeps every
// version of a row that is changed meanwhile.
func (x *examination) undo(ctx context.Context) {
	if r := x.ask(ctx, "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME='trx_rseg_history_len'"); len(r) > 0 {
		if n, _ := strconv.Atoi(r[0][0]); n > longHistory {
			x.find(extract.Notable, "undo", fmt.Sprintf("the server keeps %d old versions of rows already, for some other reading that does not end", n), "have the administrator find the transaction that is open since long, before another one is", "")
		}
	}
	if r := x.ask(ctx, "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_started<NOW()-INTERVAL "+strconv.Itoa(oldSeconds)+" SECOND"); len(r) > 0 && r[0][0] != "0" {
		x.find(extract.Notable, "undo", r[0][0]+" transactions are open for more than an hour", "have the administrator look at them: a change of a table waits for them, and whoever reads it behind the change", "")
	}
}

// pace tells how long it may take, where a table is large enough to tell by.
func (x *examination) pace(ctx context.Context) {
	sizes, err := x.one.survey(ctx, x.login.DBName, x.tables)
	if err != nil {
		return
	}
	var bytes, held, most int64
	var largest *table
	for i, size := range sizes {
		bytes += size.Bytes
		if x.tables[i].steady {
			held += size.Bytes
		}
		if x.tables[i].order != nil && size.Bytes > most {
			largest, most = x.tables[i], size.Bytes
		}
	}
	if largest != nil {
		if speed := x.speed(ctx, largest); speed > 0 {
			x.find(extract.Fine, "pace", fmt.Sprintf("%s gives %s a second: %s for all %s, if nothing slows it", largest.name, size(int64(speed)), span(float64(bytes)/speed), size(bytes)), "", "")
		}
	}
	if held > largeBytes {
		x.find(extract.Notable, "undo", "one view is held open while "+size(held)+" are read, and the server keeps whatever is changed meanwhile twice", "read at night, or a replica, and see that the disk of the server has room", "")
	}
}

// speed reads some rows of a table, and tells its pace in bytes a second; 0
// where it has too few.
func (x *examination) speed(ctx context.Context, t *table) float64 {
	c := newChunk(t)
	limit := c.first()
	var took time.Duration
	for range 2 { // the first is for the server to wake up
		start := time.Now()
		rows, err := x.one.query(ctx, t.statement(x.one.hint, extract.Range{}, limit))
		if err != nil {
			return 0
		}
		_, err = c.fill(rows, maxChunkBytes)
		if rows.Close() != nil || err != nil || c.len() < c.first() {
			return 0
		}
		took = time.Since(start)
		limit = c.next(limit)
	}
	return float64(len(c.text)) / took.Seconds()
}

// some lists no more than ten names.
func some(names []string) string {
	if len(names) <= 10 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:10], ", "), len(names)-10)
}

// size writes bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.0f MB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.0f kB", float64(bytes)/(1<<10))
}

// span writes seconds for people.
func span(seconds float64) string {
	switch {
	case seconds >= 5400:
		return fmt.Sprintf("%.1f hours", seconds/3600)
	case seconds >= 90:
		return fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return "less than two minutes"
}
