package term

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Mark is what stands before an item of a list.
type Mark uint8

// The marks: as it should be, to be known, in the way.
const (
	Check Mark = iota
	Notice
	Cross
)

// marks are the signs, and what stands for them where a console has only
// ASCII.
var marks = [...]struct {
	sign, plain string
	tone        Tone
}{
	Check:  {checkSign, "ok", Good},
	Notice: {"!", "!", Strong},
	Cross:  {crossSign, "X", Bad},
}

// List is a list of findings under a title, wrapped to the terminal's width.
type List struct {
	Title string
	items []item
}

type item struct {
	mark              Mark
	name, text, aside string
}

// Item adds a finding: what was looked at, what was found, and what to do about
// it, or nothing.
func (l *List) Item(mark Mark, name, text, advice string) {
	l.items = append(l.items, item{mark, name, text, advice})
}

// arrow stands before what to do.
const arrow = "→ "

// foldWidth is the width of what no terminal shows, so that a letter or a
// ticket into which it is copied shows it well.
const foldWidth = 100

// List writes a list as a result.
func (s *Screen) List(l *List) error {
	width := s.out.width
	if width == 0 {
		width = foldWidth
	}
	names, signs := 0, 1
	for _, one := range l.items {
		names = max(names, uniseg.StringWidth(s.Say(one.name)))
		signs = max(signs, uniseg.StringWidth(s.out.sign(one.mark)))
	}
	var b strings.Builder
	b.WriteString(paint(s.out.colour, Strong, s.Say(l.Title)) + "\n")
	for _, one := range l.items {
		sign, name := s.out.sign(one.mark), s.Say(one.name)
		indent := 2 + signs + 1 + names + len(gap)
		b.WriteString("  " + paint(s.out.colour, marks[one.mark].tone, sign) + pad(signs-uniseg.StringWidth(sign)+1))
		b.WriteString(name + pad(indent-2-signs-1-uniseg.StringWidth(name)))
		writeWrapped(&b, s.Say(one.text), indent, width, "")
		if one.aside != "" {
			b.WriteString(pad(indent))
			writeWrapped(&b, s.Say(one.aside), indent, width, arrow)
		}
	}
	return s.Printf("%s", b.String())
}

func pad(n int) string { return strings.Repeat(" ", max(0, n)) }

// writeWrapped writes a text whose first line has begun at indent, each line of
// it no wider than width where its words allow. What leads it indents the rest.
func writeWrapped(b *strings.Builder, text string, indent, width int, lead string) {
	b.WriteString(lead)
	indent += uniseg.StringWidth(lead)
	room := max(24, width-indent)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("\n" + pad(indent))
		}
		used := 0
		for j, word := range strings.Split(line, " ") {
			w := uniseg.StringWidth(word)
			switch {
			case j == 0:
			case used+1+w > room:
				b.WriteString("\n" + pad(indent))
				used = 0
			default:
				b.WriteByte(' ')
				used++
			}
			b.WriteString(word)
			used += w
		}
	}
	b.WriteByte('\n')
}

// sign returns a mark as the stream can show it.
func (s stream) sign(m Mark) string {
	if s.ascii {
		return marks[m].plain
	}
	return marks[m].sign
}
