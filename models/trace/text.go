package trace

import (
	"fmt"
	"strings"
	"unicode"
)

// maxText bounds what a system under test can make a verdict say, in bytes.
const MaxText = 500

// OneLine makes any text fit a line of a schedule file: valid UTF-8 without
// control characters, of bounded length.
func OneLine(s string) string {
	if len(s) > MaxText {
		s = s[:MaxText] + "..."
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.TrimSpace(s)
}

// PanicText says what a system under test panicked with. A value that has no
// text of its own is told by its type: its contents may hold addresses, which
// differ from run to run.
func PanicText(value any) string {
	switch value.(type) {
	case string, error, fmt.Stringer, bool, int, uint, int64, uint64, float64:
		return OneLine(fmt.Sprint(value))
	}
	return fmt.Sprintf("a value of type %T", value)
}
