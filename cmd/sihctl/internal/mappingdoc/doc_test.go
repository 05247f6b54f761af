package mappingdoc_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/mappingdoc"
	"github.com/sihctl/sih/transform/mapping"
	"github.com/xuri/excelize/v2"
)

// TestDoc writes the example down, and reads the workbook again.
func TestDoc(t *testing.T) {
	fsys := os.DirFS("../../../../testdata/openmrs/mappings/openmrs")
	files, err := mapping.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := mapping.LoadCodes(fsys)
	if err != nil {
		t.Fatal(err)
	}
	d := mappingdoc.New("openmrs", files, lists)
	page := string(d.Markdown())
	for _, want := range []string{
		"| person | person.yaml | person_id | part of other tables' records |  | by joins; else left out: staff and relatives, who are no patients |",
		"birth yyyy-MM-dd", "codes/gender.csv, else unknown", "by falling preferred", "| patient | void_reason | of records that are excluded |",
		"| codes/diagnosis.csv | 117399 | Hypertension artérielle | I10 | icd10 | draft |", `all, parted by ", "`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	data, err := d.Workbook()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Fields")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 100 || rows[0][3] != "unified column" {
		t.Errorf("the sheet of fields has %d rows, the first %q", len(rows), rows[0])
	}
}
