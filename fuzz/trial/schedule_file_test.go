package trial

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/fuzz/internal/fixture"
	"raftcheck/models/services"
)

// TestWriteBelow_refusesToEscape writes below the folder or not at all.
func TestWriteBelow_refusesToEscape(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "testdata")
	s := fixture.Written(t, "nodes 3\n", "timeout 1\nsettle\ncall c1 1 put x 7\n")
	require.NoError(t, WriteBelow(folder, "found/held.txt", s))
	read, err := ReadSchedule(filepath.Join(folder, "found/held.txt"), services.All())
	require.NoError(t, err)
	require.Equal(t, s.Events, read.Events)

	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(folder, "away")))
	for _, name := range []string{"../out.txt", "found/../../out.txt", "/out.txt", "away/out.txt", ""} {
		require.Error(t, WriteBelow(folder, name, s), name)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(folder), "*"))
	require.NoError(t, err)
	require.Equal(t, []string{folder}, left)
}

// TestReadSchedule_boundsItsFile refuses a device, which has no end, before it reads any of it.
func TestReadSchedule_boundsItsFile(t *testing.T) {
	_, err := ReadSchedule("/dev/zero", services.All())
	require.ErrorContains(t, err, "expected a file, found a device")
	_, err = ReadSchedule(filepath.Join(t.TempDir(), "none.txt"), services.All())
	require.ErrorIs(t, err, os.ErrNotExist)
}
