//go:build !unix

package hunt

import (
	"os/exec"
	"time"
)

var started = time.Now()

// cpuTime returns the time since this process was started, for operating systems whose
// CPU time it cannot read.
func cpuTime() time.Duration { return time.Since(started) }

// inOwnGroup does nothing on operating systems without process groups.
func inOwnGroup(*exec.Cmd) {}
