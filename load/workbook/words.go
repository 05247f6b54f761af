package workbook

import (
	"fmt"

	"github.com/sihctl/sih"
)

// words are the labels of one language: of tabs (tab.), their notes (note.),
// columns (col.), facts of the run (fact.), checks (check.), codes and terms.
type words map[string]string

// languages holds one table per language; each has the same labels.
var languages = map[string]words{"fr": french, "en": english, "ar": arabic}

// Languages lists the languages that a workbook can be written in.
func Languages() []string { return []string{"fr", "en", "ar"} }

func wordsOf(lang string) (words, error) {
	if lang == "" {
		lang = "fr"
	}
	w, ok := languages[lang]
	if !ok {
		return nil, fmt.Errorf("language %q is not one of %v", lang, Languages())
	}
	return w, nil
}

// code returns the label of a code of the given list, or the code itself
// where the list does not have it.
func (w words) code(list, code string) string {
	if s, ok := w[list+"."+code]; ok {
		return s
	}
	return code
}

// reason returns a reason code with its meaning.
func (w words) reason(r sih.Reason) string {
	if s, ok := w["reason."+string(r)]; ok {
		return string(r) + " " + s
	}
	return string(r)
}
