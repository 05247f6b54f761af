package sih

func organisationTables() []*Table {
	return []*Table{
		{
			Name: "organisation", Group: Organisation, FHIR: "Organization", Key: key("id"),
			Doc: "A unit of the health system, from the ministry down to a room. Facilities come from the project's master list, so that four sources do not make four of each.",
			Columns: columns(rowID(), these(
				ref("parent_id", "organisation", "The unit that it belongs to.").soft().fhir("partOf"),
				code("kind", "What it is.", "ministry", "group", "region", "hospital", "university-hospital", "health-centre", "dispensary", "mobile-unit", "ward", "room", "laboratory", "pharmacy", "radiotherapy").required().fhir("type"),
				code("org_code", "Its code.").required().fhir("identifier.value"),
				code("code_system", "Whose code it is.").required().fhir("identifier.system"),
				str("name_fr", 160, "Name in French.").fhir("name"),
				str("name_ar", 160, "Name in Arabic.").fhir("alias"),
				code("commune", "Commune.").fhir("address.city"),
				code("province", "Province or prefecture.").fhir("address.district"),
				code("region", "Region.").fhir("address.state"),
				col("active", KindBool, "Whether it is in operation.").required().fhir("active"),
			), provenance()),
			Index: indexes(index("code_system", "org_code")),
		},
		{
			Name: "staff", Group: Organisation, FHIR: "Practitioner", Key: key("id"),
			Doc: "A health professional or another employee.",
			Columns: columns(rowID(), these(
				str("professional_no", 40, "Registration number.").fhir("identifier.value"),
				str("family", 120, "Family name.").fhir("name.family"),
				str("given", 120, "Given name.").fhir("name.given"),
				code("profession", "Profession, as the source codes it.").fhir("qualification.code"),
				code("specialty", "Specialty, as the source codes it."),
				col("active", KindBool, "Whether the person works there.").fhir("active"),
			), provenance()),
		},
		{
			Name: "staff_assignment", Group: Organisation, FHIR: "PractitionerRole", Key: key("id"),
			Doc: "Where a member of staff works, in which role and for which part of the time.",
			Columns: columns(rowID(), these(
				ref("staff_id", "staff", "Who.").required().fhir("practitioner"),
				ref("organisation_id", "organisation", "Where.").required().fhir("organization"),
				code("staff_role", "In which role.").fhir("code"),
				col("work_share", KindNum, "Part of full time, 1 for all of it."),
				col("valid_from", KindDate, "First day.").fhir("period.start"),
				col("valid_to", KindDate, "Last day.").fhir("period.end"),
			), provenance()),
		},
		{
			Name: "staff_training", Group: Organisation, Key: key("id"),
			Doc: "A training that a member of staff took.",
			Columns: columns(rowID(), these(
				ref("staff_id", "staff", "Who.").required(),
				str("topic", 200, "What was taught.").required(),
				str("provider", 160, "Who taught it."),
				col("started", KindDate, "First day."),
				col("ended", KindDate, "Last day."),
				str("outcome", 80, "Result."),
			), provenance()),
		},
		{
			Name: "bed", Group: Organisation, FHIR: "Location", Key: key("id"),
			Doc: "A bed or another place for a patient.",
			Columns: columns(rowID(), these(
				ref("organisation_id", "organisation", "The ward or room that it stands in.").required().fhir("managingOrganization"),
				str("label", 40, "What it is called.").required().fhir("name"),
				code("kind", "What kind of place it is.").fhir("type"),
				code("status", "Whether it can be used.", "active", "suspended", "inactive").required().fhir("status"),
				col("status_ts", KindTS, "Since when the status holds."),
			), provenance()),
		},
		{
			Name: "equipment", Group: Organisation, FHIR: "Device", Key: key("id"),
			Doc: "A medical device of a facility.",
			Columns: columns(rowID(), these(
				ref("organisation_id", "organisation", "Who has it.").required().fhir("owner"),
				str("asset_no", 64, "Inventory number.").required().fhir("identifier.value"),
				code("kind", "What it is.").fhir("type"),
				str("maker", 120, "Manufacturer.").fhir("manufacturer"),
				str("model", 120, "Model.").fhir("modelNumber"),
				str("serial_no", 80, "Serial number.").fhir("serialNumber"),
				code("status", "Whether it works.", "active", "inactive", "entered-in-error", "unknown").required().fhir("status"),
				col("installed", KindDate, "When it was installed."),
				col("next_maintenance", KindDate, "When it is due for maintenance."),
			), provenance()),
		},
		{
			Name: "equipment_event", Group: Organisation, When: "opened_ts", Key: key("id"),
			Doc: "A fault, repair, maintenance or calibration of a device.",
			Columns: columns(rowID(), these(
				ref("equipment_id", "equipment", "Which device.").required(),
				code("kind", "What happened.", "fault", "preventive", "repair", "calibration").required(),
				col("opened_ts", KindTS, "When it began.").required(),
				col("closed_ts", KindTS, "When it ended."),
				col("downtime_h", KindNum, "Hours out of use."),
				col("description", KindText, "In words."),
			), provenance()),
		},
		{
			Name: "product", Group: Organisation, FHIR: "Medication", Key: key("id"),
			Doc: "A drug, vaccine or consumable.",
			Columns: columns(rowID(), these(
				code("atc", "ATC code.").fhir("code.coding"),
				str("inn", 160, "International nonproprietary name."),
				str("label", 200, "Name as the source has it.").required().fhir("code.text"),
				str("dose_form", 80, "Pharmaceutical form.").fhir("form"),
				str("strength", 80, "Strength, as written."),
				code("national_code", "National code."),
				code("kind", "What it is.", "drug", "vaccine", "consumable", "other"),
			), provenance()),
		},
		{
			Name: "stock_item", Group: Organisation, Key: key("id"),
			Doc: "What a unit had in stock of a product's lot, at a time.",
			Columns: columns(rowID(), these(
				ref("organisation_id", "organisation", "Who has it.").required(),
				ref("product_id", "product", "What.").required(),
				str("lot", 40, "Lot number."),
				col("expiry", KindDate, "Last day of use."),
				col("quantity", KindNum, "How much.").required(),
				code("unit", "In which unit."),
				col("as_of", KindTS, "When it was counted."),
			), provenance()),
		},
	}
}
