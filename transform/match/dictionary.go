package match

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// A dictionary numbers the distinct texts of one or several fields, from 1;
// 0 is the missing text. It holds its texts end to end.
type dictionary struct {
	text []byte
	end  []uint32 // end[c] is where text c ends; end[0] is 0
	// slots is open addressing on 32 bits of the hash, which stand above the
	// code; 0 where free.
	slots []uint64
	// forms holds, for each derived form, the code of every entry's form in
	// the dictionary of that form.
	forms []form
	// shared marks the entries that belong to several people.
	shared []bool
}

// A spelling is where the letters of a value stand, and which they are, 64
// kinds apart: that alone tells most pairs of texts from each other.
type spelling struct {
	mask   uint64
	at     uint32
	length uint32
}

// A form is something made of each entry, such as its sound. Entries of one
// form have the same code.
type form struct {
	name  string
	clean func(string) string
	code  []uint32
	texts *dictionary
	// bags holds, for each entry, the sum over its words of their hashes:
	// that of two entries tells which words they hold together, in whatever
	// order and however split. It is nil where no key asks for it.
	bags []uint64
}

// fillBags makes the bags of a form.
func (d *dictionary) fillBags(n int) {
	f := &d.forms[n]
	if f.bags != nil {
		return
	}
	own := make([]uint64, f.texts.len())
	for code := 1; code < f.texts.len(); code++ {
		for w := range bytes.SplitSeq(f.texts.entry(uint32(code)), []byte{' '}) {
			own[code] += hashText(string(w))
		}
	}
	f.bags = make([]uint64, d.len())
	for code, k := range f.code {
		f.bags[code] = own[k]
	}
}

func newDictionary() *dictionary {
	return &dictionary{end: []uint32{0}, slots: make([]uint64, 1<<10)}
}

// key returns the code by which entries of one key are the same.
func (d *dictionary) key(form int, code uint32) uint32 {
	if form < 0 {
		return code
	}
	return d.forms[form].code[code]
}

// letters returns the symbols of a form; none when the entry has no such form.
func (d *dictionary) letters(form int, code uint32) []byte {
	if form < 0 {
		return d.entry(code)
	}
	f := &d.forms[form]
	if code = f.code[code]; code == 0 {
		return nil
	}
	return f.texts.entry(code)
}

// maybe is letters for a value that may be missing.
func (d *dictionary) maybe(form int, code uint32) []byte {
	if code == 0 {
		return nil
	}
	return d.letters(form, code)
}

// isShared tells whether the value belongs to several people.
func (d *dictionary) isShared(code uint32) bool {
	return d.shared != nil && d.shared[code]
}

func (d *dictionary) sharedCount() (n int) {
	for _, s := range d.shared {
		if s {
			n++
		}
	}
	return n
}

func (d *dictionary) len() int { return len(d.end) }

// entry returns the text of a code: as it was added, or as symbols once the
// dictionary is frozen.
func (d *dictionary) entry(code uint32) []byte {
	return d.text[d.end[code-1]:d.end[code]]
}

// add returns the code of s, giving it the next one if it is new.
func (d *dictionary) add(s string) uint32 {
	if s == "" {
		return 0
	}
	if 4*len(d.end) > 3*len(d.slots) {
		d.grow()
	}
	mask := uint64(len(d.slots) - 1)
	hash := hashText(s) >> 32
	for i := hash & mask; ; i = (i + 1) & mask {
		x := d.slots[i]
		if x == 0 {
			code := uint32(len(d.end))
			d.slots[i] = hash<<32 | uint64(code)
			d.text = append(d.text, s...)
			d.end = append(d.end, uint32(len(d.text)))
			return code
		}
		if code := uint32(x); x>>32 == hash && string(d.entry(code)) == s {
			return code
		}
	}
}

func (d *dictionary) grow() {
	slots := make([]uint64, 2*len(d.slots))
	mask := uint64(len(slots) - 1)
	for _, x := range d.slots {
		if x == 0 {
			continue
		}
		i := x >> 32 & mask
		for slots[i] != 0 {
			i = (i + 1) & mask
		}
		slots[i] = x
	}
	d.slots = slots
}

// freeze makes the forms of all entries and turns the texts into symbols.
// Nothing is added afterwards.
func (d *dictionary) freeze() {
	var forms sync.WaitGroup
	for i := range d.forms {
		forms.Go(func() {
			f := &d.forms[i]
			f.texts = newDictionary()
			f.code = make([]uint32, d.len())
			for code := 1; code < d.len(); code++ {
				f.code[code] = f.texts.add(f.clean(string(d.entry(uint32(code)))))
			}
			f.texts.freeze()
		})
	}
	forms.Wait()
	d.slots = nil
	letters := map[rune]struct{}{}
	for rest := d.text; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r >= utf8.RuneSelf {
			letters[r] = struct{}{}
		}
		rest = rest[n:]
	}
	if len(letters) == 0 {
		return
	}
	al := newAlphabet(letters)
	symbols := make([]byte, 0, len(d.text))
	end := make([]uint32, 1, len(d.end))
	for code := 1; code < d.len(); code++ {
		symbols = al.appendSymbols(symbols, d.entry(uint32(code)))
		end = append(end, uint32(len(symbols)))
	}
	d.text, d.end = symbols, end
}

// spellings returns how a form of every entry is spelled, in which text.
func (d *dictionary) spellings(form int) (text []byte, of []spelling) {
	of = make([]spelling, d.len())
	in := d
	if form >= 0 {
		in = d.forms[form].texts
	}
	for code := uint32(1); code < uint32(d.len()); code++ {
		k := d.key(form, code)
		if k == 0 {
			continue
		}
		s := spelling{at: in.end[k-1], length: in.end[k] - in.end[k-1]}
		for _, c := range in.entry(k) {
			s.mask |= 1 << (c & 63)
		}
		of[code] = s
	}
	return in.text, of
}

// startsWith tells whether one of the texts is the start of the other and has
// at least n letters.
func startsWith(a, b []byte, n int) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= n && bytes.HasPrefix(b, a)
}
