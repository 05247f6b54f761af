package workbook

import (
	"strings"
	"unicode/utf8"
)

// hidden stands for what is masked. Its length says nothing of what it hides.
const hidden = "•••"

// name masks a name to the first letter of each of its words.
func (b *book) name(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		words[i] = string(first) + hidden
	}
	return strings.Join(words, " ")
}

// number masks a national number to its first character and its last two:
// enough to see that two records have or have not the same one.
func (b *book) number(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	if utf8.RuneCountInString(s) < 6 {
		return hidden
	}
	runes := []rune(s)
	return string(runes[:1]) + hidden + string(runes[len(runes)-2:])
}

// value masks a value of which nothing is known.
func (b *book) value(s string) string {
	if b.Unmasked || s == "" {
		return s
	}
	return hidden
}

// field masks a person's value by the unified column that it is for: names to
// their first letters, numbers to their ends, and other texts wholly. Dates,
// codes and the hospital's own numbers stay, or a record could not be looked up
// in the archive.
func (b *book) field(column, s string) string {
	switch column {
	case "family_name", "given_name", "maiden_name", "spouse_name", "father_name", "mother_name", "family_name_ar", "given_name_ar",
		"family", "given", "full_text", "related_name":
		return b.name(s)
	case "local_id", "sex", "birth_date", "death_ts", "deceased", "nationality", "blood_group", "commune", "id_system", "grade", "relation", "scheme",
		"profession", "specialty", "active", "status", "valid_from", "valid_to", "name_use", "script", "address_use", "telecom_kind", "province", "region":
		return s
	case "cin", "guardian_cin", "idcs", "nin", "passport", "residence_card", "amo_no", "phone", "id_value", "telecom_value", "member_no", "member_norm", "professional_no":
		return b.number(s)
	}
	return b.value(s)
}
