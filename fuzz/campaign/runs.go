package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/fuzz/trial"
)

// Run is a line of runs.log: a process that began.
type Run struct {
	When  string // RFC 3339, in UTC
	Host  string
	Shard string
	Build string
}

// Log appends a run to runs.log.
func (f *Folder) Log(r Run) error { return f.log("runs.log", r.When, r.Host, r.Shard, r.Build) }

// log appends a line of parts to a file.
func (f *Folder) log(name string, parts ...string) error {
	log, err := os.OpenFile(filepath.Join(f.Path, name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(log, strings.Join(parts, "\t"))
	return errors.Join(err, log.Close())
}

// Runs reads runs.log.
func (f *Folder) Runs() (runs []Run, err error) {
	lines, err := f.logged("runs.log", 4)
	for _, part := range lines {
		runs = append(runs, Run{part[0], part[1], part[2], part[3]})
	}
	return runs, err
}

// logged reads the lines of a file with so many parts. A line that is there in part is left out:
// nothing rests on it.
func (f *Folder) logged(name string, parts int) (lines [][]string, err error) {
	text, err := trial.ReadFile(filepath.Join(f.Path, name), maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for line := range strings.Lines(string(text)) {
		if part := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(part) == parts {
			lines = append(lines, part)
		}
	}
	return lines, err
}
