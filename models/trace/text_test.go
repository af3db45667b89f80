package trace

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	tests := map[string]string{
		"as it is: é → 7":                  "as it is: é → 7",
		"first\nsecond\r\n":                "first second",
		"\x00\x1b[2J\ttab":                 "[2J tab",
		"half a rune \xc3":                 "half a rune ?",
		strings.Repeat("x", 10_000):        strings.Repeat("x", maxText) + "...",
		strings.Repeat("é", 10_000):        strings.Repeat("é", maxText/2) + "...",
		"x" + strings.Repeat("é", maxText): "x" + strings.Repeat("é", maxText/2-1) + "?...",
	}
	for text, want := range tests {
		if got := OneLine(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestPanicText: a description of a panic has nothing that differs from run to run.
func TestPanicText(t *testing.T) {
	x := 7
	tests := []struct {
		value any
		want  string
	}{
		{"index\nout", "index out"},
		{errors.New("broken"), "broken"},
		{x, "7"},
		{&x, "a value of type *int"},
		{struct{ p *int }{&x}, "a value of type struct { p *int }"},
		{[]byte("b"), "a value of type []uint8"},
		{silent{}, "(panics when it is described)"},
	}
	for _, test := range tests {
		if got := PanicText(test.value); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// silent is an error that panics instead of a text.
type silent struct{}

func (silent) Error() string { panic("no text") }

// TestPanicText_longTextIsNotCopied: a campaign may meet a text of megabytes in each of
// thousands of runs.
func TestPanicText_longTextIsNotCopied(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for _, value := range []any{long, errors.New(long)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := PanicText(value)
		runtime.ReadMemStats(&after)
		if len(got) != maxText+len("...") || after.TotalAlloc-before.TotalAlloc > 1<<20 {
			t.Errorf("%T: %d bytes of text, %d bytes allocated", value, len(got), after.TotalAlloc-before.TotalAlloc)
		}
	}
}
