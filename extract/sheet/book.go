package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	// defaultMaxUnzipped allows for eight full sheets: 1,048,576 rows of 20
	// cells at 45 bytes are 0.9 GB.
	defaultMaxUnzipped = 8 << 30
	// maxRatio is how many bytes one packed byte may become, in parts of 16
	// MiB or more. Deflate reaches 1032; sheets made of the same row over and
	// over about 100.
	maxRatio   = 300
	ratioFrom  = 16 << 20
	maxEntries = 20000
)

// book is an open workbook.
type book struct {
	file     string
	os       *os.File
	parts    map[string]*zip.File
	sheets   []sheetRef
	shared   string // part of the shared strings, or empty
	date1904 bool

	limit int64
}

type sheetRef struct{ name, part string }

// openBook opens a workbook and refuses what is none, or not a harmless one.
func openBook(dir, file string, maxUnzipped int64) (_ *book, err error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(file)))
	if err != nil {
		return nil, at(file, "", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			err = at(file, "", err)
		}
	}()
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if err := refuse(file, head[:n]); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	b := &book{file: file, os: f, parts: map[string]*zip.File{}, limit: maxUnzipped}
	if err := b.inspect(z.File); err != nil {
		return nil, err
	}
	if err := b.workbook(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *book) close() error { return b.os.Close() }

// inspect looks at the archive's directory before anything is unpacked. The
// sizes given there may lie; part holds them to it.
func (b *book) inspect(files []*zip.File) error {
	if len(files) > maxEntries {
		return fmt.Errorf("%w: more than %d parts", ErrTooLarge, maxEntries)
	}
	var total uint64
	for _, f := range files {
		name := strings.ToLower(strings.TrimPrefix(f.Name, "/"))
		switch {
		case b.parts[name] != nil:
			return fmt.Errorf("%w: it has two parts of one name", ErrDamaged)
		case strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/"):
			return &Error{File: b.file, Err: ErrMacros, advice: "save it as .xlsx, which leaves them out"}
		case strings.HasPrefix(name, "xl/externallinks/"):
			return &Error{File: b.file, Err: ErrExternalLinks, advice: "break the links (Excel: Data, Edit Links; LibreOffice: Edit, Links) and save it"}
		case f.Flags&1 != 0:
			return ErrEncrypted
		}
		total += f.UncompressedSize64
		if f.UncompressedSize64 > uint64(b.limit) || total > uint64(b.limit) {
			return b.tooLarge()
		}
		if f.UncompressedSize64 > ratioFrom && f.UncompressedSize64/maxRatio > f.CompressedSize64 {
			return fmt.Errorf("%w: a part grows more than %d times", ErrTooLarge, maxRatio)
		}
		b.parts[name] = f
	}
	if b.parts["[content_types].xml"] == nil {
		if b.parts["mimetype"] != nil && b.parts["content.xml"] != nil {
			return &Error{File: b.file, Err: fmt.Errorf("%w but an OpenDocument file", ErrNotWorkbook), advice: "convert it: soffice --headless --convert-to xlsx " + b.file}
		}
		return ErrNotWorkbook
	}
	return nil
}

func (b *book) tooLarge() error {
	return &Error{File: b.file, Err: fmt.Errorf("%w: more than %d MiB", ErrTooLarge, b.limit>>20), advice: "raise max_unzipped if the file is what it should be"}
}

// part opens a part. Package zip gives no more bytes than the directory says
// that there are.
func (b *book) part(name string) (io.ReadCloser, error) {
	f := b.parts[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("%w: it lacks the part %s", ErrDamaged, path.Base(name))
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return partReader{r}, nil
}

// partReader says of what cannot be unpacked that it is damaged.
type partReader struct{ io.ReadCloser }

// Read wraps what the archive refuses in ErrDamaged.
func (r partReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}

// workbook finds the sheets, the shared strings and the base of dates.
func (b *book) workbook() error {
	main, err := b.related("_rels/.rels", "", func(kind string) bool { return kind == "officeDocument" })
	if err != nil {
		return err
	}
	if len(main) != 1 {
		return ErrNotWorkbook
	}
	var part string
	for _, target := range main {
		part = target
	}
	rels := path.Join(path.Dir(part), "_rels", path.Base(part)+".rels")
	ids, err := b.related(rels, path.Dir(part), func(kind string) bool { return kind == "worksheet" })
	if err != nil {
		return err
	}
	shared, err := b.related(rels, path.Dir(part), func(kind string) bool { return kind == "sharedStrings" })
	if err != nil {
		return err
	}
	for _, target := range shared {
		b.shared = target
	}
	return b.each(part, func(t *tokens) {
		switch string(t.name) {
		case "workbookPr":
			v := string(t.attr("date1904"))
			b.date1904 = v == "1" || v == "true"
		case "sheet":
			if target, ok := ids[string(unescape(nil, t.attrLocal("id")))]; ok {
				b.sheets = append(b.sheets, sheetRef{t.attrText("name"), target})
			}
		}
	})
}

// related returns the targets, by id, of the relations of the kinds wanted.
func (b *book) related(part, base string, want func(kind string) bool) (map[string]string, error) {
	targets := map[string]string{}
	err := b.each(part, func(t *tokens) {
		if string(t.name) != "Relationship" || !want(path.Base(t.attrText("Type"))) || t.attrText("TargetMode") == "External" {
			return
		}
		target := t.attrText("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("/", base, target)
		}
		targets[t.attrText("Id")] = strings.TrimPrefix(target, "/")
	})
	return targets, err
}

// each calls do for every start tag of a part.
func (b *book) each(part string, do func(*tokens)) error {
	r, err := b.part(part)
	if err != nil {
		return err
	}
	defer r.Close()
	t := newTokens(r)
	for {
		switch kind, err := t.next(); {
		case err != nil:
			return err
		case kind == tokenEOF:
			return nil
		case kind == tokenStart:
			do(t)
		}
	}
}

// strings reads the shared strings up to the given number of them.
func (b *book) strings(limit int) (*sharedStrings, error) {
	if b.shared == "" || limit == 0 {
		return &sharedStrings{}, nil
	}
	r, err := b.part(b.shared)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readShared(r, limit)
}
