// Package csvfile reads tables from delimited text files: exports with a
// header line, one file or several per table.
//
// Call [New] with a [Config], then Tables and Rows of the [Source].
//
// # Records
//
// A line ends in LF or CR LF; a CR alone is data. A field that begins with
// the quote ends at the next quote that is not doubled, and may hold
// separators and line ends, which are kept byte for byte. In any other field
// the quote is a letter like others. An empty line is no record, but in a
// table of one column it is a row with an empty field. A last byte 0x1A on a
// line of its own is DOS's end mark and no record either.
//
// A record is a row when it has as many fields as the header. What is no row
// is rejected whole, with its line and its offset in the file, counted in
// bytes from 0:
//
//   - A record of one line with too many or too few fields is rejected by
//     itself.
//   - A quote that stays open, or that is closed amid a field, makes its
//     record end before the next line that by itself is a record of the right
//     number of fields: one bad quote costs the lines that it damaged and no
//     more. So does a record of several lines with the wrong number of fields.
//     A record of several lines with the right number is believed, whatever
//     its lines look like: a note may hold a table.
//   - A record that holds NUL or 0x1A.
//   - What is longer than 4 MiB, in pieces.
//
// # Values
//
// Files know no NULL: an empty field is an empty text, quoted or not. A value
// is text where its bytes decode under the file's encoding and encode back to
// the same bytes; elsewhere it keeps its bytes ([sih.Raw.Bytes]). A byte order
// mark says more about a file than the config does, and wins.
//
// # Where a row came from
//
// Every table ends with two columns of the reader: _file, the file's path
// below the folder, and _line, the line at which the record begins, from 1.
package csvfile
