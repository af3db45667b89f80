//go:build unix

package hunt

import (
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
