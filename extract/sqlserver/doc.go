// Package sqlserver reads SQL Server databases, from 2008 R2 on, as sources.
// Call [ParseAddress] on the content of an address file, then [New].
//
// It stands in nobody's way: where the database allows snapshot isolation, all
// tables are read in one transaction of it, which takes no locks; elsewhere by
// short statements at READ COMMITTED, which hold a lock for as long as a page
// is being read, and what changed under the reader is counted and told to
// [Config.Notice]. NOLOCK, which loses and doubles rows, is never used.
//
// A table is read in chunks along a unique index, in whole or from one key to
// another ([Source.RowsIn]): a slow consumer holds nothing open on the server,
// and while it takes the rows of a chunk, the next one is on its way. A table
// without such an index is read, sorted, in one pass. A statement that meets a
// lock or a deadlock is repeated where the view survived it; any other error
// ends the reading and the connection, for a broken one can look whole to its
// driver. [Source.View] tells which view rows come from.
//
// [Source.Examine] says beforehand what would stop a reading, from the way to
// the server to the login's rights, with the script for its administrator.
//
// Texts cross the wire as the bytes that the server stores, and are decoded
// here under the column's own code page: a byte that the page lacks shows as
// such, and never as a question mark. Every other type becomes the canonical
// text of docs/formats.md.
//
// The driver is github.com/denisenkom/go-mssqldb; with the build tag
// mssql_microsoft it is its successor, github.com/microsoft/go-mssqldb. Both
// register one name, so a program holds one of them.
package sqlserver
