package reference

import "fmt"

// assertionFailed reports a bug of this node, or of a peer that runs the same code.
// Callers test the condition themselves, because arguments of a call that is never
// reached cost nothing.
func assertionFailed(format string, args ...any) {
	panic("reference: assertion failed: " + fmt.Sprintf(format, args...))
}
