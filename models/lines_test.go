package models

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxColumns bounds a line of code, a tab counted as one column.
const maxColumns = 110

// TestLines: a line of code fits a window beside another one. Tests are left out, since
// their tables hold whole lines of output.
func TestLines(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for number := 1; lines.Scan(); number++ {
			if n := len([]rune(lines.Text())); n > maxColumns {
				t.Errorf("%s:%d has %d columns, and %d are allowed: break the line", path, number, n, maxColumns)
			}
		}
		return lines.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 200 {
		t.Errorf("read %d files only: is the code not where it was?", files)
	}
}
