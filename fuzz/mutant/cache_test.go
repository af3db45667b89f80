package mutant

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPrivate: a folder of programs is created for the user alone, and rejected if others
// can write to it.
func TestPrivate(t *testing.T) {
	folder := t.TempDir() + "/built"
	require.NoError(t, private(folder))
	info, err := os.Stat(folder)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	require.NoError(t, os.Chmod(folder, 0o770))
	require.ErrorContains(t, private(folder), "that you alone can write to")
}

// TestIsWhole: a program is reused if it has the content that was built.
func TestIsWhole(t *testing.T) {
	program := t.TempDir() + "/program"
	require.NoError(t, os.WriteFile(program, []byte("built"), 0o700))
	require.False(t, isWhole(program), "there is no sum")
	require.NoError(t, os.WriteFile(program+sumSuffix, contentSum(program), 0o600))
	require.True(t, isWhole(program))
	require.NoError(t, os.WriteFile(program, []byte("other"), 0o700))
	require.False(t, isWhole(program))
	require.NoError(t, os.Remove(program))
	require.False(t, isWhole(program))
}

// TestSweep: programs that nobody has run for long are removed, and nothing that builders
// did not make.
func TestSweep(t *testing.T) {
	folder, sum, now := t.TempDir(), strings.Repeat("0af1", 8), time.Now()
	stays := []string{"new-" + sum, "new-" + sum + sumSuffix, "etcd-3.7.3", "mine-" + sum + ".txt"}
	goes := []string{"old-" + sum, "old-" + sum + sumSuffix, "build-1234"}
	for _, name := range append(goes, stays...) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), nil, 0o600))
		require.NoError(t, os.Chtimes(filepath.Join(folder, name), now, now.Add(-2*unused)))
	}
	require.NoError(t, use(filepath.Join(folder, stays[0]), now))
	require.NoError(t, sweep(folder, now))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	var names []string
	for _, f := range left {
		names = append(names, f.Name())
	}
	require.ElementsMatch(t, stays, names)
}
