//go:build unix

package pipe

import (
	"os/exec"
	"strings"
	"syscall"
)

// shell is the command line that runs a command. The shell becomes the program where it is
// a simple one, so that there is one process and the exit status is its own.
func shell(command string) *exec.Cmd {
	if !strings.ContainsAny(command, ";&|<>()=\n") {
		command = "exec " + command
	}
	return exec.Command("/bin/sh", "-c", command)
}

// inOwnGroup puts a program into a process group of its own. Signals of a terminal, such
// as Ctrl-C, do not reach it: a program that they end would look broken.
func inOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a process and those that it started, which may all have ended.
func killGroup(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
