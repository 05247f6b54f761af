package sqlserver_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/extract"
	"github.com/sihctl/sih/extract/sqlserver/tdstest"
)

// TestAsksAgain has statements meet a deadlock, or a lock that is not freed.
// What leaves the view whole is asked again; where the view is gone, the
// reading ends.
func TestAsksAgain(t *testing.T) {
	const deadlock, lock = 1205, 1222
	for _, test := range []struct {
		number   int
		snapshot bool
		again    int // how often it happens after the first time
		ok, lost bool
	}{
		{deadlock, false, 1, true, false},
		{lock, false, 1, true, false},
		{lock, true, 1, true, false},
		{deadlock, true, 0, false, true},
		{lock, true, 99, false, false},
		{lock, false, 99, false, false},
		{230, true, 0, false, true}, // nothing that would pass by itself
	} {
		t.Run(fmt.Sprintf("%d/snapshot=%v/%d", test.number, test.snapshot, test.again), func(t *testing.T) {
			t.Parallel()
			table := hospital()[2]
			server := serve(t, test.snapshot, table)
			cfg := config(server)
			cfg.Lock = 600 * time.Millisecond
			src := open(t, cfg)
			before, err := src.View(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			server.Arm(tdstest.Fault{Kind: tdstest.Fail, Number: test.number, Table: "dbo.PACIENTES", Skip: 1, Rows: 1, Again: test.again})
			got, err := collectIn(t, src, "dbo.PACIENTES", extract.Range{})
			if (err == nil) != test.ok {
				t.Errorf("got error %v, want ok=%v", err, test.ok)
			}
			if want := content(table).Rows; err == nil && !cmp.Equal(want, got) {
				t.Errorf("rows (-want +got):\n%s", cmp.Diff(want, got))
			}
			after, err := src.View(t.Context())
			if lost := !after.Opened.Equal(before.Opened); err != nil || lost != test.lost {
				t.Errorf("the view was lost: %v, want %v; error %v", lost, test.lost, err)
			}
		})
	}
}
