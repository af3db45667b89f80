//go:build unix

package process

import (
	"os/exec"
	"syscall"
	"time"
)

// CPUTime returns the CPU time of all threads of this process.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // without CPU time no hunt would ever end
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// InOwnGroup puts a program into a process group of its own, so that signals of a
// terminal to the group, such as Ctrl-C, do not reach it. A program that such a signal
// ends would look broken.
func InOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Kill ends a program that was started in its own group, with every process in it.
func Kill(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	cmd.Process.Kill()
}
