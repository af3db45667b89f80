package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"raftcheck/fuzz/trial"
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

// maxNativeBytes is the size of the largest file of a corpus that is read.
const maxNativeBytes = 1 << 24

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
		text, err := trial.ReadFile(file, maxNativeBytes)
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

// Recorder is a source that remembers the choices of another one, so that [Bytes] of
// Choices makes the same schedule.
type Recorder struct {
	Source
	rest []byte
	open bool // the event has a frame
}

// Below draws a number from 0 to n-1.
func (r *Recorder) Below(n int) int {
	v, shift := r.Source.Below(n), 0
	for span := 1; span < n; span <<= 7 {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		next := byte(v>>(shift-7)) &^ mark
		if !r.open {
			next |= mark
		}
		r.rest, r.open = append(r.rest, next), true
	}
	return v
}

// More says whether there is more to draw from.
func (r *Recorder) More() bool {
	r.open = false
	return r.Source.More()
}

// Choices are the choices so far. A last frame keeps the source from ending with them, for
// events that need none.
func (r *Recorder) Choices() []byte { return append(r.rest[:len(r.rest):len(r.rest)], mark) }

// FormatNative writes choices as a file of a corpus of Go's fuzzer.
func FormatNative(choices []byte) []byte {
	return fmt.Appendf(nil, "%s%q%s", nativeHead, choices, nativeEnd)
}

// The text around the quoted choices in a corpus of Go's fuzzer.
const nativeHead, nativeEnd = "go test fuzz v1\n[]byte(", ")\n"

// parseNative reads the one value of an input, in the encoding of Go's fuzzer.
func parseNative(text string) ([]byte, error) {
	quoted, ok := strings.CutPrefix(text, nativeHead)
	quoted, closed := strings.CutSuffix(quoted, nativeEnd)
	choices, err := strconv.Unquote(quoted)
	if !ok || !closed || err != nil {
		return nil, fmt.Errorf("expected %q, a quoted string and %q", nativeHead, nativeEnd)
	}
	return []byte(choices), nil
}
