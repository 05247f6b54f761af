package snapshot

// AppendRow and ParseRow are the two halves of the row format.
var (
	AppendRow = appendRow
	ParseRow  = parseRow
)
