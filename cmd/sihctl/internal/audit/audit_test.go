package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sihctl/sih/cmd/sihctl/internal/audit"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// write makes a log of n lines.
func write(t testing.TB, n int) (lines [][]byte, heads []audit.Head) {
	var head audit.Head
	heads = append(heads, head)
	for i := range n {
		text, next, err := head.Next(audit.Line{
			Time: noon.Add(time.Duration(i) * time.Minute), User: "khadija", Machine: "centre", Tool: "1.0",
			Command: fmt.Sprintf("extract <%d> & \u2028", i), Outcome: "done",
			Touched: []audit.Touched{{Verb: "wrote", Kind: "snapshot", Name: "snapshots/a", Rows: int64(i), SHA256: strings.Repeat("ab", 32)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		lines, heads, head = append(lines, text), append(heads, next), next
	}
	return lines, heads
}

func seq(lines [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func TestWholeLog(t *testing.T) {
	lines, heads := write(t, 20)
	for _, kept := range [][]audit.Head{nil, {heads[0]}, {heads[20]}, {heads[7], heads[20], heads[7]}} {
		got, err := audit.Check(seq(lines), kept...)
		if err != nil || got != heads[20] {
			t.Errorf("kept %v: got %v, %v, want %v", kept, got, err, heads[20])
		}
	}
	if got, err := audit.Check(seq(nil)); err != nil || got != (audit.Head{}) {
		t.Errorf("no line: %v, %v", got, err)
	}
}

// TestDamages tries a thousand and more ways to change a log.
func TestDamages(t *testing.T) {
	const n = 40
	whole, heads := write(t, n)
	other, otherHeads := write(t, n+1)
	other = slices.Insert(other[1:], 0, whole[0])
	r := rand.New(rand.NewPCG(1, 2))
	damages := []struct {
		name string
		// cut says that it shows only against a kept head.
		cut bool
		do  func(lines [][]byte) [][]byte
	}{
		{"a flipped bit", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l))
			l[i] = bytes.Clone(l[i])
			l[i][r.IntN(len(l[i]))] ^= 1 << r.IntN(8)
			return l
		}},
		{"a byte removed", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l))
			at := r.IntN(len(l[i]))
			l[i] = slices.Delete(bytes.Clone(l[i]), at, at+1)
			return l
		}},
		{"a byte added", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l))
			l[i] = slices.Insert(bytes.Clone(l[i]), r.IntN(len(l[i])+1), byte(r.IntN(256)))
			return l
		}},
		{"a line removed before the last", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l) - 1)
			return slices.Delete(l, i, i+1)
		}},
		{"a line twice", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l))
			return slices.Insert(l, i, l[i])
		}},
		{"two lines exchanged", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l) - 1)
			j := i + 1 + r.IntN(len(l)-1-i)
			l[i], l[j] = l[j], l[i]
			return l
		}},
		{"a line of another log", false, func(l [][]byte) [][]byte {
			i := 1 + r.IntN(len(l)-1)
			l[i] = other[i+1]
			return l
		}},
		{"a line rewritten with a fitting hash", false, func(l [][]byte) [][]byte {
			i := r.IntN(len(l) - 1)
			line, _ := audit.Parse(l[i])
			line.User = "somebody else"
			l[i], _, _ = heads[i].Next(line)
			return l
		}},
		{"the end cut off", true, func(l [][]byte) [][]byte { return l[:r.IntN(len(l))] }},
		{"made anew from some line on", true, func(l [][]byte) [][]byte {
			from := r.IntN(len(l))
			head := heads[from]
			for i := from; i < len(l); i++ {
				line, _ := audit.Parse(l[i])
				line.User = "somebody else"
				l[i], head, _ = head.Next(line)
			}
			return l
		}},
	}
	for _, d := range damages {
		for range 150 {
			lines := d.do(slices.Clone(whole))
			var kept []audit.Head
			if d.cut {
				kept = []audit.Head{heads[n]}
			}
			_, err := audit.Check(seq(lines), kept...)
			var broken *audit.BrokenError
			if !errors.As(err, &broken) || broken.Line < 1 || broken.Line > n+1 {
				t.Errorf("%s is not found: %v", d.name, err)
			}
		}
	}
	if _, err := audit.Check(seq(whole), heads[3], otherHeads[n+1]); err == nil {
		t.Error("a head of another log is taken")
	}
}

func TestUnreadable(t *testing.T) {
	want := errors.New("disk")
	lines := func(yield func([]byte, error) bool) { yield(nil, want) }
	if _, err := audit.Check(lines); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestHead(t *testing.T) {
	_, heads := write(t, 3)
	for _, h := range heads[1:] {
		if got, err := audit.ParseHead(" " + strings.ToUpper(h.String()) + "\n"); err != nil || got != h {
			t.Errorf("got %v, %v, want %v", got, err, h)
		}
	}
	for _, s := range []string{"", "1", "1:", "x:" + strings.Repeat("0", 64), "1:" + strings.Repeat("0", 63), "-1:" + strings.Repeat("0", 64)} {
		if _, err := audit.ParseHead(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}
