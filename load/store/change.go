package store

import "github.com/sihctl/sih"

// Key names a row by its table's primary key: the values of the key's columns,
// in their order.
type Key struct {
	Table  *sih.Table
	Values []sih.Value
}

// Changer is a [Store].
type Changer = Store
