package foreign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestValue_word: values that differ have words that differ, and no word has a space.
func TestValue_word(t *testing.T) {
	words := map[string]string{}
	for text, want := range map[string]string{
		`nil`: `nil`, `"nil"`: `"nil"`, `:nil`: `:nil`, `true`: `true`, `"true"`: `"true"`, `nill`: `'"nill"`,
		`7`: `7`, `"7"`: `"7"`, `-7`: `-7`, `7.0`: `7.0`, `7/2`: `7/2`, `1e3`: `1000.0`,
		`12345678901234567890`: `12345678901234567890`, `"a b"`: `"a␣b"`,
		`"a␣b"`: `"a\u2423b"`, `"a\nb"`: `"a\nb"`, `"\u0041"`: `"A"`, `"é"`: `"é"`,
		`[1 2]`: `[1,2]`, `["1,2"]`: `["1,2"]`, `[[1] 2]`: `[[1],2]`, `#{2 1}`: `{1,2}`, `#{[1 2]}`: `{[1,2]}`,
		`{:b 2, :a 1}`: `map[[:a,1],[:b,2]]`, `\space`: `'"\\space"`, `\(`: `'"\\("`, `##NaN`: `'"NaN"`,
	} {
		e := &edn{name: "f", text: text, line: 1}
		v, err := e.value()
		require.NoError(t, err, text)
		require.Zero(t, e.peek(), text)
		require.Equal(t, want, v.word(), text)
		require.NotContains(t, v.word(), " ")
		require.Empty(t, words[v.word()])
		words[v.word()] = text
	}
}

// TestValue_sameWord: a value has one word, however it is written.
func TestValue_sameWord(t *testing.T) {
	for text, want := range map[string]string{
		`+7`: `7`, `007`: `7`, `7N`: `7`, `-0`: `0`, `7.50M`: `7.5`, `(1, 2)`: `[1,2]`,
		`#t/x [1 ;c` + "\n" + `2]`: `[1,2]`, `#_ 3 4`: `4`,
		`#_ #_ 1 2 3`: `3`, `[1 #_2]`: `[1]`, `#{1 1}`: `{1}`, `#inst "2031"`: `"2031"`,
	} {
		e := &edn{name: "f", text: text, line: 1}
		v, err := e.value()
		require.NoError(t, err, text)
		require.Equal(t, want, v.word(), text)
	}
}

func TestValue_keyWord(t *testing.T) {
	for text, want := range map[string]string{
		`"x"`: `x`, `"x-1.b"`: `x-1.b`, `"5"`: `"5"`, `5`: `5`, `"nil"`: `"nil"`, `""`: `""`, `:x`: `:x`,
	} {
		e := &edn{name: "f", text: text, line: 1}
		v, err := e.value()
		require.NoError(t, err)
		require.Equal(t, want, v.keyWord())
	}
}

// TestRecording_tooManyOperations: memory is bounded by a count.
func TestRecording_tooManyOperations(t *testing.T) {
	r := recording{name: "f", calls: make([]call, maxOperations)}
	require.EqualError(t, r.call(call{line: 9}), "f:9: expected at most 1000000 operations, found another")
}
