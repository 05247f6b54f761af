package mysql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/sihctl/sih/load/store"
)

// duplicate is the server's number for a key that is there already.
const duplicate = 1062

// errCollides says that some of the rows are there already.
var errCollides = errors.New("a row is there already")

// send writes the rows that are held.
func (l *loader) send(ctx context.Context) error {
	again, err := l.sort()
	if err != nil {
		return err
	}
	l.counts.Updated += again
	conn := l.store.session
	if !l.collides {
		if err := conn.run(ctx, "SAVEPOINT sihctl"); err != nil {
			return err
		}
		err := l.put(ctx, l.table.Name)
		if err == nil {
			l.counts.Inserted += int64(len(l.rows))
			return nil
		}
		if !errors.Is(err, errCollides) {
			return err
		}
		if err := conn.run(ctx, "ROLLBACK TO SAVEPOINT sihctl"); err != nil {
			return err
		}
		l.collides = true
	}
	return l.merge(ctx)
}

// put writes the rows into a table, whole or with an error.
func (l *loader) put(ctx context.Context, table string) error {
	if l.store.session.infile {
		return l.infile(ctx, table)
	}
	return l.insert(ctx, table)
}

// infile sends the rows as a file. What is amiss with a row of such a file is a
// warning to the server, which leaves the row out or changes it.
func (l *loader) infile(ctx context.Context, table string) error {
	conn := l.store.session
	l.store.sending = &file{buf: l.buf, rows: l.rows}
	n, err := conn.affect(ctx, "LOAD DATA LOCAL INFILE 'Reader::"+l.store.file+"' INTO TABLE "+table+
		` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (`+l.columns()+")")
	l.store.sending = nil
	if err != nil {
		return err
	}
	warnings, err := conn.records(ctx, "SHOW WARNINGS")
	switch {
	case err != nil:
		return err
	case len(warnings) > 0:
		return l.refused(warnings[0][1], warnings[0][2])
	case n != int64(len(l.rows)):
		return fmt.Errorf("%s: the server took %d of %d rows", l.table.Name, n, len(l.rows))
	}
	return nil
}

var (
	rowNumber  = regexp.MustCompile(`at row (\d+)`)
	columnName = regexp.MustCompile("(?:column|CONSTRAINT) [`']?(?:[^`']*`\\.`)*([a-z_0-9.]+)[`']")
)

// refused makes an error of the server's warning, without the value that it may
// quote.
func (l *loader) refused(code, text string) error {
	if code == strconv.Itoa(duplicate) {
		return errCollides
	}
	row := &store.RowError{Table: l.table.Name, Err: fmt.Errorf("the server refuses the value (warning %s)", code)}
	if m := columnName.FindStringSubmatch(text); m != nil {
		row.Column = m[1][strings.LastIndexByte(m[1], '.')+1:]
	}
	if m := rowNumber.FindStringSubmatch(text); m != nil && l.table.Has("id") {
		if n, err := strconv.Atoi(m[1]); err == nil && 1 <= n && n <= len(l.rows) {
			row.ID = l.id(l.rows[n-1])
		}
	}
	return row
}

// statementBytes is how long a statement of many rows gets.
const statementBytes = 1 << 20

// insert sends the rows in statements of many.
func (l *loader) insert(ctx context.Context, table string) error {
	conn := l.store.session
	head := "INSERT INTO " + table + " (" + l.columns() + ") VALUES "
	limit := min(statementBytes, conn.packet-1024)
	var b []byte
	flush := func() error {
		err := conn.run(ctx, string(b))
		if number(err) == duplicate {
			return errCollides
		}
		b = b[:0]
		return err
	}
	for _, h := range l.rows {
		row := l.buf[h.row:h.end]
		if len(b) > 0 && len(b)+len(row)*5/4 > limit {
			if err := flush(); err != nil {
				return err
			}
		}
		if len(b) == 0 {
			b = append(b, head...)
		} else {
			b = append(b, ',')
		}
		b = appendTuple(b, row)
	}
	if len(b) == 0 {
		return nil
	}
	return flush()
}

// appendTuple appends a row of a file as one of a statement. What the file
// escapes the statement does too, but for the quotation mark.
func appendTuple(b, row []byte) []byte {
	b = append(b, '(')
	for cell := range bytes.SplitSeq(bytes.TrimSuffix(row, []byte("\n")), []byte("\t")) {
		if string(cell) == `\N` {
			b = append(b, "NULL,"...)
			continue
		}
		b = append(b, '\'')
		for {
			at := bytes.IndexByte(cell, '\'')
			if at < 0 {
				break
			}
			b = append(append(b, cell[:at+1]...), '\'')
			cell = cell[at+1:]
		}
		b = append(append(b, cell...), "',"...)
	}
	b[len(b)-1] = ')'
	return b
}
