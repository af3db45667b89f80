//go:build !unix

package process

import (
	"os/exec"
	"time"
)

var started = time.Now()

// CPUTime returns the time since this process was started, for operating systems whose
// CPU time it cannot read.
func CPUTime() time.Duration { return time.Since(started) }

// InOwnGroup does nothing on operating systems without process groups.
func InOwnGroup(*exec.Cmd) {}

// Kill ends a program.
func Kill(cmd *exec.Cmd) { cmd.Process.Kill() }
