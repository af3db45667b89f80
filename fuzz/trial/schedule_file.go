package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"raftcheck/faults"
	"raftcheck/models/service"
)

// WriteBelow writes a schedule to the file name below a folder, and creates the
// folders that are missing. It returns an error if the name leads out of the folder,
// or of the operating system. The file appears whole or not at all.
func WriteBelow(folder, name string, s *faults.Schedule) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return WriteWhole(folder, name, []byte(s.String()))
}

// WriteWhole writes a file below a folder, not through links that lead out of it. The
// file appears whole or not at all, and takes the place of a file that was there.
func WriteWhole(folder, name string, content []byte) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	part := name + ".part"
	root.Remove(part) // of a run that was killed
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = root.Rename(part, name)
	}
	if err != nil {
		root.Remove(part)
	}
	return err
}

// ReadSchedule reads and parses a schedule file whose clients use a service of the set.
// An error of its text names the file and the line.
func ReadSchedule(file string, set service.Set) (*faults.Schedule, error) {
	text, err := ReadFile(file, faults.MaxFileBytes)
	if err != nil {
		return nil, err
	}
	s, err := faults.Parse(ShownName(file), text, set)
	if other := otherFile(text); err != nil && other != "" {
		err = fmt.Errorf("%w\n%s seems to be %s", err, ShownName(file), other)
	}
	return s, err
}

// otherFile describes a text that is no schedule, "" if its beginning says nothing.
func otherFile(text []byte) string {
	for line := range bytes.Lines(text) {
		word, _, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		switch {
		case word == "" || word[0] == '#' || word[0] == ';':
			continue
		case word == "code":
			return "a certificate, which only go test ./fuzz/explore repeats"
		case word == "model", word == "INFO", strings.ContainsRune("{[(", rune(word[0])):
			return "a history of clients, for the command judge"
		case word == "source":
			return "a mutant, for the command mutants"
		}
		break
	}
	return ""
}

// ReadFile reads a regular file of at most so many bytes. It looks at the kind and the size
// before it reads.
func ReadFile(file string, most int) ([]byte, error) {
	f, err := OpenFile(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, shownError(err)
	case info.Size() > int64(most):
		return nil, fmt.Errorf("%s: expected at most %d bytes, found %d", ShownName(file), most, info.Size())
	}
	text, err := io.ReadAll(io.LimitReader(f, int64(most)+1)) // a file of /proc has no size
	if err != nil {
		return nil, shownError(err)
	}
	if len(text) > most {
		return nil, fmt.Errorf("%s: expected at most %d bytes, found more", ShownName(file), most)
	}
	return text, nil
}

// OpenFile opens a regular file to read it. It looks at the kind before: to open a pipe waits
// for a writer, and a device has no end.
func OpenFile(file string) (*os.File, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, shownError(err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected a file, found %s", ShownName(file), kindOf(info.Mode()))
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, shownError(err)
	}
	return f, nil
}

// ExpectPlain wants files and folders alone below these files and folders, as far as they are
// there. To write through a link would write elsewhere, and a pipe or a device may wait.
func ExpectPlain(paths ...string) error {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // never there, or removed meanwhile
			case err != nil:
				return shownError(err)
			case !entry.IsDir() && !entry.Type().IsRegular():
				return fmt.Errorf("%s: expected a file or a folder, found %s", ShownName(file), kindOf(entry.Type()))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// kindOf names the kind of a file that is not regular.
func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&os.ModeSymlink != 0:
		return "a link"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// ShownName returns the name of a file for output: quoted if it has characters that are not
// printable, such as escape codes and line feeds.
func ShownName(file string) string {
	if strings.ContainsFunc(file, func(r rune) bool { return !unicode.IsPrint(r) }) || !utf8.ValidString(file) {
		return strconv.QuoteToASCII(file)
	}
	return file
}

// shownError replaces the file in an error of the operating system by its shown name.
func shownError(err error) error {
	if of := (*os.PathError)(nil); errors.As(err, &of) {
		return &os.PathError{Op: "open", Path: ShownName(of.Path), Err: of.Err}
	}
	return err
}
