package project

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sihctl/sih/load/reconcile"
	"go.yaml.in/yaml/v3"
)

// ParseConfig reads a config; file names it in errors. Unknown fields are
// refused. The error is ConfigErrors and holds every fault found.
func ParseConfig(file string, text []byte) (*Config, error) {
	return parse(file, text, "sihctl init writes one to begin with", (*decoder).config)
}

// parse reads a file by its grammar.
func parse(file string, text []byte, advice string, grammar func(*decoder, *Config, *yaml.Node)) (*Config, error) {
	d := &decoder{file: file}
	c := defaults()
	var doc yaml.Node
	switch err := yaml.Unmarshal(text, &doc); {
	case err != nil:
		d.syntax(err)
	case doc.Kind == 0:
		d.errors = append(d.errors, &ConfigError{File: file, Message: "holds nothing", Advice: advice})
	default:
		grammar(d, &c, doc.Content[0])
	}
	if len(d.errors) > 0 {
		slices.SortStableFunc(d.errors, func(a, b *ConfigError) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, d.errors
	}
	return &c, nil
}

// decoder walks the nodes of a file and gathers its faults.
type decoder struct {
	file   string
	errors ConfigErrors
}

// fail records a fault at node n.
func (d *decoder) fail(n *yaml.Node, advice, format string, args ...any) {
	d.errors = append(d.errors, &ConfigError{File: d.file, Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...), Advice: advice})
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)`)

// syntax records the parser's error, which knows at most the line.
func (d *decoder) syntax(err error) {
	e := &ConfigError{File: d.file, Message: strings.TrimPrefix(err.Error(), "yaml: "), Advice: "YAML wants spaces, not tabs, and a blank after each colon"}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, e.Message = 1, m[2]
	}
	d.errors = append(d.errors, e)
}

// field reads the value of one field.
type field func(*yaml.Node)

// fields reads a mapping whose fields are known.
func (d *decoder) fields(n *yaml.Node, what string, known map[string]field) {
	names := slices.Sorted(maps.Keys(known))
	d.entries(n, what, func(k, v *yaml.Node) {
		read, ok := known[k.Value]
		if !ok {
			advice := "known are " + strings.Join(names, ", ")
			if near := nearest(k.Value, names); near != "" {
				advice = fmt.Sprintf("did you mean %q?", near)
			}
			d.fail(k, advice, "unknown field %q in %s", k.Value, what)
			return
		}
		read(v)
	})
}

// entries calls f with each key and value of a mapping. A mapping without
// content is an empty one.
func (d *decoder) entries(n *yaml.Node, what string, f func(k, v *yaml.Node)) {
	n = resolve(n)
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "write its fields below it, each as name: value", "%s is not a mapping", what)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch line, twice := seen[k.Value]; {
		case k.Kind != yaml.ScalarNode || k.Tag == "!!merge":
			d.fail(k, "write each source out", "%s has a key that is no name", what)
		case twice:
			d.fail(k, "keep one of them", "%q stands in %s twice, first at line %d", k.Value, what, line)
		default:
			seen[k.Value] = k.Line
			f(k, n.Content[i+1])
		}
	}
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// scalar returns the text of a node that is one value, and false where it is
// not; nothing at all is an empty text.
func (d *decoder) scalar(n *yaml.Node, what string) (string, bool) {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "write one value", "%s is not a single value", what)
		return "", false
	}
	if n.Tag == "!!null" {
		return "", true
	}
	return n.Value, true
}

// text returns a field that takes any text.
func (d *decoder) text(to *string, what string) field {
	return func(n *yaml.Node) {
		if s, ok := d.scalar(n, what); ok {
			*to = s
		}
	}
}

// list returns a field that takes texts, or one alone.
func (d *decoder) list(to *[]string, what string) field {
	return func(n *yaml.Node) {
		n = resolve(n)
		nodes := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			nodes = n.Content
		}
		for _, one := range nodes {
			if s, ok := d.scalar(one, what); ok && s != "" {
				*to = append(*to, s)
			}
		}
	}
}

// choice returns a field that takes one of a few words.
func choice[T ~string](d *decoder, to *T, what string, words []string) field {
	return func(n *yaml.Node) {
		s, ok := d.scalar(n, what)
		if !ok {
			return
		}
		if !slices.Contains(words, s) {
			advice := "use " + oneOf(words)
			if near := nearest(s, words); near != "" {
				advice = fmt.Sprintf("did you mean %q?", near)
			}
			d.fail(n, advice, "%s %q is not known", what, s)
			return
		}
		*to = T(s)
	}
}

// tolerances reads table: {rejected: share}.
func (d *decoder) tolerances(to *reconcile.Limits) field {
	return func(n *yaml.Node) {
		d.entries(n, "tolerances", func(k, v *yaml.Node) {
			if k.Value != "*" && !slices.Contains(tableNames(), k.Value) {
				advice := "sihctl schema doc lists them; * stands for all others"
				if near := nearest(k.Value, tableNames()); near != "" {
					advice = fmt.Sprintf("did you mean %q?", near)
				}
				d.fail(k, advice, "tolerances: %q is no unified table", k.Value)
				return
			}
			d.fields(v, "tolerances of "+k.Value, map[string]field{"rejected": func(n *yaml.Node) {
				s, ok := d.scalar(n, "rejected")
				if !ok {
					return
				}
				share, err := reconcile.ParseShare(s)
				if err != nil {
					d.fail(n, "write a share such as 0.1%", "%s: %v", k.Value, err)
					return
				}
				if *to == nil {
					*to = reconcile.Limits{}
				}
				(*to)[k.Value] = share
			}})
		})
	}
}
