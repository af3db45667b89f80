package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/fuzz/trial"
)

// drawnBy is the last line of a page that the program wrote, and may overwrite.
const drawnBy = "<!-- drawn by raftcheck -->\n"

// writePage writes an HTML page whole or not at all. It overwrites only pages that it wrote,
// and follows no link.
func writePage(file string, page []byte) error {
	if info, err := os.Lstat(file); err == nil && !(info.Mode().IsRegular() && isDrawn(file, info.Size())) {
		return fmt.Errorf("%s: expected no file, or a page that %s drew, found another file",
			trial.ShownName(file), name)
	}
	return trial.WriteWhole(filepath.Dir(file), filepath.Base(file), append(page, drawnBy...))
}

// isDrawn reports whether a file of a size ends as the pages do.
func isDrawn(file string, size int64) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	end := make([]byte, len(drawnBy))
	_, err = f.ReadAt(end, max(size-int64(len(end)), 0))
	return err == nil && string(end) == drawnBy
}

// checkOutput returns an error if the file of a flag cannot be written. It is for the time
// before the work whose result the file gets; "" is no file.
func checkOutput(flag, file string) error {
	if file == "" {
		return nil
	}
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("expected a file for %s, found the folder %s", flag, trial.ShownName(file))
	case err == nil && info.Mode()&os.ModeNamedPipe != 0 && !strings.HasPrefix(file, "/dev/"):
		return fmt.Errorf("expected a file for %s, found the pipe %s, which may have no reader", flag,
			trial.ShownName(file))
	case err == nil && !info.Mode().IsRegular():
		return nil // such as /dev/stdout
	case err == nil:
		f, err := os.OpenFile(file, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("%s cannot be written: %w", flag, err)
		}
		return f.Close()
	}
	folder := filepath.Dir(file)
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("%s cannot be written: %w", flag, err)
	}
	return checkFolder(flag, folder)
}

// checkFolder returns an error if no file can be created in the folder of a flag, or in the
// nearest folder above it that there is.
func checkFolder(flag, folder string) error {
	for {
		info, err := os.Stat(folder)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s cannot be written: %s is no folder", flag, trial.ShownName(folder))
		}
		if err == nil || folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	f, err := os.CreateTemp(folder, ".raftcheck-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", flag, err)
	}
	f.Close()
	return os.Remove(f.Name())
}
