package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lock is a file that this process holds locked. The operating system lets go of it when
// the process ends.
type lock struct{ file *os.File }

// errHeld is the error of a lock that another process holds.
var errHeld = errors.New("another process holds the lock")

// A process that is killed while it starts another one leaves its locks to that one, until the
// other runs its own program. So a lock that is held is asked for again, a second long.
const attempts = 100

// pause passes the time between two attempts.
var pause = func() { time.Sleep(10 * time.Millisecond) }

// lock is tryLock for this folder, with attempts. A folder that cannot be read stays as it is,
// without the file of a lock that it did not have.
func (f *Folder) lock(name string) (*lock, error) {
	_, err := os.Stat(filepath.Join(f.Path, "locks", name))
	if !f.sound && errors.Is(err, fs.ErrNotExist) {
		if _, err := f.Tally(); err != nil {
			return nil, err
		}
	}
	l, err := tryLock(f.Path, name)
	for i := 1; i < attempts && errors.Is(err, errHeld); i++ {
		pause()
		l, err = tryLock(f.Path, name)
	}
	return l, err
}

// tryLock locks a file of the folder of locks, or returns an error at once; errHeld if
// another process holds it.
func tryLock(folder, name string) (*lock, error) {
	locks := filepath.Join(folder, "locks")
	if err := os.MkdirAll(locks, 0o755); err != nil {
		return nil, err
	}
	f, err := openLocked(filepath.Join(locks, name))
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return &lock{f}, nil
}

// unlock lets go of the lock. The file stays: to remove it could let two processes hold
// locks of one name.
func (l *lock) unlock() { letGo(l.file) }
