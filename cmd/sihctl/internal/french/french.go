// Package french puts the program's finished English sentences into French.
//
// The program thinks and fails in English: adapters and stages know of no
// languages, and JSON has none. What a hospital's engineer reads on the screen
// passes [Say], which finds the format that a sentence was made by in a
// catalogue and fills its French with what stood in the places of the verbs.
// Errors are put together of parts; so what is known as a whole in no way is
// taken apart at its colons and semicolons. What the catalogue does not know
// stays English. A test holds that it knows every sentence that the packages
// concerned can say.
package french

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// The catalogue: files of pairs of lines, a format as the code has it and its
// French, parted by empty lines; lines that begin with # are remarks. The verbs
// keep their order, or name it: %[2]s.
//
//go:embed catalogue
var catalogue embed.FS

// phrase is a format and its French.
type phrase struct {
	english, french string
	match           *regexp.Regexp
	verbs           []string // of the English, in order
	letters         int      // that are not part of a verb
	longest         string   // the longest text between its verbs
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+#0]*[\d.]*[a-zA-Z%]`)

// load reads the catalogue once. What is wrong in it is passed over, so that a
// fault costs one sentence and not the language; the error tells of all.
var load = sync.OnceValues(func() (*book, error) {
	b := &book{whole: map[string]string{}}
	names, err := catalogue.ReadDir("catalogue")
	faults := []error{err}
	for _, name := range names {
		text, err := catalogue.ReadFile(path.Join("catalogue", name.Name()))
		faults = append(faults, err, b.read(name.Name(), string(text)))
	}
	// Of several formats that fit, the one that says most is meant.
	slices.SortStableFunc(b.phrases, func(a, b *phrase) int { return b.letters - a.letters })
	return b, errors.Join(faults...)
})

// book is the catalogue, ready for use.
type book struct {
	whole   map[string]string // sentences without verbs
	phrases []*phrase
}

// read reads one file of the catalogue.
func (b *book) read(name, text string) error {
	line := 0
	var faults []error
	for block := range strings.SplitSeq(text, "\n\n") {
		at := line + 1
		line += strings.Count(block, "\n") + 2
		var pair []string
		for l := range strings.Lines(block) {
			if l = strings.TrimRight(l, "\n"); l != "" && !strings.HasPrefix(l, "#") {
				pair = append(pair, l)
			}
		}
		switch len(pair) {
		case 0:
			continue
		case 2:
		default:
			faults = append(faults, fmt.Errorf("%s:%d: %d lines where a format and its French are two", name, at, len(pair)))
			continue
		}
		if err := b.add(pair[0], pair[1]); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, at, err))
		}
	}
	return errors.Join(faults...)
}

func (b *book) add(english, french string) error {
	french = spaced.Replace(french)
	verbs := verb.FindAllString(english, -1)
	if len(verbs) == 0 {
		if _, twice := b.whole[english]; twice {
			return fmt.Errorf("%q stands there twice", english)
		}
		b.whole[english] = french
		return nil
	}
	if slices.ContainsFunc(b.phrases, func(p *phrase) bool { return p.english == english }) {
		return fmt.Errorf("%q stands there twice", english)
	}
	p := &phrase{english: english, french: french, verbs: slices.DeleteFunc(slices.Clone(verbs), func(v string) bool { return v == "%%" })}
	var pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	rest := english
	for _, v := range verbs {
		before, after, _ := strings.Cut(rest, v)
		pattern.WriteString(regexp.QuoteMeta(before))
		p.letters += len(before)
		if len(before) > len(p.longest) {
			p.longest = before
		}
		pattern.WriteString(group(v))
		rest = after
	}
	p.letters += len(rest)
	if len(rest) > len(p.longest) {
		p.longest = rest
	}
	pattern.WriteString(regexp.QuoteMeta(rest) + `$`)
	match, err := regexp.Compile(pattern.String())
	if err != nil {
		return err
	}
	p.match = match
	used := map[int]bool{}
	for i, v := range placeholders(french) {
		used[v.index(i)] = true
	}
	for i := range p.verbs {
		if !used[i] {
			return fmt.Errorf("the French of %q lacks its verb %d", english, i+1)
		}
	}
	if len(used) != len(p.verbs) {
		return fmt.Errorf("the French of %q has verbs of its own", english)
	}
	b.phrases = append(b.phrases, p)
	return nil
}

// group is what a verb can have written.
func group(v string) string {
	switch v[len(v)-1] {
	case '%':
		return `%`
	case 'd':
		return `(-?\d+)`
	case 'q':
		return `("(?:[^"\\]|\\.)*")`
	case 'f':
		return `(-?[\d.]+)`
	}
	return `(.+?)`
}

// spaced puts the space that does not break before the signs that French sets
// apart.
var spaced = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", "« ", "«\u00a0", " »", "\u00a0»")

// placeholder is a verb in a French text.
type placeholder string

func placeholders(french string) (list []placeholder) {
	for _, v := range verb.FindAllString(french, -1) {
		if v != "%%" {
			list = append(list, placeholder(v))
		}
	}
	return list
}

// index tells which of the English verbs is meant, from 0; i is the
// placeholder's own place.
func (p placeholder) index(i int) int {
	n := 0
	if _, err := fmt.Sscanf(string(p), "%%[%d]", &n); err == nil {
		return n - 1
	}
	return i
}

// fill writes the French of a phrase around what stood in its places.
func (p *phrase) fill(values []string) string {
	i := -1
	return verb.ReplaceAllStringFunc(p.french, func(v string) string {
		if v == "%%" {
			return "%"
		}
		i++
		if at := placeholder(v).index(i); at >= 0 && at < len(values) {
			return values[at]
		}
		return v
	})
}

// Check tells what is wrong with the catalogue itself.
func Check() error {
	_, err := load()
	return err
}

// Formats returns the formats that the catalogue knows.
func Formats() []string {
	b, _ := load()
	list := slices.Collect(maps.Keys(b.whole))
	for _, p := range b.phrases {
		list = append(list, p.english)
	}
	slices.Sort(list)
	return list
}

// Say puts a finished English text into French, as far as it is known.
func Say(text string) string {
	b, _ := load()
	french, _ := b.say(text)
	return french
}

// say does so and tells whether it knew any of the text.
func (b *book) say(text string) (string, bool) {
	if french, ok := b.whole[text]; ok {
		return french, true
	}
	head, tail, colon := strings.Cut(text, ": ")
	headFrench, headKnown := b.whole[head]
	for _, p := range b.phrases {
		if colon && headKnown && len(head) >= p.letters {
			break // the head says more than any phrase that is still to come
		}
		if colon && headKnown && strings.HasPrefix(p.english, "%s") {
			continue // the head is known, and no part of a name
		}
		if !strings.Contains(text, p.longest) {
			continue
		}
		found := p.match.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		values := found[1:]
		for i, v := range p.verbs {
			// What is a word by itself is a name: of a table, of a file.
			if letter := v[len(v)-1]; (letter == 's' || letter == 'v' || letter == 'w') && strings.Contains(values[i], " ") {
				values[i], _ = b.say(values[i])
			}
		}
		return p.fill(values), true
	}
	if colon && headKnown {
		rest, _ := b.say(tail)
		return headFrench + "\u00a0: " + rest, true
	}
	for _, cut := range []struct{ at, french string }{{"\n", "\n"}, {"; ", "\u00a0; "}, {": ", "\u00a0: "}} {
		before, after, ok := strings.Cut(text, cut.at)
		if !ok {
			continue
		}
		left, one := b.say(before)
		right, other := b.say(after)
		if one || other {
			return left + cut.french + right, true
		}
	}
	return text, false
}
