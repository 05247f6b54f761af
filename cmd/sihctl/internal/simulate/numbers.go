package simulate

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// cinNumber makes a national identity number: the letters of the office of
// first issue and five or six digits.
func cinNumber(letters string, n int) string {
	digits := strconv.Itoa(n)
	if len(digits) < 5 {
		digits = strings.Repeat("0", 5-len(digits)) + digits
	}
	return letters + digits
}

// cinTypo changes one character of the number's digits: a wrong digit, two
// exchanged, or a letter that looks like the digit.
func cinTypo(r *rand.Rand, cin string) string {
	b := []byte(cin)
	first := strings.IndexAny(cin, "0123456789")
	if first < 0 || len(b)-first < 3 {
		return cin
	}
	i := first + r.IntN(len(b)-first-1)
	switch r.IntN(3) {
	case 0:
		b[i] = '0' + (b[i]-'0'+1+byte(r.IntN(9)))%10
	case 1:
		b[i], b[i+1] = b[i+1], b[i]
	default:
		if j := strings.IndexByte(cin[first:], '0'); j >= 0 {
			b[first+j] = 'O'
		} else if j := strings.IndexByte(cin[first:], '1'); j >= 0 {
			b[first+j] = 'I'
		} else {
			return string(b[:i]) + string(b[i+1:])
		}
	}
	return string(b)
}

// cinHand writes a number as a clerk might: with a blank, a hyphen, in small
// letters, with zeros before the digits.
func cinHand(r *rand.Rand, cin string) string {
	first := strings.IndexAny(cin, "0123456789")
	if first <= 0 || r.IntN(10) > 0 {
		return cin
	}
	switch r.IntN(4) {
	case 0:
		return cin[:first] + " " + cin[first:]
	case 1:
		return cin[:first] + "-" + cin[first:]
	case 2:
		return strings.ToLower(cin)
	}
	return cin[:first] + "0" + cin[first:]
}

var cinFillers = []string{"0000", "X", "XXXXX", "999999", "AA111111", "SANS", "NEANT", "INCONNU", "-", "0", "AB123456"}

// idcsNumber makes a number of the population register: nine digits, the first
// from 2 to 9, and Verhoeff's check digit.
func idcsNumber(r *rand.Rand) string {
	var d [10]byte
	d[0] = byte(2 + r.IntN(8))
	for i := 1; i < 9; i++ {
		d[i] = byte(r.IntN(10))
	}
	d[9] = verhoeff(d[:9])
	for i := range d {
		d[i] += '0'
	}
	return string(d[:])
}

// verhoeff returns the check digit of Verhoeff's scheme (1969), which finds
// every single wrong digit and every exchange of neighbours.
func verhoeff(digits []byte) byte {
	inverse := [10]byte{0, 4, 3, 2, 1, 5, 6, 7, 8, 9}
	shift := [10]byte{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	var c byte
	for i := range digits {
		d := digits[len(digits)-1-i]
		for range (i + 1) % 8 {
			d = shift[d]
		}
		c = dihedral(c, d)
	}
	return inverse[c]
}

// dihedral multiplies in the dihedral group of the pentagon.
func dihedral(a, b byte) byte {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5+5-b)%5
	}
	return (a - b + 5) % 5
}

// phoneHand writes a mobile number of nine digits (6… or 7…) in one of the
// ways in which it is typed.
func phoneHand(r *rand.Rand, nine string) string {
	switch k := r.IntN(20); {
	case k < 11:
		return "0" + nine
	case k < 13:
		return "0" + nine[:1] + " " + nine[1:3] + " " + nine[3:5] + " " + nine[5:7] + " " + nine[7:]
	case k < 15:
		return "0" + nine[:1] + "." + nine[1:3] + "." + nine[3:5] + "." + nine[5:7] + "." + nine[7:]
	case k < 17:
		return "+212 " + nine
	case k < 18:
		return "+212" + nine
	case k < 19:
		return "00212" + nine
	}
	return nine
}
