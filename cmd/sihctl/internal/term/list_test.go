package term_test

import (
	"strings"
	"testing"

	"github.com/sihctl/sih/cmd/sihctl/internal/term"
)

func TestList(t *testing.T) {
	list := &term.List{Title: "khemisset: hosix by sqlserver"}
	list.Item(term.Check, "reach", "port 1433 answers", "")
	list.Item(term.Notice, "rights", "the login may write to dbo.PACIENTES, and to several others that are named here", "have the administrator run the script")
	list.Item(term.Cross, "disk", "full", "")
	var out strings.Builder
	if err := term.Fake(&out, nil, 50, false, false, nil).List(list); err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer("√", "✓", "×", "✗").Replace(out.String())
	want := `khemisset: hosix by sqlserver
  ✓ reach   port 1433 answers
  ! rights  the login may write to dbo.PACIENTES,
            and to several others that are named
            here
            → have the administrator run the
              script
  ✗ disk    full
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain",
		"✓ Écartées… l’œuvre «\u00a0ça\u00a0»": `ok Ecartees... l'oeuvre "ca"`,
		"12\u202f345\u00a0: → –":               "12 345 : -> -",
		"محمد é":                               "محمد e", // what has no likeness stays
	} {
		if got := term.Fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
