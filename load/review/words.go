package review

import (
	"fmt"
	"slices"
	"strings"
)

// words are the labels of one language. Sentences of the evidence and the rules
// of the model that sihctl brings stand under "say." and "rule.".
type words map[string]string

var languages = map[string]words{"fr": french, "en": english, "ar": arabic}

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

// Says tells whether a language has words for a sentence of the evidence.
func Says(lang, sentence string) bool {
	_, ok := languages[lang]["say."+sentence]
	return ok || lang == "en"
}

// Say says evidence in a language: sentences parted by semicolons, as a store
// keeps them of a merge. What the language has no words for stays as it is.
func Say(lang, evidence string) string {
	w, err := wordsOf(lang)
	if err != nil || evidence == "" {
		return evidence
	}
	return strings.Join(w.said(strings.Split(evidence, "; ")), w["semicolon"])
}

// HasRule tells whether a language has words for a rule of the model.
func HasRule(lang, rule string) bool {
	_, ok := languages[lang]["rule."+rule]
	return ok
}

// evidence says why a pair is asked for and what speaks for it and against it.
// A sentence that the language does not have, of somebody's own model, stays
// as it is.
func (w words) evidence(p Pair) string {
	var out []string
	if why := w["why."+p.Why]; why != "" {
		if rule := w["rule."+p.Rule]; rule != "" {
			why += w["colon"] + rule
		} else if p.Rule != "" {
			why += w["colon"] + p.Rule
		}
		out = append(out, why+".")
	}
	if said := w.said(p.Says); len(said) > 0 {
		out = append(out, strings.Join(said, w["semicolon"])+".")
	}
	return strings.Join(out, "\n")
}

// said returns sentences in the language, each once.
func (w words) said(sentences []string) []string {
	var out []string
	for _, s := range sentences {
		if t, ok := w["say."+s]; ok {
			s = t
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// value returns a field's value as a reader says it.
func (w words) value(field, s string) string {
	if t, ok := w[field+"."+s]; ok {
		return t
	}
	return s
}
