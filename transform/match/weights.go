package match

import (
	"bytes"
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
	Bits       float64 `json:"bits"` // log2(m/u)
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
			out = append(out, LevelWeight{c.Name, l.Name, l.When, l.M, l.U, math.Log2(l.M / l.U), group})
		}
	}
	return out
}

// WriteWeights returns the text of a model file with the m and u of m in it;
// its comments and order stay. The file must have m's comparisons and levels.
func (m *Model) WriteWeights(text []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, &ModelError{Err: err}
	}
	comparisons := child(root.Content[0], "comparisons")
	if comparisons == nil || len(comparisons.Content) != len(m.Comparisons) {
		return nil, &ModelError{Err: fmt.Errorf("the file has other comparisons than the model")}
	}
	for i, c := range m.Comparisons {
		levels := child(comparisons.Content[i], "levels")
		if levels == nil || len(levels.Content) != len(c.Levels) {
			return nil, &ModelError{Err: fmt.Errorf("comparison %q has other levels in the file", c.Name)}
		}
		ms, us := rounded(c.Levels)
		for j := range c.Levels {
			for name, v := range map[string]string{"m": ms[j], "u": us[j]} {
				if n := child(levels.Content[j], name); n != nil {
					n.Value, n.Tag = v, "!!float"
				}
			}
		}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return nil, &ModelError{Err: err}
	}
	return out.Bytes(), enc.Close()
}

// rounded writes the likelihoods with four significant digits.
func rounded(levels []Level) (m, u []string) {
	for _, l := range levels {
		m = append(m, strconv.FormatFloat(l.M, 'g', 4, 64))
		u = append(u, strconv.FormatFloat(l.U, 'g', 4, 64))
	}
	return m, u
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
