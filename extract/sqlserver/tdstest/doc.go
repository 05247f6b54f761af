// Package tdstest is a SQL Server for tests, inside the test's own process:
// TDS 7.4 as [MS-TDS] describes it, over a real TCP connection. It is no SQL
// engine: it answers the catalogue and the statements that package sqlserver
// makes, and refuses every other. It can end a statement in an error, fall
// silent, and drop the connection in mid-stream, on demand; be an old server
// that knows old TLS or none; and have a login with other rights, or a database
// in another state.
//
// A server that [Hold] starts is another: it holds what is written to it, by
// statements and in bulk copies, for the tests of a store. It says T-SQL's few
// sentences to SQLite.
//
// Call [New] with a [Database]; [Server.Port] is where it listens on 127.0.0.1.
package tdstest
