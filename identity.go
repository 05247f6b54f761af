package sih

// Sexes are FHIR's administrative genders.
var sexes = []string{"male", "female", "other", "unknown"}

var bloodGroups = []string{"A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"}

// demographics are what a person and a source person have in common.
func demographics() []Column {
	return these(
		code("sex", "Administrative sex.", sexes...).required().fhir("gender"),
		col("birth_date", KindPDate, "Date of birth, as far as it is known.").fhir("birthDate"),
		str("birth_place", 120, "Place of birth, as written.").fhir("extension(patient-birthPlace)"),
		col("deceased", KindBool, "Whether the person is known to have died.").fhir("deceasedBoolean"),
		col("death_ts", KindTS, "When the person died.").fhir("deceasedDateTime"),
		code("nationality", "ISO 3166-1 alpha-3 code.").fhir("extension(patient-nationality)"),
		code("blood_group", "ABO group and rhesus.", bloodGroups...),
	)
}

func identityTables() []*Table {
	return []*Table{
		{
			Name: "person", Group: Identity, FHIR: "Patient", Key: key("id"),
			Doc: "One human being: the golden record, computed from its source persons.",
			Columns: columns(rowID(), demographics(), these(
				code("identity_status", "How far the identity is established.", "provisional", "retrieved", "validated", "qualified", "conflict").required(),
				col("active", KindBool, "False once another person has replaced this one.").required().fhir("active"),
				ref("founder", "source_person", "The source person whose id this person took.").soft().required(),
				ref("replaced_by", "person", "The person that this one was merged into.").soft().fhir("link.other"),
			), bookkeeping()),
			Index: indexes(index("birth_date")),
		},
		{
			Name: "source_person", Group: Identity, FHIR: "Patient", Key: key("id"),
			Doc: "One patient record of one source, cleaned, with every field that a golden record or the matcher needs.",
			Columns: columns(rowID(), these(
				ref("person_id", "person", "The human being. Changes when persons are merged or parted.").required().volatile(),
				ref("facility_id", "organisation", "The facility that issued the local number.").soft(),
				str("local_id", 64, "The hospital's patient number (IPP), unique only within source and facility.").required().fhir("identifier(ipp)"),
			), demographics(), these(
				str("cin", 20, "National identity number, normalised; never a guardian's.").fhir("identifier(ma:cin)"),
				code("cin_grade", "How the number looks.", "valid", "atypical", "invalid", "filler"),
				str("guardian_cin", 20, "National identity number of a minor's guardian."),
				str("idcs", 20, "Number in the national population register."),
				str("nin", 20, "Algerian national identification number."),
				str("passport", 20, "Passport number."),
				str("residence_card", 20, "Residence card number of a foreigner."),
				str("amo_no", 20, "Health insurance number: the household's, not the person's."),
				str("family_name", 120, "Family name, Latin script, as read.").fhir("name.family"),
				str("given_name", 120, "Given name, Latin script, as read.").fhir("name.given"),
				str("maiden_name", 120, "Family name at birth of a married woman."),
				str("spouse_name", 120, "Husband's family name."),
				str("father_name", 120, "Father's given name."),
				str("mother_name", 120, "Mother's name."),
				str("family_name_ar", 120, "Family name, Arabic script."),
				str("given_name_ar", 120, "Given name, Arabic script."),
				str("family_key", 120, "Family name's key, the same in both scripts and all spellings."),
				str("given_key", 120, "Given name's key, the same in both scripts and all spellings."),
				str("phone", 20, "Telephone, E.164.").fhir("telecom"),
				code("commune", "Commune, as the source has it."),
				str("address", 250, "Address, as written.").fhir("address.text"),
				code("link_method", "How the record was joined to its person.", "founder", "rule", "score", "human", "source").required().volatile(),
				col("link_weight", KindNum, "Weight of the strongest pair that joined it, in bits.").volatile(),
				str("quality_flags", 200, "Reason codes of its warnings, separated by blanks."),
				str("merged_into", 64, "The local number that the source itself merged this record into."),
			), provenance()),
			Index: indexes(index("person_id"), index("cin"), index("source_system", "local_id")),
		},
		{
			Name: "person_identifier", Group: Identity, FHIR: "Patient.identifier", Key: key("id"),
			Doc: "A number that a person is known by. Not unique across persons: the clash is the finding.",
			Columns: columns(rowID(), patient(), these(
				code("id_system", "What kind of number it is.", "ma:cin", "ma:idcs", "ma:passport", "ma:residence", "ma:amo", "ma:cnops", "ma:ramed", "dz:nin", "dz:chifa", "ipp", "birth-cert", "legacy").required().fhir("identifier.system"),
				str("id_value", 64, "As written.").required().fhir("identifier.value"),
				str("id_norm", 64, "Normalised, for comparison.").required(),
				code("owner", "Whose number it is.", "self", "guardian", "insured").required(),
				ref("issuer_id", "organisation", "Who issued it.").soft().fhir("identifier.assigner"),
				code("grade", "How the number looks.", "valid", "atypical", "invalid", "filler").required(),
				col("valid_from", KindDate, "First day of validity.").fhir("identifier.period.start"),
				col("valid_to", KindDate, "Last day of validity.").fhir("identifier.period.end"),
				code("status", "Whether it is in use.", "active", "old", "entered-in-error").required(),
				str("verified_by", 64, "Who confirmed it."),
			), provenance()),
			Index: indexes(index("id_system", "id_norm"), index("person_id")),
		},
		{
			Name: "person_name", Group: Identity, FHIR: "Patient.name", Key: key("id"),
			Doc: "A name that a person is known by, in one script.",
			Columns: columns(rowID(), patient(), these(
				code("name_use", "What the name is used for.", "official", "maiden", "usual", "old").required().fhir("name.use"),
				code("script", "ISO 15924 code of the script.", "Arab", "Latn", "Tfng").required(),
				str("family", 120, "Family name.").fhir("name.family"),
				str("given", 120, "Given name.").fhir("name.given"),
				str("full_text", 250, "The whole name as it is written.").required().fhir("name.text"),
				str("name_key", 200, "Key of the whole name, the same in both scripts and all spellings.").required(),
			), provenance()),
			Index: indexes(index("name_key"), index("person_id")),
		},
		{
			Name: "person_address", Group: Identity, FHIR: "Patient.address", Key: key("id"),
			Doc: "Where a person lives or lived.",
			Columns: columns(rowID(), patient(), these(
				code("address_use", "What the address is used for.", "home", "work", "temp", "old").required().fhir("address.use"),
				str("address_text", 250, "As written.").fhir("address.text"),
				code("commune", "Commune, as the source has it.").fhir("address.city"),
				code("province", "Province or prefecture.").fhir("address.district"),
				code("region", "Region.").fhir("address.state"),
				code("postal_code", "Postal code.").fhir("address.postalCode"),
			), provenance()),
			Index: indexes(index("person_id")),
		},
		{
			Name: "person_telecom", Group: Identity, FHIR: "Patient.telecom", Key: key("id"),
			Doc: "How a person is reached.",
			Columns: columns(rowID(), patient(), these(
				code("telecom_kind", "Means of contact.", "phone", "email", "fax", "other").required().fhir("telecom.system"),
				str("telecom_value", 120, "As written.").required().fhir("telecom.value"),
				str("telecom_norm", 120, "Normalised: E.164 for a telephone."),
			), provenance()),
			Index: indexes(index("telecom_norm"), index("person_id")),
		},
		{
			Name: "person_relation", Group: Identity, FHIR: "RelatedPerson", Key: key("id"),
			Doc: "Who a person is to another: by reference where the relative is a patient, by name otherwise.",
			Columns: columns(rowID(), patient(), these(
				code("relation", "What the relative is to the patient.", "mother", "father", "guardian", "spouse", "child", "newborn-of").required().fhir("relationship"),
				ref("related_id", "source_person", "The relative's own patient record.").soft(),
				str("related_name", 250, "The relative's name, as written.").fhir("name.text"),
				col("birth_order", KindInt, "Place among the children of one birth."),
			), provenance()),
			Index: indexes(index("person_id")),
		},
	}
}
