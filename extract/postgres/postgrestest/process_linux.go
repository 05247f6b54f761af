package postgrestest

import (
	"os/exec"
	"os/user"
	"syscall"
)

// become has a program run under another user.
func become(cmd *exec.Cmd, u *user.User) {
	uid, gid := ids(u)
	attributes(cmd).Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// dieWithParent has a server shut down at once when the test's process ends,
// however it does.
func dieWithParent(cmd *exec.Cmd) { attributes(cmd).Pdeathsig = syscall.SIGQUIT }

// end has a server shut down at once. Killed, it would leave processes of its
// own behind, and their shared memory.
func end(cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGQUIT) }

func attributes(cmd *exec.Cmd) *syscall.SysProcAttr {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	return cmd.SysProcAttr
}
