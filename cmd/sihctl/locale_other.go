//go:build !windows

package main

// userLocale is the user's locale where the environment says nothing of it.
func userLocale() string { return "" }
