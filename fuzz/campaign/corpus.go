package campaign

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
)

// WriteCorpus writes, for each goal, the choices that make the rarest schedule that reached
// it, where it is not there yet. The folder is a corpus of the target FuzzSchedule, whose
// choices are those of the profile swarm; of other profiles there is none.
//
// The function choices returns those of a numbered schedule ([Choices]), or nil.
func (f *Folder) WriteCorpus(t *Tally, choices func(number int) []byte) error {
	if f.Asked.Profile != generate.Swarm.Name {
		return nil
	}
	alone, err := f.lock("merge")
	if err != nil {
		return err
	}
	defer alone.unlock()
	folder := filepath.Join(f.Path, "corpus", "FuzzSchedule")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	made := map[int][]byte{} // most goals have a rarest schedule that others have too
	for name, reached := range t.Goals {
		goal := notOfNames().ReplaceAllString(name, "-") // any text that a journal names
		file := filepath.Join(folder, fmt.Sprintf("%s-%d", goal, reached.Rarest))
		if _, err := os.Stat(file); err == nil {
			continue
		}
		older, err := filepath.Glob(filepath.Join(escaped(folder), goal+"-[0-9]*"))
		if err != nil {
			return err
		}
		text, known := made[reached.Rarest]
		if !known {
			if recorded := choices(reached.Rarest); recorded != nil {
				text = generate.FormatNative(recorded)
			}
			made[reached.Rarest] = text
		}
		if text == nil {
			continue
		}
		if err := trial.WriteWhole(folder, filepath.Base(file), text); err != nil {
			return err
		}
		for _, file := range older { // the part that a killed process left may be the new file by now
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Choices returns the choices of a numbered schedule of the profile swarm.
func Choices(runner *trial.Runner, seed uint64, number int) []byte {
	r := &generate.Recorder{Source: generate.Numbered(seed, number)}
	generate.Schedule(runner, generate.Swarm, r)
	return bytes.Clone(r.Choices())
}
