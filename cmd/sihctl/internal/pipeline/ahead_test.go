package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sihctl/sih"
)

// numbered yields n entities that say which piece they are of. The values are
// used again, as the contract of such sequences allows.
func numbered(piece, n int, err error) iter.Seq2[sih.Entity, error] {
	return func(yield func(sih.Entity, error) bool) {
		values := make([]sih.Value, 1)
		for i := range n {
			values[0] = sih.StrValue(fmt.Sprintf("%d/%d", piece, i))
			if !yield(sih.Entity{Values: values}, nil) {
				return
			}
		}
		if err != nil {
			yield(sih.Entity{}, err)
		}
	}
}

func TestReadAheadOrder(t *testing.T) {
	// Around the size of a batch, and far beyond what waits in a channel.
	sizes := []int{0, 1, batchSize - 1, batchSize, batchSize + 1, 3 * batchSize, 12*batchSize + 5}
	for _, width := range []int{0, 1, 3, 100} {
		ahead := readAhead(t.Context(), width, len(sizes), func(i int) iter.Seq2[sih.Entity, error] { return numbered(i, sizes[i], nil) })
		for i, size := range sizes {
			seq := ahead(i)
			n := 0
			for e, err := range seq {
				if err != nil {
					t.Fatal(err)
				}
				if got, want := e.Values[0].String(), fmt.Sprintf("%d/%d", i, n); got != want {
					t.Fatalf("width %d: got %s, want %s", width, got, want)
				}
				n++
			}
			if n != size {
				t.Errorf("width %d, piece %d: got %d entities, want %d", width, i, n, size)
			}
			for range seq {
				t.Fatalf("width %d, piece %d: it can be read twice", width, i)
			}
		}
	}
}

func TestReadAheadError(t *testing.T) {
	bad := errors.New("bad")
	ahead := readAhead(t.Context(), 1, 3, func(i int) iter.Seq2[sih.Entity, error] {
		if i == 1 {
			return numbered(i, batchSize+3, bad)
		}
		return numbered(i, 2, nil)
	})
	for i, want := range []struct {
		n   int
		err error
	}{{2, nil}, {batchSize + 3, bad}, {2, nil}} {
		n, last := 0, error(nil)
		for _, err := range ahead(i) {
			if last != nil {
				t.Fatal("an error is not the last value")
			}
			if last = err; err == nil {
				n++
			}
		}
		if n != want.n || !errors.Is(last, want.err) {
			t.Errorf("piece %d: got %d entities and error %v, want %d and %v", i, n, last, want.n, want.err)
		}
	}
}

// TestReadAheadCancel holds that a cancelled reading never looks complete, and
// that no goroutine is left behind.
func TestReadAheadCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	const n = 100 * batchSize
	for at := range 20 {
		ctx, stop := context.WithCancel(t.Context())
		var made atomic.Int64
		ahead := readAhead(ctx, 2, 5, func(i int) iter.Seq2[sih.Entity, error] {
			return func(yield func(sih.Entity, error) bool) {
				for e, err := range numbered(i, n, nil) {
					made.Add(1)
					if !yield(e, err) {
						return
					}
				}
			}
		})
		seen, failed := 0, error(nil)
		for _, err := range ahead(0) {
			if err != nil {
				failed = err
				break
			}
			if seen++; seen == at*batchSize+1 {
				stop()
			}
		}
		if failed == nil && seen < n {
			t.Errorf("cancelled in batch %d: got %d of %d entities and no error", at, seen, n)
		}
		stop()
	}
	// One who leaves in the midst and cancels leaves nobody waiting either.
	ctx, stop := context.WithCancel(t.Context())
	for range readAhead(ctx, 3, 5, func(i int) iter.Seq2[sih.Entity, error] { return numbered(i, n, nil) })(0) {
		break
	}
	stop()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left, %d were there before", runtime.NumGoroutine(), before)
		}
	}
}
