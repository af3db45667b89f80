package foreign_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"raftcheck/linearizability"
	"raftcheck/linearizability/foreign"
	"raftcheck/linearizability/model"
)

// readAnything reads content, which must be an error with a line, or a history whose
// words the model has, and the same history each time.
func readAnything(t *testing.T, content string, o foreign.Options) {
	read, err := foreign.Read("f", []byte(content), o)
	again, sameErr := foreign.Read("f", []byte(content), o)
	require.Equal(t, read, again)
	require.Equal(t, err, sameErr)
	if err != nil {
		require.Regexp(t, `^f:[0-9]+: expected `, err.Error())
		return
	}
	require.NoError(t, read.History.Validate())
	spec := specOf(t, read)
	for i := range read.History {
		op := &read.History[i]
		require.NotEmpty(t, op.Key)
		_, ok := spec.Step(spec.Init, op.Input, "", false)
		require.True(t, ok, "%s has no %q", read.Model, op.Input)
		require.Equal(t, op.Pending(), op.Output == "", "an answer has a word")
	}
	if len(read.History) > 12 {
		return
	}
	result := linearizability.Check(spec, read.History)
	if why := model.Explain(spec, result.Key, of(read.History, result.Key)); why != "" {
		require.Equal(t, linearizability.NotLinearizable, result.Outcome, why)
	}
}

func of(h linearizability.History, key string) (ops linearizability.History) {
	for _, op := range h {
		if op.Key == key {
			ops = append(ops, op)
		}
	}
	return ops
}

// seeds are the stored histories with an extension.
func seeds(f *testing.F, extension string) {
	paths, err := filepath.Glob(filepath.Join(histories, "*."+extension))
	require.NoError(f, err)
	require.NotEmpty(f, paths)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(content))
	}
}

func FuzzReadEDN(f *testing.F) {
	seeds(f, "edn")
	f.Add(`{:process 0 :type :invoke :f :put :key "a b" :value "nil"}{:process 0 :type :ok :f :put}`)
	f.Add(strings.Repeat("[#{(#_{", 20))
	f.Fuzz(func(t *testing.T, content string) {
		readAnything(t, content, foreign.Options{Format: foreign.EDN, FailedCas: foreign.Never})
	})
}

func FuzzReadLog(f *testing.F) {
	seeds(f, "log")
	f.Fuzz(func(t *testing.T, content string) {
		readAnything(t, content, foreign.Options{Format: foreign.Log, FailedCas: foreign.Answered})
	})
}

func FuzzReadJSON(f *testing.F) {
	seeds(f, "jsonl")
	f.Fuzz(func(t *testing.T, content string) {
		readAnything(t, content, foreign.Options{Format: foreign.JSON})
	})
}

// FuzzRead finds the format by looking.
func FuzzRead(f *testing.F) {
	for _, extension := range []string{"edn", "log", "jsonl"} {
		seeds(f, extension)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if strings.HasPrefix(content, "#") || strings.HasPrefix(content, "model") {
			return // FuzzParseHistory has texts
		}
		readAnything(t, content, foreign.Options{FailedCas: foreign.Never})
	})
}
