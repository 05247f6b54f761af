package rule_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sihctl/sih/transform/rule"
)

var update = flag.Bool("update", false, "rewrite docs/rules.md")

func TestRulesPageIsUpToDate(t *testing.T) {
	const page = "../../docs/rules.md"
	var b bytes.Buffer
	if err := rule.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("docs/rules.md is not what the rules say; run go test ./transform/rule -update\n%s", diff)
	}
}
