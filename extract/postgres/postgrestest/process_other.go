//go:build !linux

package postgrestest

import (
	"os/exec"
	"os/user"
)

// Elsewhere nobody runs the tests as root, and a server that outlives a killed
// test is for its user to end.
func become(*exec.Cmd, *user.User) {}

func dieWithParent(*exec.Cmd) {}

func end(cmd *exec.Cmd) { cmd.Process.Kill() }
