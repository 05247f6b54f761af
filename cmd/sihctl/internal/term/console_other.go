//go:build !windows

package term

import (
	"os"
	"strings"
)

// enableColour tells that terminals understand colours.
func enableColour(*os.File) bool { return true }

// showsUnicode tells whether the terminal takes UTF-8, as the locale has it. A
// locale that says nothing of it, or is not set at all, promises only ASCII.
func showsUnicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(os.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// The signs of a list.
const checkSign, crossSign = "✓", "✗"
