//go:build unix

package hunt

import (
	"os/exec"
	"syscall"
	"time"
)

// cpuTime is the CPU time that this process has used, all its threads together.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // a kernel without it would let every hunt go on for ever
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// apart keeps from a program what a terminal sends to all of a group, such as
// Ctrl-C: it would end before it is known why, and so look broken.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
