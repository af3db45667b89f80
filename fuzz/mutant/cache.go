package mutant

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// private creates a folder for programs, or reports that others can write to it.
func private(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return err
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("expected a folder of programs that you alone can write to, found %s with mode %v",
			folder, info.Mode().Perm())
	case !ownedByUser(info):
		return fmt.Errorf("expected a folder of programs that is yours, found %s of another user", folder)
	}
	return nil
}

// sumSuffix ends the name of the file that has the sum of a program.
const sumSuffix = ".sha256"

// isWhole reports whether a program is there with the content that it was built with.
func isWhole(program string) bool {
	want, err := os.ReadFile(program + sumSuffix)
	return err == nil && len(want) > 0 && bytes.Equal(want, contentSum(program))
}

// contentSum returns the sum of a file's content, nil if it cannot be read.
func contentSum(file string) []byte {
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil
	}
	return fmt.Appendf(nil, "%x\n", h.Sum(nil))
}
