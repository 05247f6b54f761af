// Package layoutcheck holds the built-in mappings against the layouts that the
// simulated region writes. It has tests only: it lies here because neither
// side may know the other.
package layoutcheck
