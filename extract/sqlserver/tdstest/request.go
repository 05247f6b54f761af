package tdstest

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
)

// batch returns the text of a SQL batch ([MS-TDS] 2.2.6.7).
func batch(b []byte) (string, error) {
	b, err := skipHeaders(b)
	return narrow(b), err
}

func skipHeaders(b []byte) ([]byte, error) {
	if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)) {
		return nil, errMessage
	}
	return b[binary.LittleEndian.Uint32(b):], nil
}

var errRPC = errors.New("a call other than sp_executesql with texts and floating numbers")

// afterCall returns the parameters of a call of sp_executesql ([MS-TDS]
// 2.2.6.6), the statement among them.
func afterCall(b []byte) ([]byte, error) {
	b, err := skipHeaders(b)
	if err != nil {
		return nil, err
	}
	const spExecuteSQL = 10
	if len(b) < 6 || binary.LittleEndian.Uint16(b) != 0xFFFF || binary.LittleEndian.Uint16(b[2:]) != spExecuteSQL {
		return nil, errRPC
	}
	return b[6:], nil
}

// executeSQL returns the statement and the parameters' texts of a call of
// sp_executesql.
func executeSQL(b []byte) (text string, params []string, err error) {
	if b, err = afterCall(b); err != nil {
		return "", nil, err
	}
	var values []string
	for len(b) > 0 {
		var v string
		if v, b, err = parameter(b); err != nil {
			return "", nil, err
		}
		values = append(values, v)
	}
	if len(values) < 2 {
		return "", nil, errRPC
	}
	return values[0], values[2:], nil
}

// parameter reads a nvarchar or a float off the head of b, as text.
func parameter(b []byte) (string, []byte, error) {
	const nvarchar, float = 0xE7, 0x6D
	head := 1 + 2*int(b[0]) + 1 // name and flags
	if len(b) <= head {
		return "", nil, errMessage
	}
	typ, b := b[head], b[head+1:]
	switch typ {
	case nvarchar:
		return wideParameter(b)
	case float: // its size twice, as a type and as a value
		if len(b) < 10 || b[0] != 8 || b[1] != 8 {
			return "", nil, errRPC
		}
		f := math.Float64frombits(binary.LittleEndian.Uint64(b[2:]))
		return strconv.FormatFloat(f, 'g', -1, 64), b[10:], nil
	}
	return "", nil, errRPC
}

// wideParameter reads a nvarchar whose type's token was read.
func wideParameter(b []byte) (string, []byte, error) {
	data, rest, err := textParameter(b)
	return narrow(data), rest, err
}

// textParameter reads the bytes of a text whose type's token was read.
func textParameter(b []byte) (data, rest []byte, err error) {
	const sizeAndCollation = 2 + 5
	if len(b) < sizeAndCollation+2 {
		return nil, nil, errMessage
	}
	long := binary.LittleEndian.Uint16(b) == 0xFFFF
	b = b[sizeAndCollation:]
	if !long {
		n := int(binary.LittleEndian.Uint16(b))
		if n == 0xFFFF || len(b) < 2+n {
			return nil, nil, errRPC
		}
		return b[2 : 2+n], b[2+n:], nil
	}
	if len(b) < 8 {
		return nil, nil, errMessage
	}
	for b = b[8:]; len(b) >= 4; {
		n := int(binary.LittleEndian.Uint32(b))
		b = b[4:]
		if n == 0 {
			return data, b, nil
		}
		if n < 0 || n > len(b) {
			break
		}
		data, b = append(data, b[:n]...), b[n:]
	}
	return nil, nil, errMessage
}

// executeTyped returns the statement and the parameters of a call of
// sp_executesql: strings, whole numbers, booleans and nil.
func executeTyped(b []byte) (text string, args []any, err error) {
	if b, err = afterCall(b); err != nil {
		return "", nil, err
	}
	for len(b) > 0 {
		var v any
		if v, b, err = typedParameter(b); err != nil {
			return "", nil, err
		}
		args = append(args, v)
	}
	if len(args) == 0 {
		return "", nil, errRPC
	}
	text, _ = args[0].(string)
	return text, args[min(2, len(args)):], nil // the second declares the others
}

// typedParameter reads a parameter off the head of b.
func typedParameter(b []byte) (any, []byte, error) {
	const null, varchar, nvarchar, integer, bit = 0x1F, 0xA7, 0xE7, 0x26, 0x68
	head := 1 + 2*int(b[0]) + 1 // name and flags
	if len(b) <= head {
		return nil, nil, errMessage
	}
	typ, b := b[head], b[head+1:]
	switch typ {
	case null:
		return nil, b, nil
	case varchar, nvarchar:
		data, rest, err := textParameter(b)
		if err != nil || typ == varchar {
			return string(data), rest, err
		}
		return narrow(data), rest, nil
	case integer, bit: // its size as a type, then as a value
		if len(b) < 2 || b[1] != b[0] || len(b) < 2+int(b[1]) {
			return nil, nil, errRPC
		}
		data, rest := b[2:2+b[1]], b[2+b[1]:]
		switch {
		case typ == bit && len(data) == 1:
			return data[0] != 0, rest, nil
		case typ == integer && len(data) == 8:
			return int64(binary.LittleEndian.Uint64(data)), rest, nil
		}
	}
	return nil, nil, errRPC
}
