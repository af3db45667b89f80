package trace

import (
	"fmt"
	"strings"
	"unicode"
)

// maxText is the most bytes of a text that a system under test adds to a verdict.
const maxText = 500

// OneLine makes a text fit one line of a schedule file. The result is valid UTF-8 without
// control characters, at most 500 bytes of the text, and "..." where it was cut.
func OneLine(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "..."
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.TrimSpace(s)
}

// PanicText describes the value of a panic of a system under test on one line. A value
// without a text of its own is described by its type: its contents may be addresses,
// which differ from run to run. A long text is cut before it is copied.
func PanicText(value any) string {
	switch v := value.(type) {
	case string:
		return OneLine(v)
	case error:
		return described(v.Error)
	case fmt.Stringer:
		return described(v.String)
	case bool, int, uint, int64, uint64, float64:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("a value of type %T", value)
}

// described returns a text of the system under test on one line. A panic of the system
// while it describes something is no failure of the harness, and becomes a fixed text.
func described(describe func() string) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = "(panics when it is described)"
		}
	}()
	return OneLine(describe())
}
