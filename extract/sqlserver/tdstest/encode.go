package tdstest

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// charmaps are the code pages of char, varchar and text. 65001 is UTF-8.
var charmaps = map[int]*charmap.Charmap{
	850: charmap.CodePage850, 1252: charmap.Windows1252, 1254: charmap.Windows1254, 1256: charmap.Windows1256,
}

var errText = errors.New("a value is not in the code page of its column")

// payload returns the bytes of a value that is not NULL, as its type holds
// them ([MS-TDS] 2.2.5.5.1), without what says their length.
func payload(t sqlType, v Value) ([]byte, error) {
	switch t.name {
	case "tinyint", "smallint", "int", "bigint", "bit":
		n, err := strconv.ParseInt(v.Text, 10, 64)
		return binary.LittleEndian.AppendUint64(nil, uint64(n))[:t.fixedSize], err
	case "decimal", "numeric":
		return decimalBytes(t, v.Text)
	case "money", "smallmoney":
		n, err := strconv.ParseInt(strings.Replace(v.Text, ".", "", 1), 10, 64)
		if t.name == "smallmoney" {
			return binary.LittleEndian.AppendUint32(nil, uint32(n)), err
		}
		b := binary.LittleEndian.AppendUint32(nil, uint32(uint64(n)>>32)) // the high half comes first
		return binary.LittleEndian.AppendUint32(b, uint32(n)), err
	case "real":
		f, err := strconv.ParseFloat(v.Text, 32)
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f))), err
	case "float":
		f, err := strconv.ParseFloat(v.Text, 64)
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)), err
	case "date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset":
		return timeBytes(t, v.Text)
	case "uniqueidentifier":
		b, err := hex.DecodeString(strings.ReplaceAll(v.Text, "-", ""))
		if err != nil || len(b) != 16 {
			return nil, fmt.Errorf("not a uniqueidentifier: %w", err)
		}
		return append([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}, b[8:]...), nil
	case "char", "varchar", "text":
		return pageBytes(t.page, v)
	case "nchar", "nvarchar", "ntext", "xml":
		if v.Bytes {
			return []byte(v.Text), nil
		}
		return append([]byte{}, wide(v.Text)...), nil
	case "sql_variant":
		return variantBytes(v)
	}
	return []byte(v.Text), nil
}

func pageBytes(page int, v Value) ([]byte, error) {
	if v.Bytes || page == 65001 {
		return []byte(v.Text), nil
	}
	cm := charmaps[page]
	if cm == nil {
		return nil, fmt.Errorf("code page %d is not served as bytes", page)
	}
	b := make([]byte, 0, len(v.Text))
	for _, r := range v.Text {
		x, ok := cm.EncodeRune(r)
		if !ok {
			if r < 0x80 || r > 0x9F { // the gaps of a page are control characters
				return nil, errText
			}
			x = byte(r)
		}
		b = append(b, x)
	}
	return b, nil
}

// decimalBytes returns a sign, 1 for plus, and the whole number of the last
// places.
func decimalBytes(t sqlType, text string) ([]byte, error) {
	whole, frac, _ := strings.Cut(text, ".")
	if len(frac) != t.scale {
		return nil, fmt.Errorf("a decimal has %d places and not %d", len(frac), t.scale)
	}
	n, ok := new(big.Int).SetString(strings.TrimPrefix(whole+frac, "-"), 10)
	if !ok {
		return nil, errors.New("not a decimal")
	}
	b := make([]byte, t.decimalSize())
	if !strings.HasPrefix(text, "-") {
		b[0] = 1
	}
	for i, d := range n.FillBytes(make([]byte, len(b)-1)) {
		b[len(b)-1-i] = d
	}
	return b, nil
}

var (
	year1    = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	year1900 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
)

// days counts the days from the first moment; two years apart by more than
// 292 are too far for a time.Duration.
func days(from, to time.Time) int { return int((to.Unix() - from.Unix()) / 86400) }

func timeBytes(t sqlType, text string) ([]byte, error) {
	layout := "2006-01-02 15:04:05"
	switch t.name {
	case "date":
		layout = "2006-01-02"
	case "time":
		layout = "15:04:05"
	case "datetimeoffset":
		layout = "2006-01-02 15:04:05.999999999 -07:00"
	}
	at, err := time.Parse(layout, text)
	if err != nil {
		return nil, errors.New("not a time of its type") // a *time.ParseError quotes it
	}
	_, offset := at.Zone()
	at = at.UTC()
	midnight := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	since := at.Sub(midnight)
	switch t.name {
	case "datetime":
		b := binary.LittleEndian.AppendUint32(nil, uint32(days(year1900, midnight)))
		ticks := (since.Milliseconds()*3 + 5) / 10 // of 1/300 s
		return binary.LittleEndian.AppendUint32(b, uint32(ticks)), nil
	case "smalldatetime":
		b := binary.LittleEndian.AppendUint16(nil, uint16(days(year1900, midnight)))
		return binary.LittleEndian.AppendUint16(b, uint16(since/time.Minute)), nil
	}
	var b []byte
	if t.name != "date" {
		unit := time.Second
		for range t.scale {
			unit /= 10
		}
		size := sqlType{name: "time", scale: t.scale}.timeSize()
		b = binary.LittleEndian.AppendUint64(nil, uint64(since/unit))[:size]
	}
	if t.name != "time" {
		d := days(year1, midnight)
		b = append(b, byte(d), byte(d>>8), byte(d>>16))
	}
	if t.name == "datetimeoffset" {
		b = binary.LittleEndian.AppendUint16(b, uint16(offset/60))
	}
	return b, nil
}

// variantBytes returns the value's type, its properties and the value
// ([MS-TDS] 2.2.5.5.4).
func variantBytes(v Value) ([]byte, error) {
	t, err := parseType(v.Base, 0)
	if err != nil {
		return nil, err
	}
	data, err := payload(t, v)
	if err != nil {
		return nil, err
	}
	var props []byte
	switch t.name {
	case "decimal", "numeric":
		props = []byte{byte(t.n), byte(t.scale)}
	case "time", "datetime2", "datetimeoffset":
		props = []byte{byte(t.scale)}
	case "char", "varchar", "nchar", "nvarchar":
		props = binary.LittleEndian.AppendUint16(append(props, collation(t.page)...), 8000)
	case "binary", "varbinary":
		props = []byte{0x40, 0x1F} // 8000
	}
	id, _ := tokenOf(t, false)
	return append(append([]byte{id, byte(len(props))}, props...), data...), nil
}

// collation returns the five bytes of a collation with that code page: its
// language, and flags that play no part.
func collation(page int) []byte {
	lcid := map[int]uint32{1256: 0x0401, 1254: 0x041F}[page]
	if lcid == 0 {
		lcid = 0x0409
	}
	return append(binary.LittleEndian.AppendUint32(nil, lcid|0x00D00000), 0)
}
