package mapping

import "go.yaml.in/yaml/v3"

func (f *File) control(k, v yaml.Node) error {
	c := Control{Measure: k.Value, pos: v}
	list := []*yaml.Node{&v}
	if v.Kind == yaml.SequenceNode { // several ways to count for one measure
		list = v.Content
	}
	for _, n := range list {
		c := c
		c.pos = *n
		var count string
		err := f.object(*n, map[string]func(yaml.Node) error{
			"count":    f.text(&count),
			"where":    f.text(&c.Where),
			"sum":      f.text(&c.Sum),
			"comma":    f.flag(&c.Comma),
			"days":     f.texts(&c.Days),
			"date":     f.text(&c.Date),
			"layout":   f.text(&c.Layout),
			"facility": f.text(&c.Facility),
			"payer":    f.text(&c.Payer),
			"code":     f.text(&c.Code),
			"monthly":  f.flag(&c.Monthly),
		})
		switch {
		case err != nil:
			return err
		case count != "" && count != "rows":
			return f.fault(*n, "%s: count: rows is the only way to count", c.Measure)
		case (count != "") == (c.Sum != "" || len(c.Days) > 0) || c.Sum != "" && len(c.Days) > 0:
			return f.fault(*n, "%s: just one of count, sum and days is wanted", c.Measure)
		case len(c.Days) != 0 && len(c.Days) != 2:
			return f.fault(*n, "%s: days wants two columns, entry and exit", c.Measure)
		}
		f.Controls = append(f.Controls, c)
	}
	return nil
}
