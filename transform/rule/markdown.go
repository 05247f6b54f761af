package rule

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes a page that lists every step with its sentence and
// examples: docs/rules.md.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# The steps of a mapping\n\nDerived from `transform/rule`, whose tests are these examples. ∅ is nothing (NULL); a reason code is a fault, which is a warning unless the field is required or says `reject: true`.\n")
	for _, d := range New(Profile{}).Names() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", d.Name, d.Sentence)
		if d.Arg != "" {
			fmt.Fprintf(&b, "\nArgument: %s.\n", d.Arg)
		}
		b.WriteString("\n| step | in | out | reason |\n|---|---|---|---|\n")
		for _, e := range d.Examples {
			step := d.Name
			if e.Arg != "" {
				step = fmt.Sprintf("{%s: %q}", d.Name, e.Arg)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", step, shown(e.In), shown(e.Out), e.Reason)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shown writes a text so that a table shows just it.
func shown(s string) string {
	if s == "" {
		return "∅"
	}
	return "`" + strings.NewReplacer("|", "¦", "`", "'", "\n", "⏎", "\u00a0", "␣").Replace(s) + "`"
}
