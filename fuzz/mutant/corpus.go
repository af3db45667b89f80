package mutant

import (
	"path/filepath"

	"raftcheck/fuzz/trial"
)

// Read returns the mutants in a folder, in the order of their names. The error is of a
// file that cannot be read or parsed.
func Read(folder string) ([]*Mutant, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.txt")) // sorted
	if err != nil {
		return nil, err
	}
	var mutants []*Mutant
	for _, file := range files {
		text, err := trial.ReadFile(file, MaxFileBytes)
		if err != nil {
			return nil, err
		}
		m, err := Parse(filepath.ToSlash(file), text)
		if err != nil {
			return nil, err
		}
		mutants = append(mutants, m)
	}
	return mutants, nil
}
