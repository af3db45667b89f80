package trial

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// maxFrames is the most frames of a stack that are looked at, and maxShown of a node's
// code that are shown: a recursion without end has more.
const (
	maxFrames = 256
	maxShown  = 32
)

// nodeStack appends the stack of a node's code while a panic in it unwinds: a frame a
// line, the innermost first. It leaves out the frames of package runtime and those of the
// harness, and has no address, so that the same panic always has the same stack.
func nodeStack(b []byte) []byte {
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	inside, shown := false, 0
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			inside = true
		case !inside || strings.HasPrefix(f.Function, "runtime."):
		case strings.HasPrefix(f.Function, "raftcheck/faults."):
			return b
		case shown == maxShown:
			return append(b, "    ...\n"...)
		default:
			b = fmt.Appendf(b, "    at %s, %s:%d\n", f.Function, path.Base(f.File), f.Line)
			shown++
		}
	}
	return b
}
