package linearizability

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func picture(t require.TestingT, h History, notes ...Annotation) string {
	var page bytes.Buffer
	require.NoError(t, WritePicture(&page, register, h, notes))
	return page.String()
}

func TestWritePicture(t *testing.T) {
	tests := map[string]struct {
		h    History
		want []string
	}{
		"explained by the log": {
			history(t, "c1 0..5 x put 1 -> ok @2", "c2 1..6 x put 2 -> ok @1", "c3 7..9 x get -> 1 @3"),
			[]string{
				`"Description":"c3 x get -\u003e 1"`,
				// The log has the second first, though a search may find another order.
				`[{"Index":1,"StateDescription":"2"},{"Index":0,"StateDescription":"1"},` +
					`{"Index":2,"StateDescription":"1"}]`,
			},
		},
		"explained by a search": {
			history(t, "c1 0..5 x put 1 -> ok", "c2 6..7 x get -> 1"),
			[]string{`[{"Index":0,"StateDescription":"1"},{"Index":1,"StateDescription":"1"}]`},
		},
		"not linearizable": {
			history(t, "c1 0..5 x put 1 -> ok", "c2 6..7 x get -> 2"),
			[]string{`"PartialLinearizations":[[{"Index":0,"StateDescription":"1"}]]`},
		},
		"pending": {
			history(t, "c1 0..? x put 1", "c1 1..2 x put 2 -> ok @1", "c2 3..? x get", "c2 4..9 x get -> 2 @2"),
			[]string{
				`"Description":"c1 x put 1 -\u003e ?"`, `"OriginalEnd":"9"`,
				`"Description":"c2 x get -\u003e ?"`, `"ClientId":3`,
				`{"Index":0,"StateDescription":"1"}]`, // never applied: behind everything
			},
		},
		"two keys": {
			history(t, "c1 0..5 y put 1 -> ok @1", "c2 6..7 x get -> 2 @2"),
			[]string{`"PartialLinearizations":[]`, `"PartialLinearizations":[[{"Index":0,"StateDescription":"1"}]]`},
		},
		"given up": {hard(14), []string{`c1 x get -\u003e nowhere`, `StateDescription`}},
		"nothing":  {nil, []string{`"Partitions":[]`}},
		"clients of any number": {
			history(t, "c2000000000 0..1 x put 1 -> ok"), []string{`"ClientId":0`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			page := picture(t, test.h)
			for _, want := range test.want {
				require.Contains(t, page, want)
			}
			require.NotContains(t, page, fmt.Sprint(int64(Pending)))
		})
	}
}

// A search that is given up found partial orders only, and none that has the
// read whose answer comes from nowhere.
// TestNewDrawing_end: pending operations are drawn up to the last return.
func TestNewDrawing_end(t *testing.T) {
	h := history(t, "c1 0..? x put 1", "c2 1..9 x put 2 -> ok", "c3 3..4 x get -> 2")
	require.Equal(t, int64(9), newDrawing(register, h).end)
}

func TestWritePicture_givenUpDrawsWhatWasFound(t *testing.T) {
	page := picture(t, hard(14))
	require.Contains(t, page, `{"Index":1,"StateDescription":`)
	require.NotContains(t, page, `{"Index":0,"StateDescription":`)
}

func TestWritePicture_annotations(t *testing.T) {
	page := picture(t, history(t, "c1 0..5 x put 1 -> ok @1"),
		Annotation{Row: "n1", Start: 2, End: 4, Text: "crash </script>"},
		Annotation{Start: 3, End: 1, Text: "heal"})
	require.Contains(t, page, `"Tag":"n1"`)
	require.Contains(t, page, `"Tag":"notes"`)
	require.Contains(t, page, `crash \u003c/script\u003e`)
	require.Contains(t, page, `"Description":"heal"`)
}

// The same history is the same page, byte for byte.
func TestWritePicture_isStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := played(t, 12, "x", "y")
		if len(h) == 0 {
			return
		}
		h = mutated(t, h)
		if h.Validate() != nil {
			return
		}
		page := picture(t, h)
		for range 3 {
			require.True(t, page == picture(t, h))
		}
	})
}

// Porcupine returns two longest partial orders of one length in any order.
func TestWritePicture_isStableWithTies(t *testing.T) {
	h := history(t, "c1 0..9 x put 1 -> ok", "c2 0..9 x put 2 -> ok", "c3 0..9 x put 3 -> ok",
		"c4 10..11 x get -> 1", "c5 10..11 x get -> 2", "c6 10..11 x get -> 3")
	page := picture(t, h)
	require.Greater(t, strings.Count(page, `"StateDescription":"3"`), 1)
	for range 50 {
		require.True(t, page == picture(t, h))
	}
}

func TestWritePicture_large(t *testing.T) {
	h := answered(maxDrawnOperations)
	require.Less(t, len(picture(t, h)), 16<<20)

	for i := range h {
		h[i].Position = 0
	}
	h[len(h)/2].Output = "nowhere"
	require.Less(t, len(picture(t, h)), 16<<20)

	require.ErrorContains(t, WritePicture(nil, register, append(h, h[0]), nil),
		"one operation of a client at a time")
	require.ErrorContains(t, WritePicture(nil, register, answered(maxDrawnOperations+1), nil),
		"expected at most 10000 operations, found 10001")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWritePicture_writerFails(t *testing.T) {
	require.ErrorContains(t, WritePicture(broken{}, register, nil, nil),
		"picture of a history: the disk is full")
}
