package match

// A Memo remembers what was made of short texts. It forgets the text in whose
// place another comes, so that its memory is bounded and those that come often
// stay. The zero Memo is empty; a Memo is for one goroutine.
type Memo[V any] struct {
	slots  []memoSlot[V]
	missed int // since it last grew
}

// A memoSlot holds the text itself: with a value of four bytes it is one line
// of the processor's memory, and all that is read to look a text up.
type memoSlot[V any] struct {
	text  [memoText]byte
	held  uint8 // bytes of the text, and one; 0 is free
	value V
}

const (
	memoText = 56 // bytes of the longest text that is remembered
	// fewestMemo and mostMemo bound the texts that are remembered at a time.
	fewestMemo = 1 << 8
	mostMemo   = 1 << 13
)

// slot returns the place of a text.
func (m *Memo[V]) slot(text string) *memoSlot[V] {
	return &m.slots[hashText(text)&uint64(len(m.slots)-1)]
}

// Get returns what was made of a text, if it is remembered.
func (m *Memo[V]) Get(text string) (v V, ok bool) {
	if len(m.slots) == 0 || len(text) > memoText {
		return v, false
	}
	s := m.slot(text)
	if int(s.held) != len(text)+1 || string(s.text[:len(text)]) != text {
		return v, false
	}
	return s.value, true
}

// Put remembers what was made of a text that Get did not know.
func (m *Memo[V]) Put(text string, v V) {
	if len(text) > memoText {
		return
	}
	if m.missed++; m.missed > len(m.slots) && len(m.slots) < mostMemo {
		m.grow()
	}
	s := m.slot(text)
	copy(s.text[:], text)
	s.held, s.value = uint8(len(text)+1), v
}

func (m *Memo[V]) grow() {
	before := m.slots
	m.slots, m.missed = make([]memoSlot[V], max(fewestMemo, 4*len(before))), 0
	for i := range before {
		if b := &before[i]; b.held > 0 {
			*m.slot(string(b.text[:b.held-1])) = *b
		}
	}
}
