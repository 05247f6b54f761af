package pipeline

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/cmd/sihctl/internal/project"
)

// facilitiesSource is what stands as the source of the master list's rows.
const facilitiesSource = "facilities"

// facilityColumns are the columns of the master list. local_codes names each
// source's own code: "hosix:12;enova:H03".
var facilityColumns = []string{"code", "kind", "parent", "name_fr", "name_ar", "commune", "province", "region", "active", "local_codes"}

// facilities is the project's master list.
type facilities struct {
	rows  [][]string
	codes map[string]bool
	local map[string]string // "source:code" or "system:code" to the list's code
	hash  string
}

func facilityID(code string) sih.ID {
	return sih.NewID(facilitiesSource, "facilities.csv", code, "organisation", "")
}

// readFacilities reads the master list; a project without one has an empty
// list.
func readFacilities(p *project.Project) (*facilities, error) {
	l := &facilities{codes: map[string]bool{}, local: map[string]string{}}
	if p.Config.Facilities == "" {
		return l, nil
	}
	data, err := os.ReadFile(p.Path(p.Config.Facilities))
	if err != nil {
		return nil, &ConfigError{Err: fmt.Errorf("read facilities: %w", err), Advice: "give the master list of facilities that sihctl.yaml names"}
	}
	h := sha256.Sum256(data)
	l.hash = hex.EncodeToString(h[:])
	fault := func(line int, format string, args ...any) error {
		return &ConfigError{
			Err:    fmt.Errorf("%s:%d: %w", p.Config.Facilities, line, fmt.Errorf(format, args...)),
			Advice: "the columns are " + strings.Join(facilityColumns, ","),
		}
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	head, err := r.Read()
	if err != nil || !slices.Equal(head, facilityColumns) {
		return nil, fault(1, "the first line must name the columns")
	}
	var lines []int // of rows
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			return nil, fault(syntax.Line, "%w", syntax.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("read facilities: %w", err)
		}
		line, _ := r.FieldPos(0)
		code := row[0]
		if code == "" || l.codes[code] {
			return nil, fault(line, "code %q is empty or stands here twice", code)
		}
		org := sih.TableByName("organisation")
		if kinds := org.Columns[org.Column("kind")].Codes; !slices.Contains(kinds, row[1]) {
			return nil, fault(line, "kind %q is none of %s", row[1], strings.Join(kinds, ", "))
		}
		l.codes[code] = true
		l.rows, lines = append(l.rows, row), append(lines, line)
		for _, lc := range strings.Split(row[9], ";") {
			if lc = strings.TrimSpace(lc); lc == "" {
				continue
			}
			if other, dup := l.local[lc]; dup {
				return nil, fault(line, "%s is the code of %s and of %s", lc, other, code)
			}
			l.local[lc] = code
		}
	}
	parents := map[string]string{}
	for i, row := range l.rows {
		if row[2] != "" && !l.codes[row[2]] {
			return nil, fault(lines[i], "parent %q is not in the list", row[2])
		}
		parents[row[0]] = row[2]
	}
	for i, row := range l.rows {
		for at, n := row[2], 0; at != "" && n < len(l.rows); at, n = parents[at], n+1 {
			if at == row[0] {
				return nil, fault(lines[i], "%q is a part of itself", row[0])
			}
		}
	}
	return l, nil
}

// lookup returns the translation of a source's own codes of facilities.
func (l *facilities) lookup(s *project.Source) func(string) (string, sih.ID, bool) {
	return func(local string) (string, sih.ID, bool) {
		code, ok := l.local[string(s.ID)+":"+local]
		if !ok {
			code, ok = l.local[s.System+":"+local]
		}
		if !ok && l.codes[local] {
			code, ok = local, true
		}
		if !ok {
			return "", sih.ID{}, false
		}
		return code, facilityID(code), true
	}
}

// entities returns the list as organisations, sorted by id.
func (l *facilities) entities() []sih.Entity {
	t := sih.TableByName("organisation")
	var out []sih.Entity
	for _, row := range l.rows {
		e := sih.Entity{Table: t, Values: make([]sih.Value, len(t.Columns))}
		set := func(name string, v sih.Value) { e.Values[t.Column(name)] = v }
		set("id", sih.IDValue(facilityID(row[0])))
		if row[2] != "" {
			set("parent_id", sih.IDValue(facilityID(row[2])))
		}
		set("kind", sih.CodeValue(row[1]))
		set("org_code", sih.CodeValue(row[0]))
		set("code_system", sih.CodeValue("facilities"))
		set("name_fr", sih.StrValue(row[3]))
		set("name_ar", sih.StrValue(row[4]))
		set("commune", sih.CodeValue(row[5]))
		set("province", sih.CodeValue(row[6]))
		set("region", sih.CodeValue(row[7]))
		set("active", sih.BoolValue(row[8] != "false" && row[8] != "0"))
		set("source_system", sih.CodeValue(facilitiesSource))
		set("source_table", sih.StrValue("facilities.csv"))
		set("source_key", sih.StrValue(row[0]))
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b sih.Entity) int {
		return strings.Compare(a.Values[0].String(), b.Values[0].String())
	})
	return out
}
