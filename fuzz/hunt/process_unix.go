//go:build unix

package hunt

import (
	"os/exec"
	"syscall"
	"time"
)

// cpuTime returns the CPU time of all threads of this process.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // without CPU time no hunt would ever end
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// inOwnGroup puts a program into a process group of its own, so that signals of a
// terminal to the group, such as Ctrl-C, do not reach it. A program that such a signal
// ends would look broken.
func inOwnGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
