// Package sqlserver reads SQL Server databases, from 2008 R2 on, as sources.
// Call [ParseAddress] on the content of an address file, then [New].
//
// It stands in nobody's way: where the database allows snapshot isolation, all
// tables are read in one transaction of it, which takes no locks; elsewhere by
// short statements at READ COMMITTED, which hold a lock for as long as a page
// is being read, and what changed under the reader is counted and told to
// [Config.Notice]. NOLOCK, which loses and doubles rows, is never used. A table
// is read in chunks along its key: a slow consumer holds nothing open on the
// server. One without a key is read, sorted, in one pass.
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
