package main

import (
	"bytes"
	"fmt"
	"html/template"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sihctl/sih/extract/snapshot"
	"github.com/spf13/cobra"
)

func newSnapshotSlipCommand(g *globals) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:         "slip SNAPSHOT",
		Annotations: map[string]string{speaksArabic: "yes"},
		Short:       "Write the page that is signed when a snapshot is handed over",
		Long: `Slip writes a page to print from any browser: what was taken and what was left
out, by table, column and number of rows; the hash that stands for all of it;
who can read it and whose signature it has; and two boxes to sign. Many tables
take several sheets, each with its number and the hash. It shows no value of any
row. With --lang fr, en or ar it is in French, English or Arabic.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, _, err := g.findSnapshot(args[0], &keyOptions{})
			if err != nil {
				return err
			}
			return runSlip(g, dir, out)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`file` to write (default: the source's name and .slip.html)")
	return cmd
}

// slipResult is what snapshot slip prints as JSON.
type slipResult struct {
	Snapshot string `json:"snapshot"`
	Slip     string `json:"slip"`
}

func runSlip(g *globals, dir, out string) error {
	s, err := snapshot.Open(dir)
	if err != nil {
		return err
	}
	if out == "" {
		out = string(s.Source) + ".slip.html"
	}
	if err := outside(out, dir); err != nil {
		return err
	}
	page, err := slipPage(s, g.lang)
	if err != nil {
		return err
	}
	if err := replaceFile(out, page); err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	return g.show(slipResult{dir, out}, func() error { return g.screen.Printf("%s\n", out) })
}

// slip is what the page shows.
type slip struct {
	Words                map[string]string
	Lang, Dir            string
	Snapshot             *snapshot.Snapshot
	Taken                string
	Tables               []slipTable
	Rows, Rejected       string
	Hash, Signer, Signed string
	Recipients           []slipRecipient
	Boxes                []string
}

type slipTable struct {
	Name, Columns, LeftOut, Rows, Rejected string
	Whole                                  bool // left out altogether
	Files                                  *slipFiles
}

// slipFiles tells of the files that a table's rows name.
type slipFiles struct{ Column, Copied, Missed string }

type slipRecipient struct{ Key, Fingerprint string }

// slipPage writes the page of a snapshot.
func slipPage(s *snapshot.Snapshot, lang string) ([]byte, error) {
	words := slipWords[lang]
	p := slip{Words: words, Lang: lang, Dir: "ltr", Snapshot: s, Taken: s.Taken.UTC().Format("2006-01-02 15:04") + " UTC",
		Hash: inGroups(s.Hash), Boxes: []string{words["sender box"], words["receiver box"]}}
	if lang == "ar" {
		p.Dir = "rtl"
	}
	rows, rejected := 0, 0
	for _, t := range s.Tables {
		var columns []string
		for _, c := range t.Columns {
			columns = append(columns, c.Name)
		}
		one := slipTable{Name: t.Name, Columns: strings.Join(columns, ", "), LeftOut: leftOutOf(s, t.Name), Rows: thousands(t.Rows), Rejected: thousands(t.Rejected)}
		if a := t.Attached; t.FileColumn != "" {
			one.Files = &slipFiles{t.FileColumn, thousands(a.Copied), thousands(a.Named - a.Copied)}
		}
		p.Tables = append(p.Tables, one)
		rows, rejected = rows+t.Rows, rejected+t.Rejected
	}
	for _, l := range s.LeftOut {
		if len(l.Columns) == 0 {
			p.Tables = append(p.Tables, slipTable{Name: l.Table, Whole: true})
		}
	}
	p.Rows, p.Rejected = thousands(rows), thousands(rejected)
	for _, key := range s.Recipients {
		r, err := snapshot.ParseRecipient(key)
		if err != nil {
			return nil, fmt.Errorf("write slip: a recipient is %w", err)
		}
		p.Recipients = append(p.Recipients, slipRecipient{key, r.Fingerprint()})
	}
	if s.Signer != "" {
		sender, err := snapshot.ParseSender(s.Signer)
		if err != nil {
			return nil, fmt.Errorf("write slip: the signer is %w", err)
		}
		p.Signer, p.Signed = s.Signer, sender.ID()
	}
	t, err := template.ParseFS(templates, "templates/slip.html")
	if err != nil {
		return nil, fmt.Errorf("write slip: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write slip: %w", err)
	}
	return b.Bytes(), nil
}

// inGroups parts a hash so that it can be compared by eye.
func inGroups(hash string) string {
	var groups []string
	for len(hash) > 8 {
		groups, hash = append(groups, hash[:8]), hash[8:]
	}
	return strings.Join(append(groups, hash), " ")
}

// thousands writes a number with its thousands apart, by a space that does not
// break, which all three languages read.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "\u00a0" + digits[at:]
	}
	return digits
}

// slipWords are the page's words by language.
var slipWords = map[string]map[string]string{
	"en": {
		"colon": ":", "title": "Handover of a snapshot", "source": "Source", "system": "System", "taken": "Read at", "views": "Views",
		"seam":  "more than one: the source may have changed in between",
		"table": "Table", "columns": "Columns taken", "left out": "Columns left out", "rows": "Rows", "unreadable": "Unreadable",
		"whole": "left out altogether", "files": "Files named by", "copied": "copied", "missed": "not copied", "total": "Total", "nothing": "none",
		"hash":       "SHA-256 of manifest.json, which lists every file with its own",
		"recipients": "Readable by", "fingerprint": "fingerprint", "plain": "anybody: the snapshot is not encrypted",
		"signature": "Signed with key", "unsigned": "not signed",
		"sender box": "Handed over by", "receiver box": "Received by", "name": "Name", "role": "Function", "date": "Date and time", "sign": "Signature",
		"check": "The receiver checks the hash with: sihctl snapshot verify",
	},
	"fr": {
		"colon": "\u00a0:", "title": "Bordereau de remise d’un instantané", "source": "Source", "system": "Système", "taken": "Lu le", "views": "Vues",
		"seam":  "plusieurs : la source a pu changer entre-temps",
		"table": "Table", "columns": "Colonnes extraites", "left out": "Colonnes écartées", "rows": "Lignes", "unreadable": "Illisibles",
		"whole": "écartée en entier", "files": "Fichiers nommés par", "copied": "copiés", "missed": "non copiés", "total": "Total", "nothing": "aucune",
		"hash":       "SHA-256 de manifest.json, qui énumère chaque fichier avec le sien",
		"recipients": "Lisible par", "fingerprint": "empreinte", "plain": "tous : l’instantané n’est pas chiffré",
		"signature": "Signé avec la clé", "unsigned": "non signé",
		"sender box": "Remis par", "receiver box": "Reçu par", "name": "Nom", "role": "Fonction", "date": "Date et heure", "sign": "Signature",
		"check": "Le destinataire vérifie l’empreinte par : sihctl snapshot verify",
	},
	"ar": {
		"colon": ":", "title": "محضر تسليم نسخة من البيانات", "source": "المصدر", "system": "النظام", "taken": "تاريخ القراءة", "views": "القراءات",
		"seam":  "أكثر من قراءة واحدة: قد يكون المصدر تغيّر بينها",
		"table": "الجدول", "columns": "الأعمدة المأخوذة", "left out": "الأعمدة المستثناة", "rows": "السطور", "unreadable": "غير مقروءة",
		"whole": "مستثنى بأكمله", "files": "الملفات المذكورة في", "copied": "منسوخة", "missed": "غير منسوخة", "total": "المجموع", "nothing": "لا شيء",
		"hash":       "بصمة SHA-256 لملف manifest.json الذي يسرد كل ملف مع بصمته",
		"recipients": "يقرؤها", "fingerprint": "البصمة", "plain": "الجميع: النسخة غير مشفّرة",
		"signature": "موقّعة بالمفتاح", "unsigned": "غير موقّعة",
		"sender box": "سلّمها", "receiver box": "تسلّمها", "name": "الاسم", "role": "الصفة", "date": "التاريخ والساعة", "sign": "التوقيع",
		"check": "يتحقق المتسلّم من البصمة بالأمر: sihctl snapshot verify",
	},
}
