package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models/service"
	"raftcheck/models/trace"
)

// Known is a failure that people know of: a schedule and a word why.
type Known struct {
	Name     string // of its file, without folder and .txt
	Why      string // the first line of its prose
	Key      string // as of the finding that it names
	Schedule *faults.Schedule
}

// ReadKnown reads known findings: a file, or every .txt file of a folder. A folder that is
// missing has none. The error of a file that is no finding names the part that is missing.
func ReadKnown(path string, set service.Set) ([]Known, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, err
	case !info.IsDir():
		one, err := readKnown(path, set)
		return []Known{one}, err
	}
	files, err := filepath.Glob(filepath.Join(escaped(path), "*.txt")) // sorted
	if err != nil {
		return nil, err
	}
	var all []Known
	for _, file := range files {
		one, err := readKnown(file, set)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func readKnown(file string, set service.Set) (k Known, err error) {
	s, err := trial.ReadSchedule(file, set)
	switch {
	case err != nil:
		return k, err
	case len(s.Prose) == 0 || strings.HasPrefix(s.Prose[0], "violated "):
		return k, fmt.Errorf("%s: expected a first line of prose that says why the failure is known",
			trial.ShownName(file))
	case KeyOf(s) == "":
		return k, fmt.Errorf("%s: expected the verdict that is known below ----, which begins with violated",
			trial.ShownName(file))
	}
	return Known{strings.TrimSuffix(filepath.Base(file), ".txt"), s.Prose[0], KeyOf(s), s}, nil
}

// Known reads the known findings of the folder.
func (f *Folder) Known(set service.Set) ([]Known, error) {
	known, err := ReadKnown(filepath.Join(f.Path, "known"), set)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return known, err
}

// print names a known finding as its file has it: with other words it is another one.
func (k *Known) print() string {
	return fmt.Sprintf("%016x", trace.HashBytes(5, []byte(k.Name+"\n"+k.Schedule.String())))
}

// Recall marks the known findings of a report that came back: they fail, and did not when an
// earlier report was made. It notes those that do not fail now in gone.log. It says nothing
// about a system that is not deterministic, of which runs can hold by luck.
func (f *Folder) Recall(r *Report) error {
	lines, err := f.logged("gone.log", 3)
	if err != nil {
		return err
	}
	gone := map[string]string{}
	for _, part := range lines {
		gone[part[0]] = part[2]
	}
	for i := range r.Known {
		k := &r.Known[i]
		build, was := gone[k.print()]
		switch {
		case k.Now.Runs != 1:
		case k.Now.Fails():
			k.Back = build
		case !was:
			err = f.log("gone.log", k.print(), k.Name, r.Build)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
