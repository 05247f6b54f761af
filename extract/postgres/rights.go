package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// What a login can do beyond reading, each with a word for it. The last two
// are of PostgreSQL from a version on; a server that does not know a role says
// nothing of it.
const (
	rolesQuery = `SELECT word FROM pg_roles AS r, LATERAL (VALUES (r.rolsuper, 'superuser'), (r.rolcreaterole, 'CREATEROLE'),
  (r.rolcreatedb, 'CREATEDB'), (r.rolreplication, 'REPLICATION')) AS w (has, word) WHERE r.rolname = current_user AND has`

	groupsQuery = `SELECT rolname FROM pg_roles WHERE rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files',
  'pg_execute_server_program', 'pg_signal_backend', 'pg_maintain') AND pg_has_role(oid, 'USAGE')`

	writesQuery = `SELECT p FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p WHERE EXISTS (
  SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, p))`

	// Before version 15 everybody could make tables in the schema public.
	createQuery = `SELECT 'CREATE' WHERE has_database_privilege(current_database(), 'CREATE') OR EXISTS (SELECT 1 FROM pg_namespace
  WHERE left(nspname, 3) <> 'pg_' AND nspname <> 'information_schema' AND (nspname <> 'public' OR current_setting('server_version_num')::integer >= 150000)
  AND has_schema_privilege(oid, 'CREATE'))`
)

// rights tells whether the login may do more than read.
func (x *examination) rights(ctx context.Context) {
	var beyond []string
	for _, query := range []string{rolesQuery, groupsQuery, writesQuery, createQuery} {
		for _, r := range x.ask(ctx, query) {
			beyond = append(beyond, r[0])
		}
		if slices.Contains(beyond, "superuser") {
			beyond = []string{"everything, as a superuser"}
			break
		}
	}
	if beyond == nil {
		x.fine("rights", "the login may read, and nothing else")
		return
	}
	var tables []*table
	if x.all != nil {
		tables = append(slices.Clone(x.all.tables), x.all.denied...)
	}
	x.notable("rights", "have the administrator create a login that can do nothing but read", x.script(tables), "the login may do more than read: %s", some(beyond))
}

// policies tells of tables in which row security hides rows from the login.
func (x *examination) policies(context.Context) {
	var names []string
	if x.all != nil {
		for _, t := range x.all.tables {
			if t.guarded {
				names = append(names, t.name)
			}
		}
	}
	if names != nil {
		x.faulty("row-security", "have the administrator exempt the login, or leave the tables out", "ALTER ROLE "+quoteName(x.login.User)+" BYPASSRLS;\n",
			"row security would hide rows from the login, and these are not read: %s", some(names))
	}
}

// script makes a login that can read some tables, and nothing else.
func (x *examination) script(tables []*table) string {
	guarded := slices.ContainsFunc(tables, func(t *table) bool { return t.guarded })
	var b strings.Builder
	b.WriteString("CREATE ROLE sihctl LOGIN PASSWORD 'choose-a-password'")
	if guarded {
		b.WriteString(" BYPASSRLS")
	}
	b.WriteString(";\nALTER ROLE sihctl SET default_transaction_read_only = on;\n")
	fmt.Fprintf(&b, "GRANT CONNECT ON DATABASE %s TO sihctl;\n", quoteName(x.login.Database))
	list := schemas(tables)
	if list == "" {
		list = "public"
	}
	fmt.Fprintf(&b, "GRANT USAGE ON SCHEMA %s TO sihctl;\nGRANT SELECT ON ALL TABLES IN SCHEMA %[1]s TO sihctl;\n", list)
	return b.String()
}

// grants gives the login the right to read some tables more.
func (x *examination) grants(tables []*table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = decode(x.one.page, t.quoted)
	}
	login := quoteName(x.login.User)
	return fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s;\nGRANT SELECT ON %s TO %[2]s;\n", schemas(tables), login, strings.Join(names, ", "))
}

// schemas lists the schemas of some tables.
func schemas(tables []*table) string {
	var list []string
	for _, t := range tables {
		list = append(list, t.schema)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}
