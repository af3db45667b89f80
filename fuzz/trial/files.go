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

// WriteBelow writes a schedule to a file below a folder, which is made if it
// is not there. A name that leads out of the folder is refused. The file is
// there whole or not at all.
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

// ReadSchedule reads a schedule file whose clients use a service of the set.
func ReadSchedule(file string, set service.Set) (*faults.Schedule, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	// One byte more than Parse allows is enough for it to refuse the rest.
	if _, err := text.ReadFrom(io.LimitReader(f, faults.MaxFileBytes+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return faults.Parse(file, text.Bytes(), set)
}
