//go:build unix && !aix && !solaris

package campaign

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// inherited is a lock that a process which was forked a moment ago still has.
func inherited(t *testing.T, l *lock) (ends func()) {
	t.Helper()
	fd, err := syscall.Dup(int(l.file.Fd()))
	require.NoError(t, err)
	return func() { require.NoError(t, syscall.Close(fd)) }
}

// TestLock_forked: a lock that is let go of is free, whatever process was forked meanwhile.
func TestLock_forked(t *testing.T) {
	folder := create(t)
	held, err := folder.lock("merge")
	require.NoError(t, err)
	defer inherited(t, held)()
	held.unlock()
	again, err := tryLock(folder.Path, "merge")
	require.NoError(t, err)
	again.unlock()
}

// TestLock_killed: a process that was killed while it forked another one holds its lock a
// moment longer, and the next process waits for it.
func TestLock_killed(t *testing.T) {
	folder := create(t)
	held, err := folder.lock("merge")
	require.NoError(t, err)
	runsItsProgram := inherited(t, held)
	require.NoError(t, held.file.Close())
	calls, was := 0, pause
	defer func() { pause = was }()
	pause = func() {
		if calls++; calls == 2 {
			runsItsProgram()
		}
	}
	next, err := folder.lock("merge")
	require.NoError(t, err)
	require.Equal(t, 2, calls)
	_, err = folder.lock("merge")
	require.ErrorIs(t, err, errHeld)
	require.Equal(t, 2+attempts-1, calls)
	next.unlock()
}
