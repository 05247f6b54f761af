package sqlserver

import (
	"strconv"
	"strings"

	"github.com/sihctl/sih"
	"github.com/sihctl/sih/load/store"
)

// relations are the names of the store's tables and views.
var relations = func() map[string]bool {
	latest, names := store.SchemaAt(store.Latest()), map[string]bool{}
	for _, name := range append(latest.TableNames(), latest.ViewNames()...) {
		names[name] = true
	}
	for _, t := range sih.Tables {
		names[t.Name] = true
	}
	return names
}()

// before are the words that a table's name stands after.
var before = map[string]bool{"FROM": true, "JOIN": true, "INTO": true, "UPDATE": true, "TABLE": true, "VIEW": true, "REFERENCES": true, "EXISTS": true, "ON": true}

// within has the names of the store's tables in a statement mean those of a
// schema, since a session has none of its own, and numbers its question marks.
func within(schema, sql string) string {
	var b strings.Builder
	n, last := 0, ""
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c == '\'' || c == '[' || c == '"': // a text, or a name between brackets
			end := closing(sql, i)
			b.WriteString(sql[i:end])
			i, last = end, ""
		case isLetter(c):
			end := i
			for end < len(sql) && (isLetter(sql[end]) || '0' <= sql[end] && sql[end] <= '9') {
				end++
			}
			word := sql[i:end]
			if relations[word] && before[last] {
				b.WriteString(quoteName(schema) + ".")
			}
			b.WriteString(word)
			i, last = end, strings.ToUpper(word)
		default:
			if c == '?' {
				n++
				b.WriteString("@p" + strconv.Itoa(n))
			} else {
				b.WriteByte(c)
			}
			if c > ' ' {
				last = ""
			}
			i++
		}
	}
	return b.String()
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '#' || c == '@' || c >= 0x80
}

// closing returns where what begins at i with a mark ends behind its other
// mark, of which two are one that is meant.
func closing(sql string, i int) int {
	mark := sql[i]
	if mark == '[' {
		mark = ']'
	}
	for i++; i < len(sql); i++ {
		if sql[i] != mark {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == mark {
			i++
			continue
		}
		return i + 1
	}
	return len(sql)
}

// quoteName writes a name between brackets, literal a text between quotation
// marks.
func quoteName(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

func literal(text string) string { return "N'" + strings.ReplaceAll(text, "'", "''") + "'" }
