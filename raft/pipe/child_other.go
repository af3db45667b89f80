//go:build !unix

package pipe

import "os/exec"

// shell is the command line that runs a command.
func shell(command string) *exec.Cmd { return exec.Command("cmd", "/C", command) }

// inOwnGroup does nothing on operating systems without process groups.
func inOwnGroup(*exec.Cmd) {}

// killGroup kills a process.
func killGroup(cmd *exec.Cmd) { cmd.Process.Kill() }
