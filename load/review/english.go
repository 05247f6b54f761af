package review

var english = words{
	"title": "Doubtful pairs of patients' records", "tab.pairs": "Pairs", "tab.guide": "How to decide",
	"note":      "Each row is two records that may be of one person. Choose a verdict; differing cells are marked. What is left empty stays open.",
	"number":    "No.",
	"verdict":   "Verdict",
	"reviewer":  "Reviewer",
	"comment":   "Comment",
	"evidence":  "Evidence",
	"weight":    "Weight (bits)",
	"choose":    "Choose one of the list, or leave the cell empty.",
	"colon":     ": ",
	"semicolon": "; ",

	"verdict.same": "same", "verdict.apart": "not the same", "verdict.unsure": "unsure",

	"field.record": "Record", "field.family_name": "Family name",
	"field.given_name": "Given name", "field.maiden_name": "Maiden or married name", "field.name_ar": "Name in Arabic", "field.birth_date": "Birth date", "field.sex": "Sex",
	"field.cin": "National number (CIN)", "field.guardian_cin": "Guardian's CIN", "field.document": "Register or passport no.", "field.phone": "Telephone",
	"field.amo_no": "Insurance no. (AMO)", "field.father_name": "Father", "field.mother_name": "Mother", "field.commune": "Commune", "field.address": "Address",

	"sex.male": "male", "sex.female": "female", "sex.unknown": "unknown", "sex.other": "other",

	"why.review":  "What agrees is not enough to join them unseen",
	"why.refused": "Much agrees, but something stands against joining the persons",
	"why.torn":    "One of the records fits two different people",
	"why.changed": "This pair was decided before, and the records have changed since",

	"rule.placeholder":                 "one of them bears a placeholder instead of a name",
	"rule.placeholder-apart":           "a placeholder is not a name",
	"rule.test-patient":                "one of them is a test record",
	"rule.sex-mistyped":                "the sex may be mistyped",
	"rule.two-sexes-one-name":          "one name, and two sexes",
	"rule.two-sexes":                   "two sexes",
	"rule.one-document-two-names":      "one document, and two given names",
	"rule.one-cin-two-births":          "one national number, and two births",
	"rule.one-cin-two-names":           "one national number, and two given names",
	"rule.one-cin-of-a-father":         "one national number, and one birth missing: they may be father and son",
	"rule.one-cin-of-a-mother":         "one national number, two family names, and one birth missing: they may be mother and child",
	"rule.one-cin-of-two-fathers":      "one national number, and two fathers",
	"rule.two-given-names":             "two given names",
	"rule.two-generations":             "two generations",
	"rule.two-cins":                    "two national numbers",
	"rule.two-cins-one-year":           "two national numbers",
	"rule.two-cins-apart":              "two national numbers",
	"rule.births-apart":                "births years apart",
	"rule.births-apart-two":            "births years apart",
	"rule.same-document":               "the same document",
	"rule.same-cin":                    "the same national number",
	"rule.one-cin-like-names":          "one national number, and given names that are only alike",
	"rule.given-names-for-family":      "the family names are given names: they may be twins",
	"rule.like-named":                  "the given names are only alike: they may be twins",
	"rule.no-given-name":               "one of them has no given name",
	"rule.woman-of-one-telephone":      "two women's records of one name and one telephone",
	"rule.one-house-and-father":        "one name, one house and one father's name",
	"rule.no-birth-date":               "one birth date is missing or uncertain: they may be father and son, or brothers",
	"rule.another-father":              "two fathers",
	"rule.names-alone":                 "only the names and the birth date agree",
	"rule.same-parents":                "the parents are of one name",
	"rule.names-and-mother":            "the names, the birth date and the mother's name agree",
	"rule.names-and-father":            "the names, the birth date and the father's name agree",
	"rule.two persons of a former run": "both are persons of the run before",

	"guide": `
Each row shows two records, A and B, that may be of one person. Cells in which they differ are marked in amber; an empty cell says nothing.
same: you would let a doctor read both histories as one patient's. A wrong "same" gives one patient another's allergies and results.
not the same: they are two people. The pair is not asked again.
unsure: what is here does not suffice. The records stay apart, and somebody else may decide.
Leave the cell empty where you have not decided. A workbook that is partly filled in is accepted.
Twins share the birth date, the parents, the house and the telephone: look at the given name. Father and son may share a name; a child may carry the parent's national number.
The weight is how strongly the evidence speaks for one person, in bits: each bit doubles the odds.
Change nothing but the verdict, the reviewer's name and the comment: a row in which anything else was changed is refused. Rows may be filtered, sorted (take the sheet's protection off first; it has no password) and removed.
This file shows patients' names and numbers. Keep it where such files are kept, send it encrypted only, and delete it when it has been read in.
`,
}
