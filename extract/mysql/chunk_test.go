package mysql_test

import (
	"database/sql/driver"
	"testing"

	"github.com/sihctl/sih/extract/mysql"
)

// endless is an answer without an end, of rows that hold nothing.
type endless struct{}

func (endless) Columns() []string               { return nil }
func (endless) Close() error                    { return nil }
func (endless) Next(cells []driver.Value) error { clear(cells); return nil }

// Rows that have no text still take memory, of which a chunk has no more than
// others.
func TestEmptyRowsAreBounded(t *testing.T) {
	for _, columns := range []int{1, 20, 4096} {
		for _, cut := range []bool{false, true} {
			n, err := mysql.Fill(endless{}, columns, cut)
			if values := n * columns; err != nil || values < 1<<18 || values > 1<<19+columns {
				t.Errorf("%d columns, cut %v: got %d rows, error %v", columns, cut, n, err)
			}
		}
	}
}
