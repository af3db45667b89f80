package mutant

import (
	"os"
	"testing"

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
