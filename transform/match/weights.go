package match

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A LevelWeight is what a level of a comparison weighs.
type LevelWeight struct {
	Comparison string  `json:"comparison"`
	Level      string  `json:"level"`
	When       string  `json:"when"`
	M          float64 `json:"m"`
	U          float64 `json:"u"`
	Bits       float64 `json:"bits"` // log2(m/u), as far as it is its own
	Group      string  `json:"group,omitempty"`
}

// Weights lists what every level weighs.
func (m *Model) Weights() []LevelWeight {
	var out []LevelWeight
	for _, c := range m.Comparisons {
		for _, l := range c.Levels {
			group := l.Group
			if group == "" {
				group = c.Group
			}
			out = append(out, LevelWeight{c.Name, l.Name, l.When, l.M, l.U, c.own() * math.Log2(l.M/l.U), group})
		}
	}
	return out
}

// WriteWeights returns the text of a model file with the m, the u and the
// prior of m in it; its comments and order stay. What the file leaves to the
// program is written out, so that it means the same in a later version.
func (m *Model) WriteWeights(text []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, &ModelError{Err: err}
	}
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil, &ModelError{Err: errors.New("the file holds no model")}
	}
	top := root.Content[0]
	if err := m.writeComparisons(top); err != nil {
		return nil, &ModelError{Err: err}
	}
	if child(top, "passes") == nil {
		if err := put(top, "passes", m.Passes); err != nil {
			return nil, &ModelError{Err: err}
		}
		inline(child(top, "passes").Content...)
	}
	if child(top, "thresholds") == nil {
		if err := put(top, "thresholds", m.Thresholds); err != nil {
			return nil, &ModelError{Err: err}
		}
		inline(child(top, "thresholds"))
	}
	if err := put(child(top, "thresholds"), "expected", figure(m.Thresholds.Expected)); err != nil {
		return nil, &ModelError{Err: err}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return nil, &ModelError{Err: err}
	}
	return out.Bytes(), enc.Close()
}

// writeComparisons writes the likelihoods, and what the file lacks beside
// them.
func (m *Model) writeComparisons(top *yaml.Node) error {
	if child(top, "comparisons") == nil {
		if err := put(top, "comparisons", m.Comparisons); err != nil {
			return err
		}
	}
	comparisons := child(top, "comparisons")
	if len(comparisons.Content) != len(m.Comparisons) {
		return errors.New("the file has other comparisons than the model")
	}
	for i, c := range m.Comparisons {
		if child(comparisons.Content[i], "levels") == nil {
			if err := put(comparisons.Content[i], "levels", c.Levels); err != nil {
				return err
			}
		}
		levels := child(comparisons.Content[i], "levels")
		if len(levels.Content) != len(c.Levels) {
			return fmt.Errorf("comparison %q has other levels in the file", c.Name)
		}
		for j, l := range c.Levels {
			if err := put(levels.Content[j], "m", figure(l.M)); err != nil {
				return err
			}
			if err := put(levels.Content[j], "u", figure(l.U)); err != nil {
				return err
			}
		}
		inline(levels.Content...)
		if c.Own > 0 {
			if err := put(comparisons.Content[i], "own", figure(c.Own)); err != nil {
				return err
			}
		}
	}
	return nil
}

// figure rounds to four significant digits.
func figure(x float64) float64 {
	x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	return x
}

// put sets a mapping's key, at its end if it is new.
func put(mapping *yaml.Node, key string, value any) error {
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return err
	}
	if old := child(mapping, key); old != nil {
		n.LineComment = old.LineComment
		*old = n
		return nil
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &n)
	return nil
}

// inline writes mappings on a line of their own each.
func inline(nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.Kind == yaml.MappingNode {
			n.Style = yaml.FlowStyle
		}
	}
}

// child returns the value of a mapping's key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
