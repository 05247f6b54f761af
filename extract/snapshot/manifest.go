package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/extract"
)

// manifest is manifest.json: what the snapshot is and every other file of it.
type manifest struct {
	Format     string       `json:"format"`
	Source     sih.SourceID `json:"source"`
	System     string       `json:"system"`
	Driver     string       `json:"driver"`
	Taken      string       `json:"taken"`
	Complete   bool         `json:"complete"`
	Consistent bool         `json:"consistent"`        // one view, and nothing to note
	Views      []string     `json:"views"`             // when the views were opened that rows stand in: more than one is a seam
	Notes      []string     `json:"notes,omitempty"`   // on how the source was read
	Remarks    []string     `json:"remarks,omitempty"` // the same, where consistency does not suffer
	Encrypted  bool         `json:"encrypted"`
	Recipients []string     `json:"recipients,omitempty"` // public keys that it is encrypted to
	Signed     bool         `json:"signed"`
	Signer     string       `json:"signer,omitempty"`     // the sender's public key
	AuditHead  string       `json:"audit_head,omitempty"` // last line of the audit log before
	Files      []file       `json:"files"`
}

type file struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// dataPackage is datapackage.json, a Frictionless data package.
type dataPackage struct {
	Profile   string     `json:"profile"`
	Name      string     `json:"name"`
	Resources []resource `json:"resources"`
	// LeftOut is what the source has and the snapshot, by decision, has not.
	LeftOut []LeftOut `json:"sih:leftOut,omitempty"`
}

type resource struct {
	Name     string   `json:"name"`
	Path     []string `json:"path"`
	Rejected []string `json:"sih:rejected,omitempty"`
	// Attached names the column whose files are in the snapshot too.
	Attached  string `json:"sih:attached,omitempty"`
	Format    string `json:"format"`
	MediaType string `json:"mediatype"`
	Encoding  string `json:"encoding"`
	Rows      int    `json:"sih:rows"`
	Table     string `json:"sih:table"`
	Schema    struct {
		Fields []field  `json:"fields"`
		Key    []string `json:"primaryKey,omitempty"`
	} `json:"schema"`
}

type field struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"` // string: the lossless text is what counts
	SourceType  string          `json:"sih:type"`
	Constraints map[string]bool `json:"constraints,omitempty"`
}

func (w *Writer) writeManifest() error {
	pkg := dataPackage{Profile: "data-package", Name: string(w.info.Source), LeftOut: w.leftOut}
	for _, t := range w.tables {
		r := resource{Name: fileName(t.table.Name), Format: "json", MediaType: w.seal.mediaType(), Encoding: "utf-8", Rows: t.rows.written, Table: t.table.Name, Path: []string{}}
		for _, c := range t.table.Columns {
			f := field{Name: c.Name, Type: "string", SourceType: c.Type}
			if !c.Nullable {
				f.Constraints = map[string]bool{"required": true}
			}
			r.Schema.Fields = append(r.Schema.Fields, f)
		}
		r.Schema.Key = t.table.Key
		r.Attached, _ = w.asked(t.table.Name)
		for _, c := range w.stands[t.table.Name].rows {
			r.Path = append(r.Path, c.Path)
		}
		for _, c := range w.stands[t.table.Name].rejects {
			r.Rejected = append(r.Rejected, c.Path)
		}
		pkg.Resources = append(pkg.Resources, r)
	}
	if err := writeJSON(filepath.Join(w.dir, packageFile), pkg); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	views := w.standingViews()
	m := &manifest{
		Format: Format, Source: w.info.Source, System: w.info.System, Driver: w.info.Driver,
		Taken: when(w.info.Taken), Complete: true,
		Consistent: len(views) <= 1 && !w.moving, Views: views,
		Encrypted: len(w.seal.Recipients) > 0, Recipients: w.seal.names(),
		AuditHead: w.info.AuditHead,
	}
	if w.seal.Signer != nil {
		m.Signed, m.Signer = true, w.seal.Signer.Sender().String()
	}
	for _, e := range w.entries {
		if e.Note != "" {
			m.Notes, m.Consistent = append(m.Notes, e.Note), false
		}
		if e.Remark != "" {
			m.Remarks = append(m.Remarks, e.Remark)
		}
	}
	hashes := w.held()
	paths, err := files(w.dir)
	if err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	for _, p := range paths {
		full := filepath.Join(w.dir, filepath.FromSlash(p))
		if hashes[p] == "" {
			if hashes[p], err = hashFile(full); err != nil {
				return fmt.Errorf("finish snapshot: %w", err)
			}
		}
		info, err := os.Stat(full)
		if err != nil {
			return fmt.Errorf("finish snapshot: %w", err)
		}
		m.Files = append(m.Files, file{p, info.Size(), hashes[p]})
	}
	data, err := marshal(m)
	if err != nil {
		return err
	}
	var signature []byte
	if m.Signed {
		if signature, err = w.seal.Signer.sign(m, data); err != nil {
			return fmt.Errorf("finish snapshot: %w", err)
		}
		if err := writeFile(filepath.Join(w.dir, signatureFile), signature); err != nil {
			return fmt.Errorf("finish snapshot: %w", err)
		}
	}
	if err := writeFile(filepath.Join(w.dir, sumsFile), []byte(sums(data, signature))); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	// The manifest comes last: with it the directory is a snapshot.
	if err := writeFile(filepath.Join(w.dir, manifestFile), data); err != nil {
		return fmt.Errorf("finish snapshot: %w", err)
	}
	return nil
}

// files lists the files below dir that a manifest lists, by name.
func files(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch p := filepath.ToSlash(rel); p {
		case manifestFile, signatureFile, sumsFile:
		default:
			out = append(out, p)
		}
		return nil
	})
	sort.Strings(out)
	return out, err
}

// hash returns the SHA-256 of data in hex.
func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (s Sealing) mediaType() string {
	if len(s.Recipients) > 0 {
		return "application/octet-stream" // age has none of its own
	}
	return "application/zstd"
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func writeJSON(path string, v any) error {
	data, err := marshal(v)
	if err != nil {
		return err
	}
	return writeFile(path, data)
}

func (r resource) table() extract.Table {
	t := extract.Table{Name: r.Table, Key: r.Schema.Key}
	for _, f := range r.Schema.Fields {
		t.Columns = append(t.Columns, extract.Column{Name: f.Name, Type: f.SourceType, Nullable: !f.Constraints["required"]})
	}
	return t
}
