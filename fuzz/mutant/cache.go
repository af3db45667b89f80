package mutant

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"
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

// unused is how long a program stays that nobody runs. A run of the whole matrix takes hours.
const unused = 24 * time.Hour

// ofBuilder are the names of the files and folders that builders make.
var ofBuilder = regexp.MustCompile(`^(build-\d+|.*-[0-9a-f]{32}(\.sha256)?)$`)

// use notes that a program runs now.
func use(program string, now time.Time) error {
	for _, file := range []string{program, program + sumSuffix} {
		if err := os.Chtimes(file, now, now); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the programs that nobody has run for long, and what builds left that were
// killed. Every change of the source makes another program of each mutant.
func sweep(folder string, now time.Time) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !ofBuilder.MatchString(f.Name()) || now.Sub(info.ModTime()) < unused {
			continue // an error: another process removed it
		}
		if err := os.RemoveAll(filepath.Join(folder, f.Name())); err != nil {
			return err
		}
	}
	return nil
}
