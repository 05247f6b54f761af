package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// Benched is an engine whose speed is measured, against its own where it has a
// bulk path of its own.
type Benched struct {
	// Open opens the store of a name, which is empty at first.
	Open func(b *testing.B, name string, o store.Options) store.Store
	// Ready puts the results that a store holds where the engine's own bulk
	// path takes them from, as ready as it likes them, in parts of PerChunk.
	Ready func(b *testing.B, name string)
	// Bulk takes them from there into the table of another store, which is
	// empty, each part in a transaction.
	Bulk func(b *testing.B, name string)
}

// PerChunk is how many rows a chunk of the benchmarks has.
const PerChunk = 65_536

// rounds is how often each side is measured; the best counts, since what else
// the machine does only makes slower.
const rounds = 3

// Benchmarks measures loading, loading what is there already, and reading back
// as verify does; an iteration is a row. Give -benchtime=300000x, so that the
// store grows to a size that means something.
func Benchmarks(b *testing.B, e Benched) {
	n := 0
	fresh := func() string {
		n++
		return fmt.Sprintf("bench%d", n)
	}
	b.Run("load", func(b *testing.B) { e.load(b, fresh) })
	b.Run("unchanged", func(b *testing.B) {
		s := e.Open(b, fresh(), store.Options{})
		defer s.Close()
		Fill(b, s, sih.ID{1})
		b.ReportAllocs()
		b.ResetTimer()
		Fill(b, s, Run)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("verify", func(b *testing.B) { e.verify(b, fresh()) })
}

// Fill loads b.N results by chunks.
func Fill(b *testing.B, s store.Store, run sih.ID) {
	b.Helper()
	for from := 0; from < b.N; from += PerChunk {
		c := store.Chunk{Run: run, Name: fmt.Sprint(from), Hash: "h"}
		if _, err := s.LoadChunk(b.Context(), c, Results(from, min(from+PerChunk, b.N))); err != nil {
			b.Fatal(err)
		}
	}
}

// load measures loading, by turns with the engine's own bulk path.
func (e Benched) load(b *testing.B, fresh func() string) {
	if e.Bulk != nil {
		name := fresh()
		s := e.Open(b, name, store.Options{})
		Fill(b, s, Run)
		s.Close()
		e.Ready(b, name)
	}
	best := func(now, before time.Duration) time.Duration {
		if before == 0 || now < before {
			return now
		}
		return before
	}
	var ours, own time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range rounds {
		s := e.Open(b, fresh(), store.Options{})
		begin := time.Now()
		Fill(b, s, Run)
		ours = best(time.Since(begin), ours)
		s.Close()
		if e.Bulk == nil {
			continue
		}
		name := fresh()
		e.Open(b, name, store.Options{}).Close()
		begin = time.Now()
		e.Bulk(b, name)
		own = best(time.Since(begin), own)
	}
	b.ReportMetric(float64(b.N)/ours.Seconds(), "rows/s")
	if own != 0 {
		b.ReportMetric(float64(b.N)/own.Seconds(), "own-rows/s")
		b.ReportMetric(100*own.Seconds()/ours.Seconds(), "%ofown")
	}
}

// verify measures how fast two readers come to the digest of what is there.
func (e Benched) verify(b *testing.B, name string) {
	const readers = 2
	s := e.Open(b, name, store.Options{})
	Fill(b, s, Run)
	s.Close()
	table := sih.TableByName("observation")
	middle := store.SpanOf(store.Buckets / readers).From
	spans := [readers]store.Span{{To: middle}, {From: middle}}
	var list [readers]store.Store
	for i := range list {
		list[i] = e.Open(b, name, store.Options{ReadOnly: true})
		defer list[i].Close()
	}
	var fastest time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for range rounds {
		begin := time.Now()
		var whole store.Digest
		var mu sync.Mutex
		g, ctx := errgroup.WithContext(context.WithoutCancel(b.Context()))
		for i, s := range list {
			g.Go(func() error {
				var part store.Digest
				for e, err := range s.Scan(ctx, table, spans[i]) {
					if err != nil {
						return err
					}
					part.Add(e)
				}
				mu.Lock()
				defer mu.Unlock()
				whole.Merge(&part)
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
		if got := whole.Rows(table); got != int64(b.N) {
			b.Fatalf("%d rows of %d", got, b.N)
		}
		if took := time.Since(begin); fastest == 0 || took < fastest {
			fastest = took
		}
	}
	b.ReportMetric(float64(b.N)/fastest.Seconds(), "rows/s")
}
