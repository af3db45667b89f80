package disk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"raftcheck/faults/live/disk"
	"raftcheck/faults/live/sandbox"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Test(m.Run)) }

// mounted is a new disk and its folder.
func mounted(t *testing.T) (*disk.Disk, string) {
	t.Helper()
	dir := filepath.Join(sandbox.Dir, t.Name())
	d, err := disk.Mount(dir)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, d.Close())
		require.NoDirExists(t, dir)
	})
	return d, dir
}

// cut cuts the power of a disk that no process uses.
func cut(t *testing.T, d *disk.Disk) (lost int) {
	t.Helper()
	d.Die()
	lost, err := d.CutPower()
	require.NoError(t, err)
	return lost
}

// TestCutPower: what was synced is there, in place and appended, and what was not is gone.
func TestCutPower(t *testing.T) {
	d, dir := mounted(t)
	name := filepath.Join(dir, "log")
	f, err := os.Create(name)
	require.NoError(t, err)
	write := func(offset int64, text string) {
		_, err := f.WriteAt([]byte(text), offset)
		require.NoError(t, err)
	}
	write(0, "abcdef")
	require.NoError(t, f.Sync())
	write(1, "XYZ")
	write(5, "ghi")
	require.NoError(t, os.Rename(name, name+"2"))
	require.NoError(t, f.Close())
	require.Equal(t, 2, cut(t, d))
	text, err := os.ReadFile(name + "2")
	require.NoError(t, err)
	require.Equal(t, "abcdef", string(text))
	require.EqualValues(t, 1, d.Syncs())
	require.Zero(t, cut(t, d), "it was undone")
}

// TestStall: an fsync hangs until the stall ends, and then counts.
func TestStall(t *testing.T) {
	d, dir := mounted(t)
	f, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("abc")
	require.NoError(t, err)
	require.True(t, d.Stall())
	require.False(t, d.Stall())
	synced := make(chan error, 1)
	go func() { synced <- f.Sync() }()
	select {
	case <-synced:
		t.Fatal("the fsync did not hang")
	case <-time.After(50 * time.Millisecond):
	}
	require.Zero(t, d.Syncs())
	require.True(t, d.Unstall())
	require.NoError(t, <-synced)
	require.False(t, d.Unstall())
	require.Zero(t, cut(t, d))
}

// TestFail: writes and fsyncs fail with the error that is set, and a failed fsync makes
// nothing durable.
func TestFail(t *testing.T) {
	d, dir := mounted(t)
	f, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("abc")
	require.NoError(t, err)
	d.Fail(syscall.EIO)
	require.ErrorIs(t, f.Sync(), syscall.EIO)
	_, err = f.WriteString("def")
	require.ErrorIs(t, err, syscall.EIO)
	d.Fail(0)
	require.Equal(t, 1, cut(t, d))
	require.NoError(t, d.Wipe())
	require.NoFileExists(t, filepath.Join(dir, "log"))
}

// TestFill: a full disk takes no write and no new file, and keeps what it has.
func TestFill(t *testing.T) {
	d, dir := mounted(t)
	name := filepath.Join(dir, "log")
	require.NoError(t, os.WriteFile(name, []byte("abc"), 0o644))
	require.True(t, d.Fill())
	require.False(t, d.Fill())
	require.ErrorIs(t, os.WriteFile(filepath.Join(dir, "other"), nil, 0o644), syscall.ENOSPC)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	_, err = f.WriteString("def")
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, f.Sync())
	require.True(t, d.Free())
	require.False(t, d.Free())
	_, err = f.WriteString("def")
	require.NoError(t, err)
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "abcdef", string(text))
}

// TestMount_notInherited: a process that is started holds no descriptor of a disk's device. With
// one it would wait for its own disk for ever as it dies, once the disk's process is gone.
func TestMount_notInherited(t *testing.T) {
	mounted(t)
	open, err := exec.Command("sh", "-c", "ls -l /proc/self/fd/").Output()
	require.NoError(t, err)
	require.NotEmpty(t, open)
	require.NotContains(t, string(open), "/dev/fuse")
}
