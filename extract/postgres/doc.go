// Package postgres reads the tables of a PostgreSQL database, from 9.6 on, as
// they lie there: numbers to the last digit, dates before Christ and at
// infinity, texts that do not decode.
//
// Call [New] with a [Config], then Tables and Rows of the [Source].
//
// # One view
//
// A Source reads in one read-only transaction of isolation REPEATABLE READ:
// all tables as they were at one moment, without a lock, whatever the hospital
// writes meanwhile. Several connections read in the same view, which the first
// one exports. A connection that breaks takes nothing with it as long as the
// first one lives; once that is gone, so is the view, the source does not open
// another in silence, and every later reading fails with [ErrLost].
//
// A long view keeps the server from clearing away old versions of rows. The
// kindest way is to read last night's backup, restored on another server.
//
// Each statement runs behind a savepoint that is gone back to, so that a table
// is held only while a statement reads it, and an ALTER TABLE of the hospital
// never waits for a reader that pauses. Some of these, and TRUNCATE, show an
// empty table to older views. The files of each table are therefore compared
// with those that the view knows, and a reading of one that was made anew
// fails with [ErrChanged].
//
// # Keys
//
// A table is read in short statements, each of which goes on after the last
// key of the one before: by its primary key, or by another that is unique and
// never NULL. The server compares keys, under the column's own collation; here
// they are never compared. What a statement returns is in memory before its
// first row is given away. A table without a fit key is read by a cursor, a
// few rows at a time, and holds its connection for as long as that lasts.
//
// At the end rows are counted by the server. A reading that does not come to
// the same fails.
//
// # Tables
//
// A partitioned table is read as one, and its parts not again; a table that
// others inherit from without its heirs, which are tables of their own.
// Foreign tables are left out, and so is what the login has no right to:
// [Config.Remark] is told of both. Policies of row security would hide rows in
// silence; here they are an error, [ErrPolicy].
//
// # Values
//
// All values come in the server's text format under fixed settings (ISO dates,
// UTC, floating numbers to the last digit), so that a text does not depend on
// how the server is set up. A UTF-8 database is read as it is; one of an
// 8-bit code page too, and decoded here: what does not decode keeps its bytes,
// as do texts of a SQL_ASCII database that are no UTF-8.
package postgres
