package snapshot

// AppendRow and ParseRow are the two halves of the row format.
var (
	AppendRow = appendRow
	ParseRow  = parseRow
)

// ParseSignature and Untar read what strangers send.
var (
	ParseSignature = parseSignature
	Untar          = untar
)
