package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Run is a line of runs.log: a process that began.
type Run struct {
	When  string // RFC 3339, in UTC
	Host  string
	Shard string
	Build string
}

// Log appends a run to runs.log.
func (f *Folder) Log(r Run) error {
	log, err := os.OpenFile(filepath.Join(f.Path, "runs.log"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(log, "%s\t%s\t%s\t%s\n", r.When, r.Host, r.Shard, r.Build)
	return errors.Join(err, log.Close())
}

// Runs reads runs.log. A line that is there in part is left out: nothing rests on it.
func (f *Folder) Runs() ([]Run, error) {
	text, err := os.ReadFile(filepath.Join(f.Path, "runs.log"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var runs []Run
	for line := range strings.Lines(string(text)) {
		if part := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(part) == 4 {
			runs = append(runs, Run{part[0], part[1], part[2], part[3]})
		}
	}
	return runs, nil
}
