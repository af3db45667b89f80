package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// NativeInput is what Go's fuzzer hands to FuzzSchedule: choices, a byte each, the
// first of them the profile.
type NativeInput struct {
	Name    string
	Choices []byte
}

// NativeSeeds are random choices for each profile of Swarm, which FuzzSchedule
// starts from beside its corpus.
func NativeSeeds() []NativeInput {
	var inputs []NativeInput
	for i := range Swarm.Of {
		prng := NewPRNG(uint64(i))
		choices := make([]byte, 64<<(i/3))
		for i := range choices {
			choices[i] = byte(prng.Below(256))
		}
		choices[0] = byte(i)
		inputs = append(inputs, NativeInput{fmt.Sprintf("seed#%d", i), choices})
	}
	return inputs
}

// NativeCorpus is the folder of FuzzSchedule's corpus, from the root of the module.
const NativeCorpus = "fuzz/testdata/fuzz/FuzzSchedule"

// ReadNative returns the inputs of a corpus of Go's fuzzer, in the order of their
// names; each is one []byte.
func ReadNative(folder string) ([]NativeInput, error) {
	files, err := os.ReadDir(folder) // sorted
	if err != nil {
		return nil, err
	}
	var inputs []NativeInput
	for _, f := range files {
		file := filepath.Join(folder, f.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		choices, err := parseNative(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		inputs = append(inputs, NativeInput{f.Name(), choices})
	}
	return inputs, nil
}

// parseNative reads the one value of an input, in the encoding of Go's fuzzer.
func parseNative(text string) ([]byte, error) {
	const before, after = "go test fuzz v1\n[]byte(", ")\n"
	quoted, ok := strings.CutPrefix(text, before)
	quoted, closed := strings.CutSuffix(quoted, after)
	choices, err := strconv.Unquote(quoted)
	if !ok || !closed || err != nil {
		return nil, fmt.Errorf("expected %q, a quoted string and %q", before, after)
	}
	return []byte(choices), nil
}
