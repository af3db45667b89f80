//go:build unix

package hunt

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRunProgram_apart: a program runs in a process group of its own. A signal that it
// sends to its group does not reach this process.
func TestRunProgram_apart(t *testing.T) {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGWINCH)
	defer signal.Stop(arrived)
	program := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\nkill -WINCH 0\nexit 3\n"), 0o755))
	_, err := runProgram(t.Context(), program, t.TempDir(), "swarm", 1, 1, false)
	require.ErrorContains(t, err, "exit status 3")
	require.Empty(t, arrived)
}
