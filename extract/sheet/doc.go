// Package sheet reads tables from xlsx workbooks: registers kept by hand, one
// workbook or thousands of them.
//
// Call [New] with a [Config], then Tables and Rows of the [Source].
//
// # Tables
//
// Sheets of equal name, over all workbooks, are one table; or the config says
// which sheets make which. Names of sheets and columns are compared without
// case, accents, blanks and punctuation. A table has the columns of all its
// sheets, in the order in which they first appear, spelt as they first are; a
// sheet without one of them has NULL there. Columns that the config expects
// must be in every sheet.
//
// # The header
//
// It is looked for within the first 30 rows: the first row whose cells are
// texts (at most one in five may be a number), distinct (at most one in five
// may be there twice), and as many as six tenths of the fullest of these rows
// have. Where the config expects columns it is the row with the most of them,
// half at least.
//
// A header may have up to three rows, and is believed to where merged cells
// say so: a cell merged downwards makes it as high as itself; a label merged
// over several columns adds the row below when there are texts below it and
// nowhere else. A column is called by its labels from top to bottom, a
// repeated one once: "Couverture / N°". Line breaks in a label become blanks.
// A second column of the same name gets " (2)".
//
// # Rows
//
// Below the header every row that holds anything is yielded, but these are
// rejected: the header again; a row with a single filled cell where the table
// has three columns or more (totals, notes, signatures); a row with nothing
// under any column. Above it, rows that are as full as a header must be are
// rejected too, the others are titles. Merged cells among the data have their
// value in the first and NULL in the others, as the file has it.
//
// # Values
//
// A value is the text that the file stores, not what its format shows: a
// number keeps its stored digits, so that a date is a serial number; what
// _date1904 says about it matters. TRUE and FALSE, and errors such as #N/A,
// are these texts. A formula has the value that was last computed. Rich text
// loses its look. An empty cell is NULL.
//
// # Where a row came from
//
// Every table ends with columns of the reader: _file, the workbook's path
// below the folder; _sheet, the sheet's name; _row, its row from 1; _date1904,
// 1 where day 0 is 1904-01-01 and 0 where day 1 is 1900-01-01; _beside, cells
// of the row that stand under no column, as lines such as "N12: text".
package sheet
