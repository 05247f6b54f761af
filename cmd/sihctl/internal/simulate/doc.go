// Package simulate makes a region up: its people in their households, what
// happened to them, and what five legacy systems know of it, each in its own
// layout, with its own habits and defects; and the truth, which no real
// region can give: which records are whose.
//
// Call [Write]. [Layouts] describes the systems' tables.
package simulate
