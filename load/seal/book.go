package seal

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// largest bounds what one part of a workbook may unpack to, in bytes.
const largest = 4 << 30

// book is a workbook being read.
type book struct {
	files  map[string]*zip.File
	sheets []sheet
	texts  []string // shared
	open   []bool   // by style
}

type sheet struct{ name, part string }

// cell is a cell that holds something, or that is to be filled in.
type cell struct {
	row, column int
	text        string // with a letter for its kind in front; empty where it holds nothing
	formula     string
	open        bool // unlocked
}

// name returns what the sheet calls it.
func (c cell) name() string {
	letters := ""
	for n := c.column; n > 0; n = (n - 1) / 26 {
		letters = string(rune('A'+(n-1)%26)) + letters
	}
	return letters + strconv.Itoa(c.row)
}

func open(p Part) (*book, error) {
	z, err := zip.NewReader(p, p.Size)
	if err != nil {
		return nil, err
	}
	b := &book{files: map[string]*zip.File{}}
	for _, f := range z.File {
		b.files[f.Name] = f
	}
	var list struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(b.parse("xl/workbook.xml", &list), b.parse("xl/_rels/workbook.xml.rels", &links)); err != nil {
		return nil, err
	}
	parts := map[string]string{}
	for _, l := range links.Links {
		if parts[l.ID] = path.Join("xl", l.Target); strings.HasPrefix(l.Target, "/") {
			parts[l.ID] = l.Target[1:]
		}
	}
	for _, s := range list.Sheets {
		b.sheets = append(b.sheets, sheet{s.Name, parts[s.ID]})
	}
	return b, errors.Join(b.readStyles(), b.readTexts())
}

func (b *book) reader(name string) (io.ReadCloser, error) {
	f := b.files[name]
	if f == nil {
		return nil, fmt.Errorf("there is no part %s", name)
	}
	if f.UncompressedSize64 > largest {
		return nil, fmt.Errorf("part %s is too large", name)
	}
	return f.Open()
}

func (b *book) parse(name string, to any) error {
	r, err := b.reader(name)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := xml.NewDecoder(r).Decode(to); err != nil {
		return fmt.Errorf("part %s: %w", name, err)
	}
	return nil
}

// readStyles finds the styles whose cells are unlocked.
func (b *book) readStyles() error {
	var styles struct {
		Styles []struct {
			Protection *struct {
				Locked string `xml:"locked,attr"`
			} `xml:"protection"`
		} `xml:"cellXfs>xf"`
	}
	if b.files["xl/styles.xml"] == nil {
		return nil
	}
	err := b.parse("xl/styles.xml", &styles)
	for _, s := range styles.Styles {
		b.open = append(b.open, s.Protection != nil && (s.Protection.Locked == "0" || s.Protection.Locked == "false"))
	}
	return err
}

// text is a text with or without runs of their own format.
type text struct {
	Text string   `xml:"t"`
	Runs []string `xml:"r>t"`
}

// String joins the runs of a text that has several fonts.
func (t text) String() string { return t.Text + strings.Join(t.Runs, "") }

func (b *book) readTexts() error {
	if b.files["xl/sharedStrings.xml"] == nil {
		return nil
	}
	var texts struct {
		Texts []text `xml:"si"`
	}
	err := b.parse("xl/sharedStrings.xml", &texts)
	for _, t := range texts.Texts {
		b.texts = append(b.texts, t.String())
	}
	return err
}

// cells yields the cells of a sheet in their order, those left out that hold
// nothing and are locked.
func (b *book) cells(i int) iter.Seq2[cell, error] {
	return func(yield func(cell, error) bool) {
		r, err := b.reader(b.sheets[i].part)
		if err != nil {
			yield(cell{}, err)
			return
		}
		defer r.Close()
		shared := map[string]sharedFormula{}
		last := cell{}
		for d := xml.NewDecoder(r); ; {
			token, err := d.Token()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(cell{}, err)
				return
			}
			start, ok := token.(xml.StartElement)
			if !ok || start.Name.Local != "c" {
				continue
			}
			var x cellXML
			err = d.DecodeElement(&x, &start)
			c := cell{}
			if err == nil {
				c, err = b.cell(&x, shared)
			}
			if err == nil && (c.row < last.row || c.row == last.row && c.column <= last.column) {
				err = fmt.Errorf("cell %s is out of order", c.name())
			}
			last = c
			if err != nil {
				yield(cell{}, err)
				return
			}
			if c.text == "" && c.formula == "" && !c.open {
				continue
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

type cellXML struct {
	Ref     string `xml:"r,attr"`
	Style   int    `xml:"s,attr"`
	Kind    string `xml:"t,attr"`
	Value   string `xml:"v"`
	Inline  *text  `xml:"is"`
	Formula *struct {
		Kind   string `xml:"t,attr"`
		Shared string `xml:"si,attr"`
		Text   string `xml:",chardata"`
	} `xml:"f"`
}

// sharedFormula is a formula that other cells have too, and where it stands.
type sharedFormula struct {
	text        string
	row, column int
}

func (b *book) cell(x *cellXML, shared map[string]sharedFormula) (c cell, err error) {
	if c.column, c.row, err = place(x.Ref); err != nil {
		return c, err
	}
	c.open = x.Style > 0 && x.Style < len(b.open) && b.open[x.Style]
	switch x.Kind {
	case "s":
		n, err := strconv.Atoi(x.Value)
		if err != nil || n < 0 || n >= len(b.texts) {
			return c, fmt.Errorf("cell %s has no text", x.Ref)
		}
		c.text = said(b.texts[n])
	case "inlineStr":
		if x.Inline != nil {
			c.text = said(x.Inline.String())
		}
	case "str", "e":
		c.text = said(x.Value)
	case "b":
		c.text = "b" + x.Value
	default:
		if x.Value != "" {
			n, err := strconv.ParseFloat(x.Value, 64)
			if err != nil {
				return c, fmt.Errorf("cell %s holds no number", x.Ref)
			}
			// Programs write the digits beyond the fifteenth as they please.
			c.text = "n" + strconv.FormatFloat(n, 'g', 15, 64)
		}
	}
	if x.Formula != nil {
		f := x.Formula.Text
		if x.Formula.Kind == "shared" {
			if f != "" {
				shared[x.Formula.Shared] = sharedFormula{f, c.row, c.column}
			} else if m, ok := shared[x.Formula.Shared]; ok {
				f = shift(m.text, c.row-m.row, c.column-m.column)
			} else {
				return c, fmt.Errorf("cell %s shares a formula that is not there", x.Ref)
			}
		}
		c.formula = plain(f)
	}
	return c, nil
}

// said marks a text as one, without what programs do to the ends of its lines.
func said(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "_x000D_", "")
	if s == "" {
		return ""
	}
	return "s" + s
}

// place reads a cell's name.
func place(name string) (column, row int, err error) {
	i := 0
	for i < len(name) && i < 3 && name[i] >= 'A' && name[i] <= 'Z' {
		column = column*26 + int(name[i]-'A') + 1
		i++
	}
	row, err = strconv.Atoi(name[i:])
	if err != nil || column == 0 || row <= 0 {
		return 0, 0, fmt.Errorf("%q is no cell", name)
	}
	return column, row, nil
}

// plain writes a formula as every program would: quotes around the names of
// sheets and blanks are a matter of taste.
func plain(f string) string {
	var b strings.Builder
	text := false
	for _, r := range strings.TrimPrefix(strings.TrimSpace(f), "=") {
		switch {
		case r == '"':
			text = !text
			b.WriteRune(r)
		case text:
			b.WriteRune(r)
		case r == '\'', r == ' ', r == '\n', r == '\r':
		default:
			b.WriteString(strings.ToUpper(string(r)))
		}
	}
	return "=" + strings.ReplaceAll(b.String(), "_XLFN.", "")
}

// reference finds the cells in a formula, and passes over texts and names of
// sheets in quotes.
var reference = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z_.][A-Za-z0-9_.]*\(|(\$?)\b([A-Z]{1,3})(\$?)([0-9]{1,7})\b`)

// shift moves the relative references of a shared formula.
func shift(f string, rows, columns int) string {
	return reference.ReplaceAllStringFunc(f, func(s string) string {
		m := reference.FindStringSubmatch(s)
		if m[2] == "" {
			return s
		}
		column, row, err := place(m[2] + m[4])
		if err != nil {
			return s
		}
		if m[1] == "" {
			column += columns
		}
		if m[3] == "" {
			row += rows
		}
		moved := cell{row: row, column: column}.name()
		letters := strings.TrimRight(moved, "0123456789")
		return m[1] + letters + m[3] + moved[len(letters):]
	})
}
