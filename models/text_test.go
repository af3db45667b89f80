package models

import (
	"errors"
	"strings"
	"testing"

	"raftcheck/models/trace"
)

func TestOneLine(t *testing.T) {
	tests := map[string]string{
		"as it is: é → 7":                        "as it is: é → 7",
		"first\nsecond\r\n":                      "first second",
		"\x00\x1b[2J\ttab":                       "[2J tab",
		"half a rune \xc3":                       "half a rune ?",
		strings.Repeat("x", 10_000):              strings.Repeat("x", trace.MaxText) + "...",
		strings.Repeat("é", 10_000):              strings.Repeat("é", trace.MaxText/2) + "...",
		"x" + strings.Repeat("é", trace.MaxText): "x" + strings.Repeat("é", trace.MaxText/2-1) + "?...",
	}
	for text, want := range tests {
		if got := trace.OneLine(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestPanicText: what differs from run to run is not told.
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
		if got := trace.PanicText(test.value); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestMonitor_nodeThatOnceHidItsState is not checked, whatever it shows later.
func TestMonitor_nodeThatOnceHidItsState(t *testing.T) {
	tape := newTape(2)
	tape.nodes[1].hidden = true
	tape.crash(1, 0)
	tape.boot(1)
	tape.crash(1, 0)
	tape.nodes[1].hidden = false
	tape.boot(1)
	for _, v := range judge(tape, Checkers()...) {
		if v.Property == "Durability" && v.Outcome != NotChecked {
			t.Errorf("got %v", v)
		}
	}
}
