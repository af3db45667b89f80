//go:build unix && !aix && !solaris

package campaign

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens a file and locks it, without waiting.
func openLocked(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errHeld
		}
		return nil, err
	}
	return f, nil
}

// letGo unlocks a file and closes it. To close it alone would leave the lock to a process that
// was forked a moment ago.
func letGo(f *os.File) {
	syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	f.Close()
}
