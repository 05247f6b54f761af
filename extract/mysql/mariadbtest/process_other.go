//go:build !linux

package mariadbtest

import "os/exec"

// bind does nothing: elsewhere a server that outlives a killed test is for its
// user to end.
func bind(*exec.Cmd) error { return nil }
