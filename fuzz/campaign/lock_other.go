//go:build !windows && (!unix || aix || solaris)

package campaign

import (
	"errors"
	"os"
)

// openLocked returns an error: Go's standard library locks no files here.
func openLocked(string) (*os.File, error) {
	return nil, errors.New("files cannot be locked on this platform")
}

// letGo closes a file.
func letGo(f *os.File) { f.Close() }
