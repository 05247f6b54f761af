package name

import (
	"strings"
	"testing"
)

// TestNamesOnce holds that no spelling stands in names.txt under two keys.
func TestNamesOnce(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(namesText) {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		for _, m := range []map[string]string{readNames(line).latin, readNames(line).arabic} {
			for spelling, key := range m {
				if other, ok := seen[spelling]; ok && other != key {
					t.Errorf("%s stands under %s and %s", spelling, other, key)
				}
				seen[spelling] = key
			}
		}
	}
}
