package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"raftcheck/fuzz/trial"
)

// Folder is the folder of a campaign.
type Folder struct {
	Path  string
	Asked Asked

	sound bool // it was read
}

// Open opens the folder of a campaign. The error is [fs.ErrNotExist] if there is no
// folder yet, or an empty one, or one that only has known findings.
func Open(path string) (*Folder, error) {
	if err := expectPlain(path); err != nil {
		return nil, err
	}
	file := filepath.Join(path, "asked.json")
	text, err := trial.ReadFile(file, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, unasked(path)
	}
	if err != nil {
		return nil, err
	}
	asked, err := parseAsked(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", trial.ShownName(file), err)
	}
	return &Folder{Path: path, Asked: asked}, nil
}

// maxFileBytes is the size of the largest file of a campaign that is read.
const maxFileBytes = 1 << 30

// expectPlain wants no link, pipe or device where the folder has files and folders of its own.
// Known findings are people's own, and only read.
func expectPlain(path string) error {
	var ours []string
	for _, name := range []string{
		"asked.json", "result.json", "result.json.part", "runs.log", "gone.log",
		"done", "locks", "findings", "corpus",
	} {
		ours = append(ours, filepath.Join(path, name))
	}
	return trial.ExpectPlain(ours...)
}

// unasked is the error of a folder without asked.json.
func unasked(path string) error {
	files, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range files {
		if f.Name() != "known" && !strings.HasPrefix(f.Name(), "asked.json.") {
			return fmt.Errorf("%s: expected the folder of a campaign, with asked.json, found %s and other files",
				trial.ShownName(path), trial.ShownName(f.Name()))
		}
	}
	return fmt.Errorf("%s: no campaign is there: %w", trial.ShownName(path), fs.ErrNotExist)
}

// Create makes the folder of a campaign. If another process makes it at the same time,
// one of them does, and the other has the same folder or an error.
func Create(path string, asked Asked) (*Folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(asked, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("numbers and names: %v", err))
	}
	part, err := os.CreateTemp(path, "asked.json.*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(part.Name())
	_, err = part.Write(append(text, '\n'))
	if err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close()); err != nil {
		return nil, err
	}
	file := filepath.Join(path, "asked.json")
	if err := os.Link(part.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	made, err := Open(path)
	if err != nil {
		return nil, err
	}
	return made, made.Asked.Differs(asked)
}

// Tally returns the sum of everything that is in the folder. It writes nothing.
func (f *Folder) Tally() (*Tally, error) {
	total, _, err := f.read()
	return total, err
}

// read returns the sum of everything in the folder, and the journals. The journals are read
// before the result, so that one that is merged meanwhile is in either.
func (f *Folder) read() (*Tally, []entries, error) {
	journals, err := readJournals(f.Path, f.Asked)
	if err != nil {
		return nil, nil, err
	}
	total, err := f.result()
	if err != nil {
		return nil, nil, err
	}
	for _, one := range journals {
		for i := range one.lines {
			tally, err := one.tally(i)
			if err != nil {
				return nil, nil, err
			}
			if !total.has(tally) {
				total.Add(tally)
			}
		}
	}
	f.sound = true
	return total, journals, nil
}

// has reports whether any schedule of another tally is in this one: two processes did it.
func (t *Tally) has(o *Tally) bool {
	for _, one := range o.Done {
		if t.Done.Meets(one) {
			return true
		}
	}
	return false
}

// result is the content of result.json.
type result struct {
	Asked Asked  `json:"asked"`
	Tally *Tally `json:"tally"`
}

// result reads result.json. It is the zero tally before the first merge.
func (f *Folder) result() (*Tally, error) {
	file := filepath.Join(f.Path, "result.json")
	text, err := trial.ReadFile(file, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return &Tally{}, nil
	}
	if err != nil {
		return nil, err
	}
	var r result
	err = strictly(string(text), &r)
	if err == nil && r.Tally == nil {
		err = errors.New("expected a tally, found none")
	}
	if err == nil {
		err = errors.Join(r.Asked.Differs(f.Asked), r.Tally.valid())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", trial.ShownName(file), err)
	}
	return r.Tally, nil
}

// Merge writes the sum of everything in the folder to result.json, and removes the journals
// of processes that ended. It returns the sum. Two merges at once are an error of one.
func (f *Folder) Merge() (*Tally, error) {
	alone, err := f.lock("merge")
	if err != nil {
		return nil, err
	}
	defer alone.unlock()
	total, journals, err := f.read()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(result{f.Asked, total}, "", " ")
	if err != nil {
		panic(fmt.Sprintf("a tally of plain values: %v", err))
	}
	if err := trial.WriteWhole(f.Path, "result.json", append(text, '\n')); err != nil {
		return nil, err
	}
	for _, one := range journals {
		if err := f.retire(one.file); err != nil {
			return nil, err
		}
	}
	return total, f.writeFindings(total)
}

// retire removes a journal that is merged, unless the process of its shard still runs.
func (f *Folder) retire(file string) error {
	shard, _, _ := strings.Cut(filepath.Base(file), ".")
	ended, err := tryLock(f.Path, shard)
	if errors.Is(err, errHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer ended.unlock()
	return os.Remove(file)
}
