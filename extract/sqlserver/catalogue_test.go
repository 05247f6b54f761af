package sqlserver_test

import (
	"slices"
	"testing"

	"github.com/sihctl/sih/extract/sqlserver"
)

// TestIdentify chooses among unique indexes, in whatever order they come.
func TestIdentify(t *testing.T) {
	type index = sqlserver.Index
	for _, test := range []struct {
		name             string
		list             []index
		key, order, path string
	}{
		{"none", nil, "", "", ""},
		{"the usual", []index{{ID: 1, Name: "PK", Primary: true}, {ID: 2, Name: "U"}}, "PK", "PK", ""},
		{"a heap", []index{{ID: 2, Name: "PK", Primary: true}}, "PK", "PK", "PK"},
		{"clustered by another", []index{{ID: 3, Name: "PK", Primary: true}, {ID: 1, Name: "C"}}, "PK", "C", ""},
		{"clustered by one with NULL", []index{{ID: 3, Name: "PK", Primary: true}, {ID: 1, Name: "C", Nullable: true}}, "PK", "C", ""},
		{"no primary key", []index{{ID: 4, Name: "N", Nullable: true}, {ID: 5, Name: "U5"}, {ID: 6, Name: "U6"}}, "U5", "U5", "U5"},
		{"NULL only", []index{{ID: 4, Name: "N", Nullable: true}}, "", "N", "N"},
		{"a primary key that fits no order", []index{{ID: 1, Name: "PK", Primary: true, Unfit: true}, {ID: 2, Name: "U"}}, "PK", "U", "U"},
		{"nothing fits", []index{{ID: 1, Name: "PK", Primary: true, Unfit: true}}, "PK", "", ""},
	} {
		for range 2 {
			if key, order, path := sqlserver.Identify(test.list); key != test.key || order != test.order || path != test.path {
				t.Errorf("%s: got key %q, order %q, path %q; want %q, %q, %q", test.name, key, order, path, test.key, test.order, test.path)
			}
			slices.Reverse(test.list)
		}
	}
}
