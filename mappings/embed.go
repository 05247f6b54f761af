// Package mappings holds the mappings that come with the program, one folder
// per legacy system, for layouts that are illustrative: the vendors' own are
// not public. [System] opens a folder; package transform/mapping reads it.
package mappings

import (
	"embed"
	"io/fs"
)

//go:embed bilmed dedalus enova essp hosix
var files embed.FS

// System returns the mapping of the named system: its mapping files at the
// top, its code lists below them. It is false for a system that has none.
func System(name string) (fs.FS, bool) {
	for _, s := range Systems() {
		if s == name {
			sub, err := fs.Sub(files, name)
			return sub, err == nil
		}
	}
	return nil, false
}

// Systems names the systems that have a mapping, sorted.
func Systems() []string {
	return []string{"bilmed", "dedalus", "enova", "essp", "hosix"}
}
