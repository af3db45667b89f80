package trace

import (
	"errors"
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
	}
	for _, test := range tests {
		if got := PanicText(test.value); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
