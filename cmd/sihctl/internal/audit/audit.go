// Package audit is the form of a log that cannot be rewritten unnoticed: a line
// of JSON for whatever was done with patients' data, each carrying the hash of
// the line before.
//
// A line that was changed, removed, added or moved breaks the chain from there
// on, which [Check] finds. What a chain cannot show by itself is that its end
// is missing, or that somebody made it anew from the start: for that a [Head]
// is kept elsewhere, on paper, in a workbook, in a snapshot that was sent away.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Line is an entry of the log. It holds no value of a record.
type Line struct {
	// Seq counts the lines from 1.
	Seq int64 `json:"seq"`
	// Time is when the command ended, in UTC, to the second.
	Time time.Time `json:"time"`
	// User is the operating system's name for who ran it, and Machine the
	// computer's.
	User    string `json:"user"`
	Machine string `json:"machine"`
	// Tool is the program's version, Command what was run, without values.
	Tool    string `json:"tool"`
	Command string `json:"command"`
	// Outcome says how it ended: done, failed, interrupted.
	Outcome string `json:"outcome"`
	// Touched lists what was read, written or given away.
	Touched []Touched `json:"touched,omitempty"`
	// Previous is the hash of the line before, of 64 zeros for the first.
	Previous string `json:"previous"`
	// Hash is the SHA-256, in hexadecimal digits, of the line without it.
	Hash string `json:"hash,omitempty"`
}

// Touched is something that a command read, wrote or gave away.
type Touched struct {
	// Verb is read, wrote, exported, changed or sealed.
	Verb string `json:"verb"`
	// Kind is what it is: snapshot, stage, store, workbook, ledger, file.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Rows counts its rows, where they are known.
	Rows int64 `json:"rows,omitempty"`
	// SHA256 is the hash of its content, where there is one.
	SHA256 string `json:"sha256,omitempty"`
}

// Head names the last line of a log.
type Head struct {
	Seq  int64
	Hash string
}

// origin is what the first line follows.
var origin = strings.Repeat("0", sha256.Size*2)

// String writes a head for paper: its number and its hash.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.hash() }

func (h Head) hash() string {
	if h.Hash == "" {
		return origin
	}
	return h.Hash
}

// ParseHead reads what String writes.
func ParseHead(s string) (Head, error) {
	seq, hash, found := strings.Cut(strings.TrimSpace(s), ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	raw, err2 := hex.DecodeString(hash)
	if !found || err != nil || err2 != nil || n < 0 || len(raw) != sha256.Size {
		return Head{}, errors.New("a head is a number, a colon and 64 hexadecimal digits")
	}
	return Head{n, strings.ToLower(hash)}, nil
}

// Next completes a line to be the one after h, and returns its text, without a
// line break, and the new head.
func (h Head) Next(l Line) (text []byte, next Head, err error) {
	l.Seq, l.Previous, l.Hash = h.Seq+1, h.hash(), ""
	l.Time = l.Time.UTC().Truncate(time.Second)
	if l.Hash, err = l.sum(); err != nil {
		return nil, h, fmt.Errorf("write audit log: %w", err)
	}
	text, err = l.text()
	return text, Head{l.Seq, l.Hash}, err
}

// sum returns the hash of a line, whatever its Hash says.
func (l Line) sum() (string, error) {
	l.Hash = ""
	text, err := l.text()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// text is the one way to write a line.
func (l Line) text() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(l)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// BrokenError tells where a log is not what was written.
type BrokenError struct {
	// Line counts from 1; it is one behind the last where the end is missing.
	Line int64
	Why  string
}

// Error names the line.
func (e *BrokenError) Error() string { return fmt.Sprintf("audit log, line %d: %s", e.Line, e.Why) }

// Check goes through a log's lines and returns its head. The first line that is
// not as it was written is a [*BrokenError]. Where heads are given, the log
// must contain each of them, so that a log which goes on behind a kept head is
// whole, and one that was cut before it, or made anew, is not.
func Check(lines iter.Seq2[[]byte, error], heads ...Head) (Head, error) {
	var at Head
	missing := map[int64]string{}
	for _, h := range heads {
		if have, ok := missing[h.Seq]; ok && have != h.hash() {
			return at, &BrokenError{h.Seq, "two heads are given for it, so that one of them is of another log"}
		}
		missing[h.Seq] = h.hash()
	}
	see := func() error {
		want, ok := missing[at.Seq]
		if ok && want != at.hash() {
			return &BrokenError{at.Seq, "its hash is not that of the head that was kept: the log was made anew"}
		}
		delete(missing, at.Seq)
		return nil
	}
	if err := see(); err != nil {
		return at, err
	}
	for text, err := range lines {
		if err != nil {
			return at, err
		}
		next, err := at.follow(text)
		if err != nil {
			return at, err
		}
		at = next
		if err := see(); err != nil {
			return at, err
		}
	}
	for seq := range missing {
		return at, &BrokenError{at.Seq + 1, fmt.Sprintf("the log ends, and the head that was kept is of line %d: its end was cut off", seq)}
	}
	return at, nil
}

// follow checks that a line is the one after h.
func (h Head) follow(text []byte) (Head, error) {
	l, err := Parse(text)
	broken := func(why string) (Head, error) { return h, &BrokenError{h.Seq + 1, why} }
	if err != nil {
		return broken(err.Error())
	}
	switch sum, err := l.sum(); {
	case err != nil:
		return broken(err.Error())
	case l.Seq != h.Seq+1:
		return broken(fmt.Sprintf("it is numbered %d: a line was removed, added or moved", l.Seq))
	case l.Previous != h.hash():
		return broken("it does not follow the line before: one of the two was replaced")
	case l.Hash != sum:
		return broken("it was changed after it was written")
	}
	return Head{l.Seq, l.Hash}, nil
}

// Parse reads a line. It takes the one way to write it and no other, so that no
// byte can be changed without changing what it says.
func Parse(text []byte) (Line, error) {
	var l Line
	if err := json.Unmarshal(text, &l); err != nil {
		return l, errors.New("it is no line of a log")
	}
	again, err := l.text()
	if err != nil || !bytes.Equal(again, text) {
		return l, errors.New("it is not written as this program writes it: it was changed")
	}
	return l, nil
}
