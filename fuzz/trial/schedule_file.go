package trial

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"

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
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.WriteFile(name+".part", []byte(s.String()), 0o644); err != nil {
		return err
	}
	return root.Rename(name+".part", name)
}

// ReadSchedule reads and parses a schedule file whose clients use a service of the set.
// An error of its text names the file and the line.
func ReadSchedule(file string, set service.Set) (*faults.Schedule, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	// One byte above the limit of Parse is enough for Parse to reject the file.
	if _, err := text.ReadFrom(io.LimitReader(f, faults.MaxFileBytes+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return faults.Parse(file, text.Bytes(), set)
}
