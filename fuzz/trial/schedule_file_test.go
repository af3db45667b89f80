package trial

import (
	"bytes"
	"io/fs"
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

// TestReads_areBounded: what a person names, and what lies in a folder of theirs, is opened by
// this package, which looks at the kind and the size before.
func TestReads_areBounded(t *testing.T) {
	may := map[string]bool{ // read for another reason
		"fuzz/trial/schedule_file.go": true,
		"fuzz/campaign/build.go":      true, // the program itself
		"fuzz/mutant/cache.go":        true, // of a folder that is the user's alone
		"scripts/command/campaign.go": true, // a result that was written just now
		"scripts/command/output.go":   true, // a regular file
	}
	found := map[string]bool{}
	for _, folder := range []string{"fuzz", "scripts/command", "linearizability"} {
		root := filepath.Join("..", "..", folder)
		require.NoError(t, filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if _, missing := os.Stat(filepath.Join(file, "go.mod")); missing == nil || entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			if err != nil || filepath.Ext(file) != ".go" || bytes.HasSuffix([]byte(file), []byte("_test.go")) {
				return err
			}
			text, err := os.ReadFile(file)
			if bytes.Contains(text, []byte("os.ReadFile(")) || bytes.Contains(text, []byte("os.Open(")) {
				name, _ := filepath.Rel(filepath.Join("..", ".."), file)
				found[filepath.ToSlash(name)] = true
			}
			return err
		}))
	}
	require.Equal(t, may, found)
}
