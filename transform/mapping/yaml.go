package mapping

import "go.yaml.in/yaml/v3"

// The readers of YAML nodes below report what is wrong where it stands.

// each calls fn for the names and values of an object, in their order, and
// gathers the faults. A name that is there twice is refused.
func (f *File) each(n yaml.Node, fn func(k, v yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return f.fault(n, "an object is wanted, such as {name: value}")
	}
	seen := map[string]bool{}
	var faults Faults
	for i := 0; i < len(n.Content); i += 2 {
		k, v := *n.Content[i], n.Content[i+1]
		if v.Kind == yaml.AliasNode {
			v = v.Alias
		}
		if seen[k.Value] {
			faults.add(f, f.fault(k, "%q stands here twice", k.Value))
			continue
		}
		seen[k.Value] = true
		faults.add(f, fn(k, *v))
	}
	return faults.err()
}

// object reads an object whose names are known.
func (f *File) object(n yaml.Node, known map[string]func(yaml.Node) error) error {
	return f.each(n, func(k, v yaml.Node) error {
		read, ok := known[k.Value]
		if !ok {
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			return f.fault(k, "%q is not known here%s", k.Value, Suggest(k.Value, names))
		}
		return read(v)
	})
}

func (f *File) text(to *string) func(yaml.Node) error {
	return func(n yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return f.fault(n, "a text is wanted")
		}
		*to = n.Value
		return nil
	}
}

func (f *File) optional(to **string) func(yaml.Node) error {
	return func(n yaml.Node) error {
		var s string
		*to = &s
		return f.text(&s)(n)
	}
}

// texts reads a list of texts, or one text for a list of one.
func (f *File) texts(to *[]string) func(yaml.Node) error {
	return func(n yaml.Node) error {
		if n.Kind == yaml.ScalarNode {
			*to = []string{n.Value}
			return nil
		}
		if n.Kind != yaml.SequenceNode {
			return f.fault(n, "a text or a list of texts is wanted")
		}
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				return f.fault(*c, "a text is wanted")
			}
			*to = append(*to, c.Value)
		}
		return nil
	}
}

func (f *File) flag(to *bool) func(yaml.Node) error {
	return func(n yaml.Node) error {
		if n.Value != "true" && n.Value != "false" {
			return f.fault(n, "true or false is wanted")
		}
		*to = n.Value == "true"
		return nil
	}
}
