// Package mysql reads the tables of a MySQL or MariaDB database, from MySQL
// 5.5 on, as they lie there: zero and partial dates, texts that do not decode,
// numbers to the last digit.
//
// Call [New] with a [Config], then Tables and Rows of the [Source].
//
// # One view
//
// A Source opens one connection and on it one read-only transaction with a
// consistent snapshot: all tables of InnoDB are read as they were at that
// moment, without a lock, whatever the hospital writes meanwhile. A view dies
// with its connection. The source does not open another in silence: every
// later reading fails with [ErrLost], and another Source is another view.
//
// Tables of MyISAM and of other engines without transactions know no such
// view. They are read as they are, and [Config.Notice] is told which they are,
// and of each whose number of rows changed under the reader.
//
// # Keys
//
// A table is read in short statements, each of which goes on after the last
// key of the one before: by its primary key, or by another that is unique and
// never NULL. The server compares keys, under the column's own collation;
// here they are never compared. What a statement returns is in memory before
// its first row is given away, so that a slow consumer keeps no statement
// open. A table of MyISAM without a fit key is read by a cursor (HANDLER), a
// few rows at a time; any other in one statement: while that reading lasts,
// other readings of the source wait, and where the engine has no transactions
// so do the table's writers. Keys of floating numbers, ENUM,
// SET, of prefixes and of texts that may not survive the way to UTF-8 are not
// fit: the server would compare something else than it sorts by.
//
// At a table's end its rows are counted by the server. In the view, a reading
// that does not come to the same fails.
//
// # Values
//
// The connection speaks utf8mb4, the session's time is UTC and its sql_mode is
// empty, so that a text does not depend on how the server is set up: TIMESTAMP
// columns, which hold moments, are read in UTC, DATETIME columns as they were
// written. Texts under other character sets than Latin-1 and UTF-8 are checked
// by the server: what does not encode back to the same bytes keeps its bytes.
package mysql
