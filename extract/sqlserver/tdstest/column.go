package tdstest

// The families of types, by what comes before a value.
type family uint8

const (
	bare    family = iota // nothing: it cannot be NULL
	byteLen               // a length in one byte
	wordLen               // a length in two
	parts                 // parts with lengths of their own: PLP
	pointed               // a text pointer, a timestamp and a length in four bytes
	variant               // a length in four bytes
)

// Tokens of types of one size, without NULL and with it, and of those of many.
var (
	fixed = map[string][2]byte{
		"tinyint": {0x30, 0x26}, "smallint": {0x34, 0x26}, "int": {0x38, 0x26}, "bigint": {0x7F, 0x26},
		"bit": {0x32, 0x68}, "real": {0x3B, 0x6D}, "float": {0x3E, 0x6D},
		"smallmoney": {0x7A, 0x6E}, "money": {0x3C, 0x6E}, "smalldatetime": {0x3A, 0x6F}, "datetime": {0x3D, 0x6F},
	}
	words = map[string]byte{"binary": 0xAD, "varbinary": 0xA5, "char": 0xAF, "varchar": 0xA7, "nchar": 0xEF, "nvarchar": 0xE7}
)

// tokenOf returns the type's token ([MS-TDS] 2.2.5.4) and family.
func tokenOf(t sqlType, nullable bool) (byte, family) {
	if f, ok := fixed[t.name]; ok {
		if nullable {
			return f[1], byteLen
		}
		return f[0], bare
	}
	switch t.name {
	case "uniqueidentifier":
		return 0x24, byteLen
	case "date":
		return 0x28, byteLen
	case "time":
		return 0x29, byteLen
	case "datetime2":
		return 0x2A, byteLen
	case "datetimeoffset":
		return 0x2B, byteLen
	case "decimal":
		return 0x6A, byteLen
	case "numeric":
		return 0x6C, byteLen
	case "text":
		return 0x23, pointed
	case "image":
		return 0x22, pointed
	case "ntext":
		return 0x63, pointed
	case "sql_variant":
		return 0x62, variant
	case "xml":
		return 0xF1, parts
	case "timestamp":
		return 0xAD, wordLen
	}
	if t.n < 0 {
		return words[t.name], parts
	}
	return words[t.name], wordLen
}

// describe writes a column of the answer.
func (r *reply) describe(name string, t sqlType, nullable bool) {
	r.u32(0) // user type
	flags := 0
	if nullable {
		flags = 1
	}
	r.u16(flags)
	id, fam := tokenOf(t, nullable)
	r.byte(id)
	switch {
	case fam == bare, t.name == "date":
	case t.name == "time", t.name == "datetime2", t.name == "datetimeoffset":
		r.byte(byte(t.scale))
	case t.name == "decimal", t.name == "numeric":
		r.byte(byte(t.decimalSize()), byte(t.n), byte(t.scale))
	case fam == byteLen:
		r.byte(byte(t.fixedSize))
	case t.name == "xml":
		r.byte(0) // no schema
	case fam == parts:
		r.u16(0xFFFF)
	case fam == wordLen && t.name == "timestamp":
		r.u16(8)
	case fam == wordLen:
		r.u16(t.length())
	case fam == variant:
		r.u32(8009)
	case fam == pointed:
		r.u32(0x7FFFFFFF)
	}
	switch t.name {
	case "char", "varchar", "nchar", "nvarchar", "text", "ntext":
		r.byte(collation(t.page)...)
	}
	if fam == pointed {
		r.byte(1) // parts of the table's name
		r.long("t")
	}
	r.short(name)
}

// value writes a value of an answer's row; nil is NULL.
func (r *reply) value(t sqlType, nullable bool, data []byte) {
	switch _, fam := tokenOf(t, nullable); fam {
	case bare:
		r.byte(data...)
	case byteLen:
		r.byte(byte(len(data)))
		r.byte(data...)
	case wordLen:
		if data == nil {
			r.u16(0xFFFF)
			return
		}
		r.u16(len(data))
		r.byte(data...)
	case parts:
		r.parts(data)
	case pointed:
		if data == nil {
			r.byte(0)
			return
		}
		r.byte(16)
		r.byte(make([]byte, 16+8)...)
		r.u32(uint32(len(data)))
		r.byte(data...)
	case variant:
		r.u32(uint32(len(data)))
		r.byte(data...)
	}
}

// parts writes a value of any length in parts; every second one does not say
// beforehand how long it is.
func (r *reply) parts(data []byte) {
	const part = 3000
	switch {
	case data == nil:
		r.u64(0xFFFFFFFFFFFFFFFF)
		return
	case len(data)%2 == 0:
		r.u64(uint64(len(data)))
	default:
		r.u64(0xFFFFFFFFFFFFFFFE)
	}
	for len(data) > 0 {
		n := min(part, len(data))
		r.u32(uint32(n))
		r.byte(data[:n]...)
		data = data[n:]
	}
	r.u32(0)
}
