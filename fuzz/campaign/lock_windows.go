package campaign

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is the error of a file that another process has opened for itself
// (ERROR_SHARING_VIOLATION).
const sharingViolation = syscall.Errno(32)

// openLocked opens a file that no other process can then open.
func openLocked(file string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(file)
	if err != nil {
		return nil, err
	}
	const shareNothing = 0
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errHeld
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), file), nil
}

// letGo closes a file, after which other processes can open it.
func letGo(f *os.File) { f.Close() }
