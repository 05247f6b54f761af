package name

// Known returns the key of a name that names.txt lists as a given name, alone
// or one after the other, and "" for any other: two known names with different
// keys are two names, however alike they look, and no misspelling of one.
func Known(s string) string {
	key := Key(s)
	if key == "" {
		return ""
	}
	start := 0
	for i := 0; i <= len(key); i++ {
		if i == len(key) || key[i] == ' ' {
			if !names.given[key[start:i]] {
				return ""
			}
			start = i + 1
		}
	}
	return key
}
