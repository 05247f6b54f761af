package simulate

// esspLayout is the registers of health centres and dispensaries.
func esspLayout() Layout {
	const (
		centre = "Code of the health centre, four digits; facilities.csv has it under essp. The file's name and the title row repeat it."
		dos    = "Patient (Fichier patients): the number of the file."
		day    = "a serial number of the sheet's base, or text dd/MM/yyyy."
	)
	return Layout{
		Source: "essp", Driver: "xlsx",
		Title: "ESSP: registers of health centres and dispensaries, one workbook per centre and year, named ESSP_<centre>_<year>.xlsx.",
		Notes: "Each sheet has title rows (centre, year), then a header, over which some sheets have group labels in merged cells, then the rows, and at the end of some a total or a signature. Dates are Excel serial numbers on the workbook's base (1900; some workbooks 1904) or text. Cells are typed freely. A patient stands in the workbook of the year of first registration; the other sheets of later years point at that number.",
		Tables: []*Table{
			table("Fichier patients", "N° dossier", "Patients registered in the year.",
				cell("Centre", centre),
				cell("N° dossier", "Number of the file, unique in the region: centre/yy-nnnnn."),
				cell("Date inscription", "First registration: "+day),
				cell("Nom et prénom", "Both in one cell, typed freely: family name first or last, capitals or not, Latin or Arabic."),
				cell("Sexe", "M, F, H, Masculin, Féminin, ذكر, أنثى, or empty."),
				cell("Date de naissance", "Birth: "+day+" Or the year alone; empty where the age is given."),
				cell("Age", "Age when registered, typed: 34, 34 ans, 6 mois; mostly empty where the birth is given."),
				cell("CIN", "National identity number as typed: the patient's, a parent's for a minor, or a filler."),
				cell("Téléphone", "Typed as text or number: the leading 0 is often lost."),
				cell("Adresse", "Quarter or douar, and commune."),
				cell("Couverture", "AMO, CNSS, CNOPS, AMO Tadamon, RAMED, Tadamon, Payant, or empty."),
				cell("N° immatriculation", "Insurance number: the household's."),
				cell("Observations", "Free text, such as the mother's name, an allergy or a chronic disease.")),
			table("Consultations", "N° ordre", "Consultations of the year.",
				cell("Centre", centre),
				cell("N° ordre", "Number of the consultation, unique in the region: centre/yy-Cnnnnn."),
				cell("N° dossier", dos),
				cell("Date", "When: "+day),
				cell("Motif", "Reason, typed freely."),
				cell("Diagnostic", "In words, typed freely; sometimes with an ICD-10 code."),
				cell("TA", "Blood pressure such as 12/8 (cmHg) or 120/80 (mmHg), or empty."),
				cell("Poids", "Weight, kg, number."),
				cell("Conduite", "What was done: Traitement, Référé, Contrôle …"),
				cell("Référé vers", "Hospital that the patient was sent to, in words, or empty."),
				cell("Soignant", "Name of the nurse or physician.")),
			table("Vaccinations", "N° ordre", "Vaccinations of the year.",
				cell("Centre", centre),
				cell("N° ordre", "Number, unique in the region: centre/yy-Vnnnnn."),
				cell("N° dossier", dos),
				cell("Date", "When: "+day),
				cell("Vaccin", "Name typed freely: BCG, Penta, VPO, RR, ROR, Pneumo, Rota, Covid …"),
				cell("Dose", "1, 2, 3, R1, R2 or 1ère …"),
				cell("Lot", "Lot, or empty.")),
			table("Médicaments", "N° ordre", "Medicines handed out in the year.",
				cell("Centre", centre),
				cell("N° ordre", "Number, unique in the region: centre/yy-Mnnnnn."),
				cell("N° dossier", dos),
				cell("Date", "When: "+day),
				cell("Médicament", "Drug and strength, typed freely."),
				cell("Quantité", "Number, or text such as 2 bt."),
				cell("Posologie", "How often, typed freely, or empty.")),
		},
	}
}
