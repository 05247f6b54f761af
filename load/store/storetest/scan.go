package storetest

import (
	"testing"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// scans holds that Scan yields what Rows does, whole and by spans.
func scans(_ *testing.T, f *fixture) {
	f.load(Run, "all", Rows(1, 300))
	s := f.open()
	defer f.close(s)
	for _, t := range sih.Tables {
		var want, whole, parts store.Digest
		for e, err := range s.Rows(f.Context(), t) {
			if err != nil {
				f.Fatalf("read %s: %v", t.Name, err)
			}
			want.Add(e)
		}
		scan := func(into *store.Digest, span store.Span) {
			for e, err := range s.Scan(f.Context(), t, span) {
				if err != nil {
					f.Fatalf("scan %s %v: %v", t.Name, span, err)
				}
				into.Add(e)
			}
		}
		scan(&whole, store.Span{})
		if want.Rows(t) != whole.Rows(t) || len(want.Differ(&whole, t)) > 0 {
			f.Errorf("%s: a scan yields %d rows that are not the %d of Rows", t.Name, whole.Rows(t), want.Rows(t))
		}
		if !store.KeyedByID(t) {
			continue
		}
		// The first bucket, the middle, the last: every id is in one of them.
		low, high := store.SpanOf(1), store.SpanOf(store.Buckets-1)
		for _, span := range []store.Span{{To: low.From}, {From: low.From, To: high.From}, {From: high.From}} {
			scan(&parts, span)
		}
		if want.Rows(t) != parts.Rows(t) || len(want.Differ(&parts, t)) > 0 {
			f.Errorf("%s: scans of three spans yield %d rows that are not the %d of Rows", t.Name, parts.Rows(t), want.Rows(t))
		}
	}
}
