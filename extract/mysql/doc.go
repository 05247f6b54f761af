// Package mysql reads the tables of a MySQL or MariaDB database, from MySQL
// 5.5 on, as they lie there: zero and partial dates, texts that do not decode,
// numbers to the last digit.
//
// Call [New] with a [Config], then Tables and Rows of the [Source]; or Examine
// first, which looks for whatever would stop a reading.
//
// # One view
//
// A Source opens one connection and on it one read-only transaction with a
// consistent snapshot: all tables of InnoDB are read as they were at that
// moment, without a lock, whatever the hospital writes meanwhile. Several
// connections can have the same view only if nobody writes while it is opened,
// which takes leave ([Config.AllowLock]): MariaDB since 10.4 then holds commits
// for a moment, other servers all statements that write. Should that take more
// than two seconds, three times over, one connection reads.
//
// A view dies with the last of its connections. The source does not open
// another in silence: every later reading fails with [ErrLost], until View is
// called, which opens a new one. A statement that somebody's lock was in the way
// of is tried again in the view, one whose connection broke on another
// connection.
//
// Tables of MyISAM and of other engines without transactions know no such
// view. They are read as they are, and [Config.Notice] is told which they are,
// and of each whose number of rows changed under the reader. One that may be
// locked by name is read as it stood at one moment of its own.
//
// # Keys
//
// A table is read in short statements, each of which goes on after the last
// key of the one before: by its primary key, or by another that is unique and
// never NULL. The server compares keys, under the column's own collation;
// here they are never compared. What a statement returns is in memory before
// its first row is given away, and the next one is under way meanwhile; a slow
// consumer keeps no statement open. A table of MyISAM without a fit key is read
// by a cursor (HANDLER), a few rows at a time; any other in one statement: while
// that reading lasts its connection is taken, and where the engine has no
// transactions the table's writers wait. Keys of floating numbers, ENUM, SET,
// of prefixes and of texts in the wide character sets of East Asia are not fit:
// the server would compare something else than it sorts by.
//
// At a table's end its rows are counted by the server, and so are those of a
// part of it. In the view, a reading that does not come to the same fails.
//
// # Values
//
// The connection speaks utf8mb4, the session's time is UTC and its sql_mode is
// empty, so that a text does not depend on how the server is set up: TIMESTAMP
// columns, which hold moments, are read in UTC, DATETIME columns as they were
// written. Texts cross the wire as the bytes that the table holds. Those under
// a character set of one byte a character are decoded by a table that the
// server itself was asked for; what does not encode back to the same bytes
// keeps its bytes.
package mysql
